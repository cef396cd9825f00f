"""Settings that are read again: all of them, or none and the reason why."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bridge.draining import Draining
from bridge.errors import ReloadRefused
from bridge.reload.reloader import Reloader
from bridge.reload.result import Result
from bridge.reload.words import sentence
from bridge.settings import Settings, load
from tests.unit.settings_texts import GOOD, SECRETS, with_line


class Bridge:
    """What goes by settings, and may be told of others."""

    def __init__(self, folder: Path, environ: dict[str, str] | None = None) -> None:
        self.path = folder / "bridge.toml"
        self.path.write_text(GOOD)
        self.environ = environ or SECRETS
        self.settings = load(self.path, self.environ)
        self.draining = Draining()
        self.audit: list[tuple[str, str]] = []
        self.while_reading: Callable[[], None] = lambda: None
        self.while_changing: Exception | None = None
        self.reloader = Reloader(
            lambda: self.settings,
            self._read,
            self._change,
            self.draining,
            lambda who, what: self.audit.append((who, what)),
        )
        self.reloader.start()

    def _read(self) -> Settings:
        self.while_reading()
        return load(self.path, self.environ)

    def _change(self, settings: Settings) -> None:
        if self.while_changing is not None:
            raise self.while_changing
        self.settings = settings


@pytest.fixture
def bridge(tmp_path: Path) -> Bridge:
    return Bridge(tmp_path)


async def test_what_has_changed_is_told_logged_and_audited(bridge: Bridge) -> None:
    bridge.path.write_text(with_line("[livevox]", "login_per_s = 9"))
    with capture_logs() as logs:
        (change,) = await bridge.reloader.reload("somebody")
    words = "livevox.login_per_s: 2.0 → 9.0"
    assert sentence(change) in (words, "livevox.login_per_s: 2 → 9.0")
    assert bridge.settings.livevox.login_per_s == 9 and bridge.audit == [("somebody", sentence(change))]
    assert bridge.reloader.standing.generation == 2
    reloaded, changed = logs
    assert (reloaded["event"], reloaded["livevox_changed"]) == ("settings_reloaded", 1)
    assert (changed["event"], changed["what"]) == ("setting_changed", sentence(change))


async def test_a_file_that_says_the_same_changes_nothing(bridge: Bridge) -> None:
    before = bridge.settings
    bridge.path.write_text("# a word\n" + GOOD)
    assert await bridge.reloader.reload("somebody") == ()
    assert bridge.settings is before and bridge.reloader.standing.generation == 1
    assert bridge.audit == [("somebody", "nothing had changed")]


async def test_secrets_that_stand_in_files_are_read_again(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("one")
    bridge = Bridge(tmp_path, {"LIVEVOX_TOKEN": "a token", "LIVEVOX_PASSWORD_FILE": str(secret)})
    secret.write_text("two")
    (change,) = await bridge.reloader.look()
    assert sentence(change) == "agent 8990000001: password changed: for its next log-in"
    await bridge.reloader.reload("somebody")
    assert bridge.settings.agents[0].password.get_secret_value() == "two"
    assert "two" not in str(bridge.audit)


@pytest.mark.parametrize(
    ("text", "code", "problem"),
    [
        (GOOD.replace("[media]", "[medium]"), "invalid_settings", "medium"),
        (GOOD.replace("5070", "5071"), "restart_needed", "sip.listen"),
        (GOOD.replace("5070", "5071") + "[outcomes.more]\n" + 'term_code = "M"\n', "restart_needed", "sip.listen"),
    ],
)
async def test_what_cannot_be_taken_over_changes_nothing_and_is_named(
    bridge: Bridge, text: str, code: str, problem: str
) -> None:
    before = bridge.settings
    bridge.path.write_text(text)
    with capture_logs() as logs, pytest.raises(ReloadRefused) as raised:
        await bridge.reloader.reload("somebody")
    assert raised.value.code == code and problem in " ".join(raised.value.problems)
    assert len(raised.value.problems) == 1
    assert bridge.settings is before and bridge.reloader.standing.generation == 1
    missed = bridge.reloader.missed
    assert missed is not None and (missed.result, missed.problems) == (Result.REFUSED, 1)
    assert problem not in missed.reason
    assert bridge.audit[0][1].startswith(f"{code}: ")
    assert [(line["event"], line["code"]) for line in logs] == [("settings_not_reloaded", code)]


async def test_what_came_of_reloads_is_counted_and_a_good_one_makes_up_for_a_refused_one(bridge: Bridge) -> None:
    bridge.path.write_text("[nothing]")
    for _ in range(2):
        with pytest.raises(ReloadRefused):
            await bridge.reloader.reload("somebody")
    assert bridge.reloader.missed is not None
    bridge.path.write_text(GOOD)
    await bridge.reloader.reload("somebody")
    assert bridge.reloader.missed is None
    bridge.path.write_text(with_line("[livevox]", "login_per_s = 9"))
    await bridge.reloader.reload("somebody")
    with pytest.raises(ReloadRefused):
        bridge.path.unlink()
        await bridge.reloader.look()
    assert bridge.reloader.results == {Result.REFUSED: 2, Result.UNCHANGED: 1, Result.CHANGED: 1}
    assert bridge.reloader.missed is None, "who only looks changes nothing"


class Broken(Exception):
    """A fault of the bridge itself."""


async def test_a_reload_that_breaks_off_is_remembered_as_one_that_may_hold_in_part(bridge: Bridge) -> None:
    bridge.while_changing = Broken()
    bridge.path.write_text(with_line("[livevox]", "login_per_s = 9"))
    with pytest.raises(Broken):
        await bridge.reloader.reload("somebody")
    assert bridge.reloader.results == {Result.FAILED: 1} and bridge.reloader.standing.generation == 1
    missed = bridge.reloader.missed
    assert missed is not None and missed.result is Result.FAILED
    bridge.while_changing = None
    await bridge.reloader.reload("somebody")
    assert bridge.reloader.missed is None


async def test_a_file_that_is_gone_changes_nothing(bridge: Bridge) -> None:
    bridge.path.unlink()
    with pytest.raises(ReloadRefused, match="cannot be read"):
        await bridge.reloader.reload("somebody")


async def test_a_drain_that_begins_while_the_file_is_read_refuses_the_reload(bridge: Bridge) -> None:
    bridge.path.write_text(with_line("[livevox]", "login_per_s = 9"))
    bridge.while_reading = lambda: bridge.draining.ask("somebody else")
    with pytest.raises(ReloadRefused) as raised:
        await bridge.reloader.reload("somebody")
    assert raised.value.code == "draining" and bridge.settings.livevox.login_per_s == 2


async def test_a_reload_that_is_wanted_before_the_start_is_done_after_it(tmp_path: Path) -> None:
    bridge = Bridge(tmp_path)
    bridge.reloader = Reloader(
        lambda: bridge.settings, bridge._read, bridge._change, bridge.draining, lambda who, what: None
    )
    bridge.path.write_text(with_line("[livevox]", "login_per_s = 9"))
    bridge.reloader.reload_soon("SIGHUP")
    await asyncio.sleep(0.05)
    assert bridge.settings.livevox.login_per_s == 2
    bridge.reloader.start()
    async with asyncio.timeout(10):
        while bridge.settings.livevox.login_per_s == 2:  # noqa: ASYNC110  # nobody else knows
            await asyncio.sleep(0.01)
    bridge.reloader.reload_soon("SIGHUP")
    await bridge.reloader.stop()
