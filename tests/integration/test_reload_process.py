"""Other settings for a bridge in a process of its own: by signal, and by the command line."""

import asyncio
import signal
from pathlib import Path

import pytest

from bridge.cli import main
from tests.integration.crash_world import CrashWorld

pytestmark = pytest.mark.pjsua2

OUTCOME = '[outcomes.sorry]\nterm_code = "Wrong Party"\n'


async def test_sighup_has_the_settings_read_again_and_says_what_is_wrong_with_them(tmp_path: Path) -> None:
    async with CrashWorld(tmp_path, "wait") as world:
        await world.start()
        await world.until(lambda: world.state == "READY")
        config = tmp_path / "bridge.toml"
        good = config.read_text()
        config.write_text(good + OUTCOME)
        world.signal(signal.SIGHUP)
        await world.until(lambda: world.logged("settings_reloaded") != [])
        (line,) = world.logged("settings_reloaded")
        assert (line["by"], line["generation"], line["changes"], line["outcomes_added"]) == ("SIGHUP", 2, 1, 1)
        config.write_text(good.replace("[outcomes.promised]", "[outcomes.Promised]"))
        world.signal(signal.SIGHUP)
        await world.until(lambda: world.logged("settings_not_reloaded") != [])
        (line,) = world.logged("settings_not_reloaded")
        assert line["code"] == "invalid_settings" and len(line["problems"]) == 1
        await world.until(lambda: world.asked("SELECT who, did FROM audit") == [("SIGHUP", "reload")] * 2)
        assert world.requests("login") == 1
        assert await world.terminate() == 0


async def test_the_command_line_shows_what_a_reload_would_do_does_it_and_names_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BRIDGE_ADMIN_TOKEN", "simulated")

    async def command(*arguments: str) -> tuple[int, str, str]:
        code = await asyncio.to_thread(main, arguments)
        return code, *capsys.readouterr()

    async with CrashWorld(tmp_path, "wait") as world:
        await world.start()
        await world.until(lambda: world.state == "READY")
        config, old = tmp_path / "bridge.toml", tmp_path / "old.toml"
        good = config.read_text()
        old.write_text(good)
        config.write_text(good + OUTCOME)
        code, out, _ = await command("check", "--config", str(config), "--diff")
        assert code == 0 and "  outcomes.sorry: new\n" in out and "settings number 1" in out
        code, out, _ = await command("check", "--config", str(config), "--diff", str(old))
        assert code == 0 and out.endswith(f"A reload after {old} would change:\n  outcomes.sorry: new\n")
        code, out, _ = await command("reload", "--config", str(config))
        assert (code, out) == (0, "Reloaded; these are settings number 2.\n  outcomes.sorry: new\n")
        config.write_text(good.replace("max_calls = 20", "max_calls = -1"))
        code, out, err = await command("reload", "--config", str(old))
        assert (code, out) == (1, "") and "422 invalid_settings" in err and "sip.max_calls" in err
        assert await world.terminate() == 0
