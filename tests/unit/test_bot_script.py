"""The bot's scripts as they are written."""

import pytest

from bridge.errors import CommandUnusable
from bridge.simulator.bot_script import SCRIPT_HELP, BotSettings, Script, ScriptLine


def test_every_script_is_explained() -> None:
    assert set(SCRIPT_HELP) == set(Script)


@pytest.mark.parametrize("script", list(Script))
def test_every_script_can_be_named_without_argument(script: Script) -> None:
    assert ScriptLine.parse(script.value) == ScriptLine(script)


def test_an_argument_follows_the_colon() -> None:
    assert ScriptLine.parse(" finish:promise_to_pay ") == ScriptLine(Script.FINISH, "promise_to_pay")
    assert ScriptLine.parse("slow:0.5").seconds == 0.5
    assert ScriptLine.parse("hold").seconds == 2.0
    assert (ScriptLine.parse("decline").status, ScriptLine.parse("decline:480").status) == (603, 480)
    assert (ScriptLine.parse("dtmf").keys, ScriptLine.parse("dtmf:12#a").keys) == ("1234", "12#A")


@pytest.mark.parametrize(
    "text", ["", "finnish", "slow:soon", "slow:-1", "slow:nan", "hold:9999", "decline:200", "decline:busy", "dtmf:12x"]
)
def test_what_is_no_script_is_refused_and_the_scripts_are_named(text: str) -> None:
    with pytest.raises(CommandUnusable, match="transfer-refer"):
        ScriptLine.parse(text)


def test_a_call_s_script_is_chosen_by_user_part_then_order_then_default() -> None:
    settings = BotSettings(script=ScriptLine(Script.WAIT), scripts=(ScriptLine(Script.FINISH), ScriptLine(Script.BYE)))
    assert settings.script_for(0, "busy") == ScriptLine(Script.BUSY)
    assert settings.script_for(0, "bot") == ScriptLine(Script.FINISH)
    assert settings.script_for(1, "") == ScriptLine(Script.BYE)
    assert settings.script_for(2, "bot") == ScriptLine(Script.WAIT)
