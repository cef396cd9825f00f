"""The command line: what can be asked of the bridge, and how it says that it cannot."""

import argparse
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TextIO, cast

import uvloop

from bridge import __version__, daemon, logs
from bridge.demo import command as demo
from bridge.errors import BridgeError
from bridge.explain import explain
from bridge.journal.journal_file import check_journal
from bridge.live_check import Finding, check_engines, check_live
from bridge.log_queue import queued
from bridge.operate import command as operate
from bridge.operate import reload, story
from bridge.operate.reload import RELOAD
from bridge.operate.story import STORY
from bridge.part_settings import livevox_client
from bridge.settings import Settings, load
from bridge.simulator import engine as engine_command
from bridge.simulator import livevox as livevox_command
from bridge.tracing.tracing import check_tracing
from sip.errors import SipError

DONE = 0
#: Something the command looked at is not as it must be, or it could not be carried out.
WRONG = 1
#: argparse's own: the command line itself cannot be understood.
USAGE = 2
#: As shells say it: 128 and the number of the signal.
INTERRUPTED = 130

#: Carries a command out; returns the exit code.
Perform = Callable[[argparse.Namespace], int]

DEFAULT_CONFIG = Path("bridge.toml")

_DESCRIPTION = """\
Joins LiveVox's virtual agents with AI speech engines: answers LiveVox's INVITEs, joins the customer's audio with the
engine, and plays the agent's part in LiveVox's REST API, from login to the term code.
"""

_EPILOG = """\
examples:
  livevox-bridge demo                                   three calls on this machine; needs nothing else
  livevox-bridge demo --dialect twilio                  the same with a bot that speaks Twilio's Media Streams
  livevox-bridge check --config bridge.toml             are the settings good?
  livevox-bridge check --config bridge.toml --live      is LiveVox set up as they say?
  livevox-bridge explain 8990000001 --config bridge.toml
  livevox-bridge run --config bridge.toml
  livevox-bridge calls --config bridge.toml             the calls of the bridge that runs; agents, drain likewise

A settings file to begin with is config/bridge.example.toml; it says what each setting means. Secrets come from the
environment: LIVEVOX_TOKEN and LIVEVOX_PASSWORD, or LIVEVOX_TOKEN_FILE and LIVEVOX_PASSWORD_FILE; BRIDGE_ENGINE_TOKEN,
BRIDGE_VIEW_TOKEN and BRIDGE_ADMIN_TOKEN for the HTTP API; and the variable that an engine's secret_env names.

exit codes:
  0    done
  1    something is wrong and has been named on stderr (settings, a port in use, a check that failed)
  2    the command line cannot be understood
  3    no bridge answers (calls, agents, wrapups, drain, reload, story, check --diff)
  130  interrupted
"""

_RUN = """\
Serves calls until SIGTERM, SIGINT or `livevox-bridge drain`. Then agents go Not Ready, new INVITEs get 503, calls that
are up may end within sip.drain_s, and the agents leave and log out. A second signal hurries. Logs go to stderr. The
exit code is 0 when all calls ended by themselves and LiveVox has their dispositions, else 1.
"""

_DEMO = """\
Starts a simulated LiveVox, a speech engine and the bridge on this machine's loopback, and places three real calls: the
bot finishes the first, asks for a human in the second, and in the third the customer hangs up. Shows what happens as
it happens. The exit code is 0 only if LiveVox saw exactly the right lifecycle for each. With --dialect the engine is
one of another kind: it is simulated, what goes over the wire is not.
"""

_CHECK = """\
Reads the settings and the secrets and names every mistake: file, line, key, what is wrong and the remedy.

With --diff it says what a reload would change, secrets not shown: of the bridge that runs, which is asked about its own
file (with BRIDGE_ADMIN_TOKEN), or of one that goes by the settings in the file OLD. Nothing is changed.

With --live one agent of each service is logged in as well. It looks whether the service's ACD mode is Agent Call Out,
whether term codes and phonebook transfers are enabled, and whether every term code and every phonebook contact of the
settings exists. Nothing is changed, the agent does not join the service, and it is logged out again, unless a running
bridge is at work with it. Then each engine that an agent has: whether it takes connections, and its certificate is
valid; a SIP engine's name is looked up. No engine is told of a call.
"""

_EXPLAIN = """\
Says what would become of a call, by the settings alone: who may call, which agent it is for, which engines are tried,
which term code LiveVox is told for each outcome, and which phonebook contacts a transfer tries. Asks nobody. NUMBER is
8990000001, +18990000001 or a whole request URI. The exit code is 1 when the call would be refused.
"""

_REMOTE = """
The bridge is looked for where the settings' [admin] says, or at --url. The token is BRIDGE_ADMIN_TOKEN, or the content
of BRIDGE_ADMIN_TOKEN_FILE. Customers' numbers and names are masked as [log] mask says, always with --url; --json prints
all. The exit code is 3 when no bridge answers, 1 when it refuses.
"""

_CALLS = f"""\
Shows the calls that are going on, or one of them with all its facts.
{_REMOTE}"""

_AGENTS = f"""\
Shows the agents: where each is, since when, and what it waits for.
  livevox-bridge agents                      all
  livevox-bridge agents 8990000001           one
  livevox-bridge agents pause 8990000001     out of service once its call is over; it stays logged in
  livevox-bridge agents resume 8990000001    back into service; also one whose credentials were refused

A pause lasts until it is resumed, or the bridge is started again.
{_REMOTE}"""

_WRAP_UPS = f"""\
Shows the wrap-ups that are not over: since when, when LiveVox is asked next, and what fails.
  livevox-bridge wrapups                     all
  livevox-bridge wrapups retry ID            now, not when its wait is over

Of a call that was closed with an unconfirmed disposition, retry looks at LiveVox first: only if the agent is still in
wrap-up for this very call, its term code is set. Otherwise nothing is sent, and it says what is left to do by hand.
{_REMOTE}"""

_DRAIN = f"""\
Tells the bridge to stop, as SIGTERM does: agents go Not Ready, new INVITEs get 503, calls that are up may end within
sip.drain_s, the customers who still talk then go to the human of livevox.on_failure. With --hurry they do at once, also
when a drain is under way. There is no way back. --wait returns when the bridge has stopped.
{_REMOTE}"""

_SIMULATE = """\
What the bridge talks to, to try it without LiveVox or a speech engine:
  livevox-bridge simulate livevox     LiveVox's REST API, and calls from customers
  livevox-bridge simulate engine      a speech engine of any dialect that ends its calls by script
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line; returns the exit code. The user's mistakes are lines on stderr, never tracebacks."""
    options = command_line().parse_args(arguments)
    perform: Perform = options.perform
    try:
        return perform(options)
    except (BridgeError, SipError) as exc:
        sys.stderr.writelines(f"livevox-bridge: {line}\n" for line in str(exc).splitlines())
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED


def command_line() -> argparse.ArgumentParser:
    """What can be asked, and how."""
    parser = argparse.ArgumentParser(
        prog="livevox-bridge",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"livevox-bridge {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    run = _add(commands, "run", "serve calls", _RUN, _run)
    _add_config(run)

    showing = _add(commands, "demo", "three calls from end to end, on this machine", _DEMO, _demo)
    demo.add_arguments(showing)

    simulate = _add(commands, "simulate", "a LiveVox or a speech engine to try the bridge with", _SIMULATE, None)
    simulators = simulate.add_subparsers(title="simulators", metavar="SIMULATOR", required=True)
    livevox = _add(simulators, "livevox", "the REST API, and customers who call", "", _simulate(livevox_command.run))
    livevox_command.add_arguments(livevox)
    engine = _add(simulators, "engine", "a speech engine", "", _simulate(engine_command.run))
    engine_command.add_arguments(engine)

    check = _add(commands, "check", "are the settings good, and LiveVox set up as they say?", _CHECK, _check)
    _add_config(check)
    check.add_argument("--live", action="store_true", help="log in to LiveVox and look there too")
    reload.add_diff(check)

    explaining = _add(commands, "explain", "what would become of a call to a number", _EXPLAIN, _explain)
    explaining.add_argument("number", metavar="NUMBER", help="the 899 number, or a request URI")
    _add_config(explaining)
    _add_operating(commands)
    return parser


def _add_operating(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The commands that speak to a bridge that runs."""
    calls = _add(commands, "calls", "the calls that are going on", _CALLS, _operate(operate.calls))
    operate.add_calls(calls)
    agents = _add(commands, "agents", "the agents; pause, resume", _AGENTS, _operate(operate.agents))
    operate.add_agents(agents)
    wrap_ups = _add(commands, "wrapups", "wrap-ups that are not over; retry", _WRAP_UPS, _operate(operate.wrap_ups))
    operate.add_wrap_ups(wrap_ups)
    drain = _add(commands, "drain", "tell the bridge to stop", _DRAIN, _operate(operate.drain))
    operate.add_drain(drain)
    reloading = _add(commands, "reload", "other settings for the bridge that runs", RELOAD, _operate(reload.reload))
    telling = _add(commands, "story", "one call from beginning to end", STORY, _operate(story.story))
    story.add_arguments(telling)
    for parser in (calls, agents, wrap_ups, drain, reloading, telling):
        operate.add_arguments(parser, DEFAULT_CONFIG)


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    summary: str,
    description: str,
    perform: Perform | None,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name, help=summary, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    if perform is not None:
        parser.set_defaults(perform=perform)
    return parser


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", metavar="FILE", type=Path, default=DEFAULT_CONFIG, help="the settings (default: %(default)s)"
    )


def _run(options: argparse.Namespace) -> int:
    settings = load(options.config, os.environ)
    with queued(sys.stderr) as queue:
        stream = cast(TextIO, queue)  # all of it that a log writes to
        logs.configure(level=settings.log.level, style=settings.log.format, mask=settings.log.mask, stream=stream)
        return uvloop.run(daemon.run(settings, lambda: queue.left_out))


def _demo(options: argparse.Namespace) -> int:
    return uvloop.run(demo.run(options))


def _operate(run: Callable[[argparse.Namespace], Coroutine[Any, Any, int]]) -> Perform:
    return lambda options: uvloop.run(run(options))


def _simulate(run: Callable[[argparse.Namespace], Coroutine[Any, Any, int]]) -> Perform:
    """The command of a simulator: its log is what it has to say."""

    def perform(options: argparse.Namespace) -> int:
        logs.configure()
        return uvloop.run(run(options))

    return perform


def _check(options: argparse.Namespace) -> int:
    settings = load(options.config, os.environ)
    counts = (
        f"{len(settings.agents)} agents, {len(settings.engines)} engines, {len(settings.outcomes)} outcomes, "
        f"{len(settings.targets)} targets"
    )
    check_journal(Path(settings.journal.path))
    check_tracing(settings)
    sys.stdout.write(f"{options.config} is good: {counts}\n")
    if options.diff is not None and (code := uvloop.run(reload.diff(options, settings))) != DONE:
        return code
    return uvloop.run(_check_live(settings)) if options.live else DONE


async def _check_live(settings: Settings) -> int:
    async with livevox_client(settings) as client:
        good = [await _show(check_live(settings, client)), await _show(check_engines(settings))]
    return DONE if all(good) else WRONG


async def _show(findings: AsyncIterator[Finding]) -> bool:
    """Write each as it is found; whether all is well."""
    good = True
    async for finding in findings:
        sys.stdout.write(f"{finding}\n")
        sys.stdout.flush()
        good = good and finding.good
    return good


def _explain(options: argparse.Namespace) -> int:
    explanation = explain(load(options.config, os.environ, require_secrets=False), options.number)
    sys.stdout.write(explanation.text)
    return DONE if explanation.taken else WRONG
