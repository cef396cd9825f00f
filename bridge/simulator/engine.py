"""The command `simulate engine`: a speech engine of any dialect that ends its calls by script."""

import argparse
import asyncio
import signal
from collections.abc import Callable, Mapping
from typing import TypeVar

import structlog

from bridge.errors import CommandUnusable
from bridge.simulator.bot import SipBot
from bridge.simulator.bot_script import SCRIPT_HELP, BotSettings, ScriptLine
from bridge.simulator.bots import BOTS
from bridge.simulator.rtp_packet import KEYS
from bridge.simulator.speech import Voice
from bridge.simulator.stream_bot import BOT_SCRIPT_HELP, BotScriptLine, StreamBotSettings

log = structlog.get_logger()

SIP = "sip"
DIALECTS = (SIP, *BOTS)
#: UDP for SIP; config/demo.toml says the same.
SIP_PORT = 5092
HOST = "127.0.0.1"

LineType = TypeVar("LineType")

_DESCRIPTION = """\
A speech engine that runs here: it takes each call, speaks a short recorded prompt, understands keys, and ends the call
by a script. Point the bridge at it with an engine of the same kind; those of config/demo.toml fit. It writes one line
a call: what it heard, what was lost, how the call ended, and what the bridge did that the dialect does not allow.
"""

_EXAMPLES = """\
A call takes its script from the user part of the request URI (sip:transfer-refer@HOST) or ?script= of the URL, else
from --scripts by the order of calls, else from --script. While the bot waits, a key of --keys starts another one.

  simulate engine --script finish:paid --speak-seconds 3
  simulate engine --scripts finish,transfer-refer,wait
  simulate engine --script wait --keys 1=finish:paid,2=transfer-refer:collections
  simulate engine --dialect twilio --scripts finish,transfer,wait
  simulate engine --dialect openai --script slow:8    is the bridge patient, or does it take the next engine?
  simulate engine --dialect twilio --script drop      does the bridge notice that its engine is gone?
"""

#: Flags that only a SIP bot understands, and those that only the others do.
_SIP_ONLY = ("answer_after_seconds", "transfer_seconds", "no_ringing", "quiet")
_URL_ONLY = ("secret", "rest_url", "token", "hasty")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Put the command's flags on its parser."""
    parser.description = _DESCRIPTION
    parser.epilog = f"{_dialects()}\n\n{_scripts()}\n\n{_EXAMPLES}"
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    plain = BotSettings()
    parser.add_argument("--dialect", choices=DIALECTS, default=SIP, help="how it is spoken to (%(default)s)")
    parser.add_argument("--listen", metavar="HOST:PORT", help="where it listens; see below")
    parser.add_argument(
        "--script", default="finish", metavar="NAME[:ARGUMENT]", help="every call's script (%(default)s)"
    )
    parser.add_argument("--scripts", default="", metavar="LIST", help="scripts of the first calls, by commas")
    parser.add_argument("--keys", default="", metavar="KEY=NAME,...", help="what a key starts while the bot waits")
    parser.add_argument("--outcome", default=plain.outcome, help="what a finished call says (%(default)s)")
    parser.add_argument("--notes", default="", help="what it says beside the outcome")
    parser.add_argument("--payment-amount", default="", help="what was paid; sip: said by finish-info only")
    parser.add_argument("--target", default=plain.target, help="whom a transfer asks for (%(default)s)")
    _add_seconds(parser, "--speak-seconds", plain.speak_s, "how long the prompt is spoken, over and over")
    _add_seconds(parser, "--after-seconds", plain.after_s, "from the speech's end to the script's next act")
    sip = parser.add_argument_group("only with --dialect sip")
    _add_seconds(sip, "--answer-after-seconds", None, f"from INVITE to 200 ({plain.answer_after_s})")
    wait = f"how long a REFER's final NOTIFY is waited for ({plain.transfer_timeout_s})"
    _add_seconds(sip, "--transfer-seconds", None, wait)
    sip.add_argument("--no-ringing", action="store_true", help="answer without 180")
    sip.add_argument("--quiet", action="store_true", help="silence after the speech, instead of an echo")
    others = parser.add_argument_group("only with the other dialects")
    others.add_argument("--secret", default="", help="what the bridge must prove to know; empty: not looked at")
    others.add_argument("--rest-url", default="", metavar="URL", help="the bridge's HTTP API (http://127.0.0.1:8080)")
    others.add_argument("--token", default="", help=f"the HTTP API's token for engines ({StreamBotSettings().token})")
    others.add_argument("--hasty", action="store_true", help="act while the customer still hears the speech")


async def run(args: argparse.Namespace) -> int:
    """Serve calls until SIGINT or SIGTERM; 1 when the script crash ended it. Raises CommandUnusable, AddressInUse."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        if args.dialect == SIP:
            return await _run_sip(read_settings(args), stop)
        return await _run_url(args.dialect, read_url_settings(args), stop)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _run_sip(settings: BotSettings, stop: asyncio.Event) -> int:
    bot = SipBot(settings)
    bot.on_crash = stop.set
    await bot.open()
    try:
        log.info("bot_listens", address=f"{bot.address[0]}:{bot.port}", script=str(settings.script.script))
        await stop.wait()
    finally:
        await bot.close()
    return 1 if bot.crashed else 0


async def _run_url(dialect: str, settings: StreamBotSettings, stop: asyncio.Event) -> int:
    async with BOTS[dialect].make(settings) as bot:
        log.info("bot_listens", dialect=dialect, url=bot.url, script=str(settings.script.script))
        await stop.wait()
    return 0


def read_settings(args: argparse.Namespace) -> BotSettings:
    """The flags of a SIP bot as settings; raises CommandUnusable."""
    _refuse(args, _URL_ONLY)
    plain = BotSettings()
    host, port = _read_address(args.listen or f"{HOST}:{SIP_PORT}")
    return BotSettings(
        listen_host=host,
        listen_port=port,
        script=ScriptLine.parse(args.script),
        scripts=_read_scripts(args.scripts, ScriptLine.parse),
        digits=_read_keys(args.keys, ScriptLine.parse),
        outcome=args.outcome,
        notes=args.notes,
        payment_amount=args.payment_amount,
        target=args.target,
        answer_after_s=plain.answer_after_s if args.answer_after_seconds is None else args.answer_after_seconds,
        rings=not args.no_ringing,
        speak_s=args.speak_seconds,
        after_s=args.after_seconds,
        afterwards=Voice.SILENCE if args.quiet else Voice.ECHO,
        transfer_timeout_s=plain.transfer_timeout_s if args.transfer_seconds is None else args.transfer_seconds,
    )


def read_url_settings(args: argparse.Namespace) -> StreamBotSettings:
    """The flags of a bot that is reached by URL as settings; raises CommandUnusable."""
    _refuse(args, _SIP_ONLY)
    kind = BOTS[args.dialect]
    host, port = _read_address(args.listen or f"{HOST}:{kind.port}")
    settings = StreamBotSettings(
        listen_host=host,
        listen_port=port,
        script=BotScriptLine.parse(args.script),
        scripts=_read_scripts(args.scripts, BotScriptLine.parse),
        digits=_read_keys(args.keys, BotScriptLine.parse),
        outcome=args.outcome,
        notes=args.notes,
        payment_amount=args.payment_amount,
        target=args.target,
        secret=args.secret,
        rest_url=args.rest_url or "http://127.0.0.1:8080",
        token=args.token or StreamBotSettings().token,
        speak_s=args.speak_seconds,
        after_s=args.after_seconds,
        hasty=args.hasty,
    )
    kind.check(args.dialect, settings)
    return settings


def _dialects() -> str:
    """Each dialect with where it listens."""
    lines = [f"  {SIP:10} {HOST}:{SIP_PORT}  a SIP user agent, UDP"]
    lines += [f"  {name:10} {HOST}:{kind.port}  {kind.what}" for name, kind in BOTS.items()]
    return "\n".join(["dialects, and where they listen:", *lines])


def _scripts() -> str:
    """The scripts of SIP and of the others, each with its meaning and the dialects that lack it."""
    lines = ["scripts of sip:"]
    lines += [f"  {script.value:15} {text}" for script, text in SCRIPT_HELP.items()]
    lines += ["", "scripts of the other dialects:"]
    for bot_script, text in BOT_SCRIPT_HELP.items():
        lacking = ", ".join(name for name, kind in BOTS.items() if bot_script in kind.cannot)
        lines.append(f"  {bot_script.value:15} {text}" + (f" Not with: {lacking}." if lacking else ""))
    return "\n".join(lines)


def _refuse(args: argparse.Namespace, names: tuple[str, ...]) -> None:
    for name in names:
        value = getattr(args, name)
        if value is not None and value is not False and value != "":  # 0 seconds is something that was said
            raise CommandUnusable(f"--{name.replace('_', '-')} is no flag of dialect {args.dialect}; see --help")


def _add_seconds(parser: "argparse._ActionsContainer", flag: str, default: float | None, text: str) -> None:
    shown = text if default is None else f"{text} (%(default)s)"
    parser.add_argument(flag, type=_seconds, default=default, metavar="S", help=shown)


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < 86400:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 86400 seconds")
    return value


def _read_address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise CommandUnusable(f"--listen {text!r} is not HOST:PORT, such as 127.0.0.1:5092")
    return host, int(port)


def _read_scripts(text: str, parse: Callable[[str], LineType]) -> tuple[LineType, ...]:
    return tuple(parse(piece) for piece in text.split(",") if piece.strip())


def _read_keys(text: str, parse: Callable[[str], LineType]) -> Mapping[str, LineType]:
    keys: dict[str, LineType] = {}
    for pair in (piece.strip() for piece in text.split(",")):
        key, equals, script = pair.partition("=")
        if not pair:
            continue
        if not equals or len(key) != 1 or key.upper() not in KEYS:
            raise CommandUnusable(f"--keys {pair!r} is not KEY=NAME, such as 1=finish:paid")
        keys[key.upper()] = parse(script)
    return keys
