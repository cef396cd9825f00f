"""From the settings to the engines of all calls."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from bridge.call_facts import CallFacts
from bridge.calls.engine import EngineParts
from bridge.calls.outcomes import Outcomes
from bridge.dialects.registry import KINDS
from bridge.engine_parts import Engines, bot_outcomes
from bridge.engines.circuit import CircuitState
from bridge.engines.connection import EngineCall
from bridge.engines.http_client import EngineHttp
from bridge.engines.rtp import RtpEngine
from bridge.engines.sip import SipEngine
from bridge.engines.stream import StreamEngine
from bridge.media.client import MediaProcess
from bridge.media.stream_messages import DefineEngine
from bridge.part_settings import controller_settings, media_settings
from bridge.settings import Settings
from tests.unit.settings_texts import GOOD, SECRETS, load_text, with_line

MORE = """
[engines.streamed]
kind = "twilio"
url = "wss://bot.example.com/media"
connect_timeout_s = 2
circuit_failures = 1
[engines.posted]
kind = "rtp"
url = "https://bot.example.com/calls"
[outcomes.paid]
term_code = "Paid"
[outcomes.dead_air]
term_code = "System Failure"
[[agents]]
number = "8990000002"
user_name = "VA0002"
engines = ["streamed", "posted"]
[[agents]]
number = "8990000003"
user_name = "VA0003"
engines = ["streamed", "bot"]
"""
SECRET_VALUES = SECRETS | {"TWILIO_AUTH_TOKEN": "the token", "RTP_ENGINE_SECRET": "the secret"}


def loaded(folder: Path, text: str = GOOD) -> Settings:
    return load_text(folder, text + MORE, SECRET_VALUES)


class Told:
    """A media process that notes which engines it is told of."""

    def __init__(self) -> None:
        self.engines: list[DefineEngine] = []
        self.forgotten: list[str] = []

    def define_engine(self, engine: DefineEngine) -> None:
        self.engines.append(engine)

    def forget_engine(self, engine: str) -> None:
        self.forgotten.append(engine)


def test_bots_may_name_the_outcomes_of_the_settings_and_no_fate_of_ours(tmp_path: Path) -> None:
    assert bot_outcomes(loaded(tmp_path)) == ("paid", "finished")


async def test_each_engine_is_reached_as_its_kind_says(tmp_path: Path) -> None:
    settings, told, http = loaded(tmp_path), Told(), EngineHttp()
    try:
        parts = Engines(cast(MediaProcess, told), http).parts(settings, Outcomes(settings))
        facts = CallFacts("c1", "8990000001", "", "", "", "", "")
        call = EngineCall(facts, 1, lambda command: None, lambda event: None, lambda name, work: asyncio.Future())
        made = {name: type(maker(call)) for name, maker in parts.makers.items()}
        assert made == {"bot": SipEngine, "streamed": StreamEngine, "posted": RtpEngine}
        for name, state in {"streamed": CircuitState.OPEN, "posted": CircuitState.CLOSED}.items():
            parts.circuits.begin(name).failed()
            assert parts.circuits.state(name) is state
    finally:
        await http.close()


async def test_the_media_process_is_told_of_engines_by_websocket_only(tmp_path: Path) -> None:
    settings, told, http = loaded(tmp_path), Told(), EngineHttp()
    Engines(cast(MediaProcess, told), http).parts(settings, Outcomes(settings))
    await http.close()
    (engine,) = told.engines
    assert (engine.engine, engine.kind, engine.secret) == ("streamed", "twilio", "the token")
    assert (engine.outcomes, engine.targets) == (("paid", "finished"), ("collections",))
    assert KINDS["twilio"].section.model_validate_json(engine.settings) == settings.engines["streamed"]


@pytest.fixture
async def http() -> AsyncIterator[EngineHttp]:
    made = EngineHttp()
    yield made
    await made.close()


async def test_a_changed_engine_is_another_one_to_the_media_process_until_nobody_wants_the_old_one(
    tmp_path: Path, http: EngineHttp
) -> None:
    told = Told()
    engines = Engines(cast(MediaProcess, told), http)
    settings = loaded(tmp_path)

    def parts(text: str) -> EngineParts:
        changed = load_text(tmp_path, GOOD + text, SECRET_VALUES)
        return engines.parts(changed, Outcomes(changed))

    first = parts(MORE)
    second = parts(MORE)
    assert [engine.engine for engine in told.engines] == ["streamed"]
    third = parts(MORE.replace("bot.example.com/media", "bot.example.com/other"))
    assert [engine.engine for engine in told.engines] == ["streamed", "streamed#3"]
    assert told.engines[0].settings != told.engines[1].settings
    fourth = parts(MORE.replace("bot.example.com/media", "bot.example.com/third"))
    assert told.forgotten == []
    del first, second
    fifth = parts(MORE.replace("bot.example.com/media", "bot.example.com/third"))
    assert told.forgotten == ["streamed"] and len(told.engines) == 3
    del third, fourth, fifth
    other_kind = 'kind = "openai"\nsecret_env = "TWILIO_AUTH_TOKEN"'
    sixth = parts(MORE.replace('kind = "twilio"', other_kind))
    assert sorted(told.forgotten) == ["streamed", "streamed#3", "streamed#4"]
    assert sixth.circuits is engines.parts(settings, Outcomes(settings)).circuits


async def test_what_is_known_of_an_engine_that_fails_stays_unless_it_is_another_one(
    tmp_path: Path, http: EngineHttp
) -> None:
    engines = Engines(cast(MediaProcess, Told()), http)
    settings = loaded(tmp_path)
    circuits = engines.parts(settings, Outcomes(settings)).circuits
    circuits.begin("streamed").failed()
    engines.parts(settings, Outcomes(settings))
    assert circuits.state("streamed") is CircuitState.OPEN
    other = load_text(tmp_path, GOOD + MORE, SECRET_VALUES | {"TWILIO_AUTH_TOKEN": "another"})
    engines.parts(other, Outcomes(other))
    assert circuits.state("streamed") is CircuitState.CLOSED


def test_a_call_takes_two_dialogs_where_an_engine_may_be_reached_by_sip(tmp_path: Path) -> None:
    told = controller_settings(loaded(tmp_path))
    assert told.dialogs == {"8990000001": 2, "8990000002": 1, "8990000003": 2}
    assert [choice.connect_timeout_s for choice in told.engines["8990000002"]] == [2, 5]
    assert not told.policy.answer_without_engine


def test_calls_are_answered_without_an_engine_where_the_settings_say_so(tmp_path: Path) -> None:
    text = with_line("[livevox]", 'on_failure = "collections"')
    assert not controller_settings(loaded(tmp_path, text)).policy.answer_without_engine
    text = with_line("[livevox]", 'on_engine_unavailable = "transfer"', text)
    assert controller_settings(loaded(tmp_path, text)).policy.answer_without_engine


def test_the_media_process_is_told_of_dead_air(tmp_path: Path) -> None:
    assert media_settings(loaded(tmp_path, with_line("[media]", "dead_air_s = 7"))).dead_air_s == 7
