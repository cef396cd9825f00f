"""The flags of `simulate engine`."""

import argparse

import pytest

from bridge.errors import CommandUnusable
from bridge.simulator.bot_script import SCRIPT_HELP, BotSettings, Script, ScriptLine
from bridge.simulator.engine import add_arguments, read_settings
from bridge.simulator.speech import Voice


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="simulate engine")
    add_arguments(made)
    return made


def settings(*flags: str) -> BotSettings:
    return read_settings(parser().parse_args(flags))


def test_without_flags_the_bot_finishes_each_call_on_5092() -> None:
    assert settings() == BotSettings(listen_port=5092)


def test_flags_become_settings() -> None:
    read = settings(
        *("--listen", "127.0.0.2:6000", "--script", "wait", "--scripts", "finish:paid, transfer-refer"),
        *("--outcome", "done", "--notes", "n", "--payment-amount", "12.50", "--target", "supervisor"),
        *("--speak-seconds", "0", "--after-seconds", "3", "--answer-after-seconds", "0.5", "--transfer-seconds", "9"),
        *("--no-ringing", "--quiet", "--keys", "1=bye, #=finish:paid"),
    )
    assert read == BotSettings(
        listen_host="127.0.0.2",
        listen_port=6000,
        script=ScriptLine(Script.WAIT),
        scripts=(ScriptLine(Script.FINISH, "paid"), ScriptLine(Script.TRANSFER_REFER)),
        digits={"1": ScriptLine(Script.BYE), "#": ScriptLine(Script.FINISH, "paid")},
        outcome="done",
        notes="n",
        payment_amount="12.50",
        target="supervisor",
        answer_after_s=0.5,
        rings=False,
        speak_s=0.0,
        after_s=3.0,
        afterwards=Voice.SILENCE,
        transfer_timeout_s=9.0,
    )


@pytest.mark.parametrize(
    ("flags", "remedy"),
    [
        (("--listen", "5092"), "127.0.0.1:5092"),
        (("--listen", "127.0.0.1:70000"), "127.0.0.1:5092"),
        (("--script", "dance"), "transfer-refer"),
        (("--scripts", "finish,dance"), "transfer-refer"),
        (("--keys", "1"), "1=finish:paid"),
        (("--keys", "12=bye"), "1=finish:paid"),
        (("--keys", "x=bye"), "1=finish:paid"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(flags: tuple[str, ...], remedy: str) -> None:
    with pytest.raises(CommandUnusable, match=remedy):
        settings(*flags)


def test_help_explains_every_script() -> None:
    text = parser().format_help()
    assert all(explanation in text for explanation in SCRIPT_HELP.values())
