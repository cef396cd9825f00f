"""The demo's settings: every agent has the engine of the dialect that is asked for."""

from pathlib import Path

import pytest

from bridge.demo.command import with_dialect
from bridge.errors import CommandUnusable
from bridge.settings import load
from bridge.settings.engines import ENGINE_KINDS, engine_kind
from tests.unit.settings_texts import GOOD, load_text

DEMO = Path(__file__).parents[2] / "config" / "demo.toml"


@pytest.mark.parametrize("dialect", ENGINE_KINDS)
def test_every_agent_gets_the_engine_of_the_dialect(dialect: str) -> None:
    settings, name = with_dialect(load(DEMO, {}), dialect)
    assert engine_kind(settings.engines[name]) == dialect
    assert {agent.engines for agent in settings.agents} == {(name,)}


def test_settings_without_such_an_engine_say_so(tmp_path: Path) -> None:
    with pytest.raises(CommandUnusable) as raised:
        with_dialect(load_text(tmp_path, GOOD), "twilio")
    said = "bridge.toml has no engine of kind twilio; add one, or use config/demo.toml"
    assert str(raised.value).endswith(said)
