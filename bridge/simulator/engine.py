"""The command `simulate engine`: a SIP speech engine that ends its calls by script."""

import argparse
import asyncio
import signal
from collections.abc import Mapping

import structlog

from bridge.errors import CommandUnusable
from bridge.simulator.bot import SipBot
from bridge.simulator.bot_script import SCRIPT_HELP, BotSettings, ScriptLine
from bridge.simulator.rtp_packet import KEYS
from bridge.simulator.speech import Voice

_DESCRIPTION = """\
A SIP speech engine that runs here: it answers each INVITE, speaks a short recorded prompt, then echoes what it hears,
understands keys (RFC 4733), and ends the call by a script. Point the bridge at it with an engine of kind "sip" and the
uri sip:bot@HOST:PORT. It writes one line a call: what it heard, what was lost, how the call ended.
"""

_EXAMPLES = """\
A call takes its script from the user part of the request URI (sip:transfer-refer@HOST), else from --scripts by the
order of calls, else from --script. While the bot waits, a key of --keys starts another one.

  simulate engine --script finish:paid --speak-seconds 3
  simulate engine --scripts finish,transfer-refer,wait
  simulate engine --script wait --keys 1=finish:paid,2=transfer-refer:collections
  simulate engine --script slow:8        is the bridge patient, or does it take the next engine?
  simulate engine --script drop          does the bridge notice that its engine is gone?
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Put the command's flags on its parser."""
    scripts = "\n".join(f"  {script.value:15} {text}" for script, text in SCRIPT_HELP.items())
    parser.description = _DESCRIPTION
    parser.epilog = f"scripts:\n{scripts}\n\n{_EXAMPLES}"
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    plain = BotSettings()
    parser.add_argument("--listen", default="127.0.0.1:5092", metavar="HOST:PORT", help="SIP over UDP (%(default)s)")
    parser.add_argument(
        "--script", default="finish", metavar="NAME[:ARGUMENT]", help="every call's script (%(default)s)"
    )
    parser.add_argument("--scripts", default="", metavar="LIST", help="scripts of the first calls, by commas")
    parser.add_argument("--keys", default="", metavar="KEY=NAME,...", help="what a key starts while the bot waits")
    parser.add_argument("--outcome", default=plain.outcome, help="what a finished call says (%(default)s)")
    parser.add_argument("--notes", default="", help="what it says beside the outcome")
    parser.add_argument("--payment-amount", default="", help="said by finish-info only")
    parser.add_argument("--target", default=plain.target, help="whom a transfer asks for (%(default)s)")
    _add_seconds(parser, "--answer-after-seconds", plain.answer_after_s, "from INVITE to 200")
    _add_seconds(parser, "--speak-seconds", plain.speak_s, "how long the prompt is spoken, over and over")
    _add_seconds(parser, "--after-seconds", plain.after_s, "from the speech's end to the script's next act")
    _add_seconds(
        parser, "--transfer-seconds", plain.transfer_timeout_s, "how long a REFER's final NOTIFY is waited for"
    )
    parser.add_argument("--no-ringing", action="store_true", help="answer without 180")
    parser.add_argument("--quiet", action="store_true", help="silence after the speech, instead of an echo")


async def run(args: argparse.Namespace) -> int:
    """Serve calls until SIGINT or SIGTERM; 1 when the script crash ended it. Raises CommandUnusable, AddressInUse."""
    settings = read_settings(args)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    bot = SipBot(settings)
    bot.on_crash = stop.set
    await bot.open()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        structlog.get_logger().info("bot_listens", address=f"{bot.address[0]}:{bot.port}", script=args.script)
        await stop.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        await bot.close()
    return 1 if bot.crashed else 0


def read_settings(args: argparse.Namespace) -> BotSettings:
    """The flags as settings; raises CommandUnusable."""
    host, port = _read_address(args.listen)
    return BotSettings(
        listen_host=host,
        listen_port=port,
        script=ScriptLine.parse(args.script),
        scripts=tuple(ScriptLine.parse(text) for text in args.scripts.split(",") if text.strip()),
        digits=_read_keys(args.keys),
        outcome=args.outcome,
        notes=args.notes,
        payment_amount=args.payment_amount,
        target=args.target,
        answer_after_s=args.answer_after_seconds,
        rings=not args.no_ringing,
        speak_s=args.speak_seconds,
        after_s=args.after_seconds,
        afterwards=Voice.SILENCE if args.quiet else Voice.ECHO,
        transfer_timeout_s=args.transfer_seconds,
    )


def _add_seconds(parser: argparse.ArgumentParser, flag: str, default: float, text: str) -> None:
    parser.add_argument(flag, type=_seconds, default=default, metavar="S", help=f"{text} (%(default)s)")


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


def _read_keys(text: str) -> Mapping[str, ScriptLine]:
    keys: dict[str, ScriptLine] = {}
    for pair in (piece.strip() for piece in text.split(",")):
        key, equals, script = pair.partition("=")
        if not pair:
            continue
        if not equals or len(key) != 1 or key.upper() not in KEYS:
            raise CommandUnusable(f"--keys {pair!r} is not KEY=NAME, such as 1=finish:paid")
        keys[key.upper()] = ScriptLine.parse(script)
    return keys
