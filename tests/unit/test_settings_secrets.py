"""Secrets from the environment and from files."""

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from bridge.settings.secrets import Secrets

USE = "the API token LiveVox gave you"


def secret(environ: dict[str, str], fallback: SecretStr | None = None) -> tuple[str, list[str]]:
    secrets = Secrets(environ)
    value = secrets.secret("LIVEVOX_TOKEN", USE, fallback).get_secret_value()
    return value, [str(problem) for problem in secrets.problems]


def test_a_secret_comes_from_its_variable() -> None:
    assert secret({"LIVEVOX_TOKEN": "hunter2"}) == ("hunter2", [])


def test_a_secret_comes_from_the_file_its_variable_names_without_the_line_end(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2\n", encoding="utf-8")
    assert secret({"LIVEVOX_TOKEN_FILE": str(tmp_path / "token")}) == ("hunter2", [])


def test_what_is_not_there_falls_back_where_that_is_allowed() -> None:
    assert secret({}, SecretStr("simulated")) == ("simulated", [])
    assert secret({"LIVEVOX_TOKEN": "hunter2"}, SecretStr("simulated")) == ("hunter2", [])


def test_what_is_not_there_is_missed_once() -> None:
    secrets = Secrets({})
    secrets.secret("LIVEVOX_TOKEN", USE)
    secrets.secret("LIVEVOX_TOKEN", USE)
    assert [str(problem) for problem in secrets.problems] == [
        f"environment: LIVEVOX_TOKEN: is not set; set it to {USE}, or LIVEVOX_TOKEN_FILE to a file that holds it"
    ]


def test_what_one_use_may_do_without_another_may_need() -> None:
    secrets = Secrets({})
    assert secrets.secret("BOT_KEY", "a key", SecretStr("simulated")).get_secret_value() == "simulated"
    assert secrets.secret("BOT_KEY", "a key").get_secret_value() == ""
    assert [problem.key for problem in secrets.problems] == ["BOT_KEY"]


@pytest.mark.parametrize("value", ["hunter2\r\nX: 1", "hünter2"])
def test_a_secret_that_cannot_stand_in_a_header(value: str) -> None:
    secrets = Secrets({"LIVEVOX_TOKEN": value})
    assert secrets.header("LIVEVOX_TOKEN", USE).get_secret_value() == ""
    assert [str(problem) for problem in secrets.problems] == [
        f"environment: LIVEVOX_TOKEN: has characters that cannot stand in an HTTP header; set it to {USE}"
    ]


def test_a_secret_in_both_places() -> None:
    _, problems = secret({"LIVEVOX_TOKEN": "hunter2", "LIVEVOX_TOKEN_FILE": "/run/token"})
    assert problems == ["environment: LIVEVOX_TOKEN: is set, and LIVEVOX_TOKEN_FILE too; unset one of them"]


def test_an_empty_variable() -> None:
    assert secret({"LIVEVOX_TOKEN": ""}) == ("", [f"environment: LIVEVOX_TOKEN: is empty; set it to {USE}"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory; name a file this user may read"),
        (b" \n", "is empty; write the secret into it"),
        (b"\xff", "is not UTF-8 text; write the secret as one line of text"),
    ],
)
def test_a_file_that_holds_no_secret(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    value, problems = secret({"LIVEVOX_TOKEN_FILE": os.fspath(path)})
    assert (value, problems) == ("", [f"environment: LIVEVOX_TOKEN_FILE: {path} {said}"])
