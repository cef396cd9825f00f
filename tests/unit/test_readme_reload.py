"""The README's list of what needs a restart is the code's."""

import re
from dataclasses import fields
from pathlib import Path

from pydantic import BaseModel

from bridge.reload.plan import TABLES, Change, What
from bridge.settings import Settings

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.split("\n### Change without stopping\n", 1)[1].split("\n### ", 1)[0]
LIST = SECTION.split("These need a restart:", 1)[1].split(". A reload", 1)[0]


def sections() -> dict[str, type[BaseModel]]:
    """The sections of the settings that have one table each, by name."""
    named = {field.name: field.type for field in fields(Settings)}
    return {name: model for name, model in named.items() if isinstance(model, type) and issubclass(model, BaseModel)}


def test_what_needs_a_restart_is_in_the_list_and_nothing_else() -> None:
    listed = set(re.findall(r"`([a-z]+\.[a-z_]+)`", LIST))
    whole = set(re.findall(r"`\[([a-z]+)\]`", LIST))
    assert len(sections()) >= 8 and whole <= set(sections())
    needs = {
        f"{section}.{name}"
        for section, model in sections().items()
        for name in model.model_fields
        if Change((section, name), What.CHANGED).needs_restart
    }
    assert {each for each in needs if each.partition(".")[0] not in whole} == listed
    assert all(Change((name, "any"), What.CHANGED).needs_restart for name in whole)
    assert not any(Change((name, "any"), What.CHANGED).needs_restart for name in TABLES)
