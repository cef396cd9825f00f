"""Settings to test with: a text that is good, and what is wrong with one that is not."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bridge.errors import InvalidSettings
from bridge.settings import Settings, load

SECRETS = {"LIVEVOX_TOKEN": "a token", "LIVEVOX_PASSWORD": "a password"}

GOOD = """\
[sip]
listen = "127.0.0.1:5070"
[media]
[livevox]
client_name = "Acme"
service_id = "46014"
[livevox.hours]
timezone = "UTC"
monday = ["08:00-20:00"]
[[agents]]
number = "8990000001"
user_name = "VA0001"
[agent_defaults]
engines = ["bot"]
[engines.bot]
kind = "sip"
uri = "sip:bot@127.0.0.1:5092"
[outcomes.default]
term_code = "Completed"
[targets.collections]
contacts = ["Collections Queue"]
[admin]
[log]
"""


def with_line(section: str, line: str, text: str = GOOD) -> str:
    """The text with one more line at the head of a section, in the place of one with the same key."""
    lines = text.splitlines()
    head = lines.index(section) + 1
    end = next((number for number in range(head, len(lines)) if lines[number].startswith("[")), len(lines))
    kept = [old for old in lines[head:end] if _key(old) != _key(line)]
    return "\n".join([*lines[:head], line, *kept, *lines[end:]]) + "\n"


def _key(line: str) -> str:
    return line.partition("=")[0].strip()


def load_text(folder: Path, text: str, environ: Mapping[str, str] = SECRETS) -> Settings:
    """The settings in a text, read from a file."""
    path = folder / "bridge.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ)


def problems_of(folder: Path, text: str, environ: Mapping[str, str] = SECRETS) -> list[str]:
    """All that is wrong with a text, a line each, without the folder of the file."""
    with pytest.raises(InvalidSettings) as raised:
        load_text(folder, text, environ)
    return [str(problem).replace(f"{folder}/", "") for problem in raised.value.problems]
