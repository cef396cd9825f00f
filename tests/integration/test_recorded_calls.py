"""Recorded calls of a whole bridge: paused and played by HTTP, and whole after a crash."""

import sqlite3
import stat
from base64 import b64encode
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bridge.simulator.customer_call import CustomerCall
from tests.integration.bridge_world import TOKEN, BridgeWorld
from tests.integration.crash_world import CrashWorld
from tests.integration.scrape import scrape
from tests.recorded import read_recording

pytestmark = pytest.mark.pjsua2

RECORDED = "[recording]\nenabled = true\n"


async def order(world: BridgeWorld, call: str, state: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with ClientSession(world.admin_url) as client:
        async with client.post(f"/v1/calls/{call}/recording", json={"state": state}, headers=headers) as answer:
            return answer.status, await answer.json()


def shown(password: str) -> dict[str, str]:
    """Basic auth."""
    return {"Authorization": "Basic " + b64encode(f":{password}".encode()).decode()}


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_a_call_is_recorded_paused_resumed_and_played() -> None:
    async with BridgeWorld(["finish:completed"], speak_s=1.5, more=RECORDED) as world:
        folder = Path(world.service.settings.recording.folder)
        call_id = world.place(CustomerCall(agent="8990000001"))
        call = (await world.seen("audio_started")).call
        assert await order(world, call, "paused") == (200, {"call": call, "recording": "paused"})
        live = world.service.controller.call(call)
        assert live is not None and live.view().recording == "paused"
        seen = await scrape(world.admin_url)
        assert (seen.value("recordings_active", state="paused"), seen.sum("recordings_active")) == (1, 1)
        assert seen.value("recordings_disk_free_bytes") > 0
        assert await order(world, call, "recording") == (200, {"call": call, "recording": "recording"})
        assert (await order(world, call, "off"))[0] == 400
        await world.over(call_id)
        assert (await order(world, call, "paused"))[0] == 404
        await world.until(lambda: [path.suffix for path in files(folder)] == [".wav"])
        (path,) = files(folder)
        assert path.name.endswith(f"_8990000001_{call}.wav")
        assert world.livevox.platform.call(call_id).caller_number not in str(path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        recorded = read_recording(path)
        assert recorded.seconds > 1.0
        assert set(recorded.customer) != {0xFF} and set(recorded.bot) != {0xFF}
        whats = [what for what in world.whats() if what.startswith("recording")]
        assert whats == ["recording_started", "recording_paused", "recording_resumed"]
        assert world.whats().index("recording_started") < world.whats().index("answered")
        await played(world, call, path.read_bytes())


async def played(world: BridgeWorld, call: str, data: bytes) -> None:
    """As a browser's player fetches it: with basic auth, in ranges."""
    async with ClientSession(world.admin_url, headers=shown(TOKEN)) as client:
        path = f"/v1/calls/{call}/recording"
        async with client.get(path) as answer:
            assert (answer.status, answer.content_type, await answer.read()) == (200, "audio/wav", data)
        async with client.get(path, headers={"Range": "bytes=58-99"}) as answer:
            assert (answer.status, await answer.read()) == (206, data[58:100])
            assert answer.headers["Content-Range"] == f"bytes 58-99/{len(data)}"
        async with client.get(path, headers={"Range": f"bytes={len(data)}-"}) as answer:
            assert answer.status == 416
        async with client.get("/v1/calls/0123456789abcdef0123/recording") as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (404, "no_recording")
        async with client.get(path, headers=shown("wrong")) as answer:
            assert answer.status == 401
    await world.service.journal.on_disk("")
    with closing(sqlite3.connect(world.service.settings.journal.path)) as database:
        acted = database.execute("SELECT did, about FROM audit ORDER BY id").fetchall()
    # Both tokens are the same here: it counts as the operators'.
    assert acted == [("pause_recording", call), ("resume_recording", call), ("play_recording", call)]


def days_are_files(folder: Path) -> None:
    """The folders of today and tomorrow cannot be made."""
    folder.mkdir(parents=True, exist_ok=True)
    today = datetime.now(UTC)
    for day in (today, today + timedelta(days=1)):
        (folder / f"{day:%Y-%m-%d}").touch()


async def test_a_recording_that_the_disk_ends_is_counted_and_the_call_goes_on() -> None:
    async with BridgeWorld(["finish:completed"], speak_s=1.5, more=RECORDED) as world:
        days_are_files(Path(world.service.settings.recording.folder))
        await world.call(CustomerCall(agent="8990000001"))
        assert "recording_stopped" in world.whats()
        seen = await scrape(world.admin_url)
        assert seen.value("recordings_stopped_total", reason="disk_failed") == 1
        assert seen.sum("recordings_active") == 0
        assert len(world.livevox.ledger.dispositions()) == 1


async def test_nothing_is_recorded_unless_the_settings_say_so() -> None:
    async with BridgeWorld(["finish:completed"]) as world:
        call_id = world.place(CustomerCall(agent="8990000001"))
        call = (await world.seen("audio_started")).call
        assert await order(world, call, "paused") == (200, {"call": call, "recording": "off"})
        status, body = await order(world, call, "recording")
        assert (status, body["error"]["code"]) == (409, "not_recorded")
        await world.over(call_id)
        assert files(Path(world.service.settings.recording.folder)) == []


class RecordedCrash(CrashWorld):
    """A world in which calls are recorded."""

    def _settings(self) -> str:
        return f"{super()._settings()}\n{RECORDED}"


@pytest.mark.long
async def test_the_recording_of_a_call_that_the_bridge_died_with_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    async with RecordedCrash(tmp_path, "wait") as world:
        await world.start()
        await world.call()
        await world.until(lambda: any(read_recording(path).seconds > 1.0 for path in files(folder)))
        await world.kill()
        (path,) = files(folder)
        left, is_part = read_recording(path), path.suffix == ".part"  # its writer may have had the time to complete it
        await world.start()
        await world.until(lambda: [path.suffix for path in files(folder)] == [".wav"])
        recorded = read_recording(files(folder)[0])
        assert recorded.customer.startswith(left.customer)
        assert recorded.bot.startswith(left.bot)
        assert set(recorded.customer) != {0xFF}
        await world.until(lambda: len(world.logged("recordings_completed")) == is_part)
