"""The flags of `simulate engine`."""

import argparse
from pathlib import Path

import pytest

from bridge.errors import CommandUnusable
from bridge.settings import load
from bridge.settings.engines import engine_address
from bridge.simulator.bot_script import SCRIPT_HELP, BotSettings, Script, ScriptLine
from bridge.simulator.bots import BOTS
from bridge.simulator.engine import add_arguments, read_settings, read_url_settings
from bridge.simulator.speech import Voice
from bridge.simulator.stream_bot import BOT_SCRIPT_HELP, BotScript, BotScriptLine, StreamBotSettings


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="simulate engine")
    add_arguments(made)
    return made


def settings(*flags: str) -> BotSettings:
    return read_settings(parser().parse_args(flags))


def url_settings(*flags: str) -> StreamBotSettings:
    return read_url_settings(parser().parse_args(flags))


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


@pytest.mark.parametrize("dialect", BOTS)
def test_a_bot_of_each_dialect_listens_where_the_demos_settings_have_it(dialect: str) -> None:
    read = url_settings("--dialect", dialect)
    assert read.listen_port == BOTS[dialect].port
    engines = load(Path(__file__).parents[2] / "config" / "demo.toml", {}).engines.values()
    assert (read.listen_host, read.listen_port) in [engine_address(engine) for engine in engines]
    assert read == StreamBotSettings(listen_port=read.listen_port, rest_url="http://127.0.0.1:8080")


def test_flags_become_settings_of_the_other_dialects_too() -> None:
    read = url_settings(
        *("--dialect", "twilio", "--listen", "127.0.0.2:6000", "--script", "wait", "--scripts", "finish:paid, drop"),
        *("--outcome", "done", "--notes", "n", "--payment-amount", "12.50", "--target", "supervisor", "--hasty"),
        *("--speak-seconds", "0", "--after-seconds", "3", "--secret", "s", "--rest-url", "http://127.0.0.1:1"),
        *("--token", "t"),
        *("--keys", "1=bye"),
    )
    assert read == StreamBotSettings(
        listen_host="127.0.0.2",
        listen_port=6000,
        script=BotScriptLine(BotScript.WAIT),
        scripts=(BotScriptLine(BotScript.FINISH, "paid"), BotScriptLine(BotScript.DROP)),
        digits={"1": BotScriptLine(BotScript.BYE)},
        outcome="done",
        notes="n",
        payment_amount="12.50",
        target="supervisor",
        secret="s",
        rest_url="http://127.0.0.1:1",
        token="t",
        speak_s=0.0,
        after_s=3.0,
        hasty=True,
    )


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--script", "wrong-format"), '"wrong-format" is no script of dialect twilio; use one of: finish, transfer,'),
        (("--scripts", "finish,wrong-format"), '"wrong-format" is no script of dialect twilio'),
        (("--keys", "1=wrong-format"), '"wrong-format" is no script of dialect twilio'),
        (("--script", "hold"), "use one of: finish, transfer, "),
        (("--no-ringing",), "--no-ringing is no flag of dialect twilio"),
        (("--answer-after-seconds", "0"), "--answer-after-seconds is no flag of dialect twilio"),
    ],
)
def test_what_a_dialect_has_not_is_named(flags: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandUnusable) as raised:
        url_settings("--dialect", "twilio", *flags)
    assert said in str(raised.value)


@pytest.mark.parametrize("flag", [("--secret", "s"), ("--rest-url", "http://h"), ("--token", "t"), ("--hasty",)])
def test_what_sip_has_not_is_named(flag: tuple[str, ...]) -> None:
    with pytest.raises(CommandUnusable, match=f"{flag[0]} is no flag of dialect sip"):
        settings(*flag)


def test_help_explains_every_dialect_and_script() -> None:
    text = parser().format_help()
    explanations = [*SCRIPT_HELP.values(), *BOT_SCRIPT_HELP.values(), *(kind.what for kind in BOTS.values())]
    assert all(explanation in text for explanation in explanations)
