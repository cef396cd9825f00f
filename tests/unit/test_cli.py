"""The command line within one process: help, usage, settings and what is said of a number."""

import os
from pathlib import Path

import pytest

from bridge.cli import main
from tests.unit.settings_texts import GOOD, SECRETS

CONFIG = Path(__file__).parents[2] / "config"
EXAMPLE = os.fspath(CONFIG / "bridge.example.toml")
DEMO = os.fspath(CONFIG / "demo.toml")


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


def exit_code(arguments: list[str]) -> object:
    with pytest.raises(SystemExit) as exited:
        main(arguments)
    return exited.value.code


def test_help_names_every_command_the_exit_codes_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--help"]) == 0
    out = capsys.readouterr().out
    for word in "run demo simulate check explain calls agents drain examples: LIVEVOX_TOKEN".split() + ["exit codes:"]:
        assert word in out


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["run"], "SIGTERM"),
        (["demo"], "simulated LiveVox"),
        (["simulate"], "simulate engine"),
        (["simulate", "livevox"], "--agents"),
        (["simulate", "engine"], "--script"),
        (["check"], "--live"),
        (["explain"], "NUMBER"),
        (["calls"], "--json"),
        (["agents"], "agents resume 8990000001"),
        (["drain"], "--hurry"),
    ],
)
def test_every_command_has_a_help_of_its_own(
    capsys: pytest.CaptureFixture[str], arguments: list[str], word: str
) -> None:
    assert exit_code([*arguments, "--help"]) == 0
    assert word in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["simulate"], ["serve"], ["explain"], ["check", "--lively"]])
def test_a_command_line_that_cannot_be_understood_exits_with_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert exit_code(arguments) == 2
    assert "error: " in capsys.readouterr().err


@pytest.mark.usefixtures("secrets")
def test_check_of_good_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", EXAMPLE]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{EXAMPLE} is good: 2 agents, 5 engines, 5 outcomes, 1 targets\n"
    assert captured.err == ""


@pytest.mark.usefixtures("secrets")
def test_check_names_every_mistake_on_a_line_of_stderr(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text(GOOD.replace("client_name", "client_nam"), encoding="utf-8")
    assert main(["check", "--config", os.fspath(path)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        f"livevox-bridge: {path}:4: livevox.client_name: is required; add it: The client name LiveVox gave you.",
        f'livevox-bridge: {path}:5: livevox.client_nam: is not a setting; did you mean "client_name"?',
    ]


def test_check_names_a_journal_that_cannot_be_kept(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "bridge.toml"
    path.write_text(Path(DEMO).read_text(encoding="utf-8") + '\n[journal]\npath = "/dev/null/journal.db"\n')
    assert main(["check", "--config", os.fspath(path)]) == 1
    assert "/dev/null/journal.db cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["check"], ["run"], ["explain", "8990000001"]])
def test_a_settings_file_that_is_not_there_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main([*arguments, "--config", "no/such/file.toml"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "livevox-bridge: no/such/file.toml: cannot be read: No such file or directory; name a file with --config; "
        "config/bridge.example.toml is one\n"
    )


@pytest.mark.usefixtures("no_secrets")
def test_explain_needs_no_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "+18990000001", "--config", EXAMPLE]) == 0
    assert capsys.readouterr().out.startswith("8990000001 is the agent AI_Voice_1 in service 46014.\n")


def test_explain_exits_with_1_for_a_number_that_is_not_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "2134634007", "--config", DEMO]) == 1
    assert capsys.readouterr().out == "Refused with 404, not ours: not an 899 number.\n"
