"""The flags of the command `simulate livevox`: their help, their reading, and what the command says when it is up."""

import argparse
import dataclasses
from dataclasses import dataclass

from bridge.errors import CommandUnusable
from bridge.simulator.errors import FaultUnusable
from bridge.simulator.faults import Faults, notes
from bridge.simulator.world import World

_DESCRIPTION = """\
A LiveVox that runs here. It serves the REST API that virtual agents use, keeps their states, and places real calls
(SIP and RTP) to the bridge, with the header layout LiveVox uses. It is told what to do by HTTP under /simulator/, and
it keeps a ledger of all it saw. Its world: client Demo, services 46014 and 46015, agents VA0001 and so on, a phonebook
with contacts that answer, are busy, have no agents or never answer. Point the bridge's livevox url at it.
"""

_EXAMPLES = """\
examples, with AT=http://127.0.0.1:8090/simulator:
  simulate livevox --agents 40 --wrap-up-s 120
  simulate livevox --set status_lag_s=1.5 --set registration_polls=3
  curl $AT/                          what can be asked
  curl -X POST $AT/calls             a customer for the agent that is Ready for longest
  curl -X POST $AT/calls -d '{"agent": "8990000002", "hang_up_after_s": 10, "digits": "12#"}'
  curl -X PATCH $AT/faults -d '{"require_end_call": "call_end"}'
  curl -X POST $AT/faults/next -d '{"fault": "status", "endpoint": "set_term_code", "count": 3}'
  curl $AT/ledger
"""


@dataclass(frozen=True)
class Flags:
    """The command line after reading."""

    world: World
    faults: Faults
    listen: tuple[str, int]
    """Host and port of HTTP."""
    bridge: tuple[str, int]
    """Host and port the calls are sent to."""
    sip_host: str
    """The address the calls come from."""


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Put the command's flags on its parser."""
    meanings = notes(Faults)
    switches = "\n".join(f"  {name} = {_said(value)}\n      {meanings[name]}" for name, value in vars(Faults()).items())
    parser.description = _DESCRIPTION
    parser.epilog = f"{_EXAMPLES}\nswitches, for --set and the control endpoint:\n{switches}"
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--listen", default="127.0.0.1:8090", metavar="HOST:PORT", help="HTTP (%(default)s)")
    parser.add_argument("--bridge", default="127.0.0.1:5070", metavar="HOST:PORT", help="gets the calls (%(default)s)")
    parser.add_argument("--sip-host", default="127.0.0.1", metavar="HOST", help="calls come from here (%(default)s)")
    parser.add_argument("--agents", type=int, default=3, metavar="N", help="virtual agents VA0001... (%(default)s)")
    parser.add_argument("--first-number", default="8990000001", metavar="N", help="of agent VA0001 (%(default)s)")
    parser.add_argument("--password", default="simulated", help="of every agent and of api_user (%(default)s)")
    parser.add_argument("--token", default="simulated", help="LV-Access (%(default)s)")
    parser.add_argument("--wrap-up-s", type=float, metavar="S", help="limit of every agent's wrap-up (none: for ever)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a switch; may be repeated")


def read_flags(args: argparse.Namespace) -> Flags:
    """The flags as values; raises CommandUnusable."""
    return Flags(
        world=_world(args),
        faults=_faults(args.set),
        listen=_address("--listen", args.listen),
        bridge=_address("--bridge", args.bridge),
        sip_host=args.sip_host,
    )


def welcome(url: str, flags: Flags) -> str:
    """What the command prints when it listens."""
    agents = flags.world.agents
    span = f"{agents[0].login} (+1{agents[0].number})"
    if len(agents) > 1:
        span += f" to {agents[-1].login} (+1{agents[-1].number})"
    bridge = f"{flags.bridge[0]}:{flags.bridge[1]}"
    return (
        f"LiveVox is simulated at {url}: client {flags.world.client_name}, agents {span}.\n"
        f"Calls go to sip:{bridge} once an agent is Ready. Place one:\n"
        f"  curl -X POST {url}/simulator/calls\n"
        f"What else there is: curl {url}/simulator/\n"
    )


def _world(args: argparse.Namespace) -> World:
    first = args.first_number
    if not (len(first) == 10 and first.isascii() and first.isdigit()):
        raise CommandUnusable(f"--first-number {first!r} does not have 10 digits, such as 8990000001")
    if not 1 <= args.agents <= 9999:
        raise CommandUnusable(f"--agents {args.agents} is not from 1 to 9999")
    world = World.default(args.agents, args.password, token=args.token, first_number=first)
    agents = tuple(dataclasses.replace(agent, wrap_up_s=args.wrap_up_s) for agent in world.agents)
    return dataclasses.replace(world, agents=agents)


def _faults(pairs: list[str]) -> Faults:
    changes: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise CommandUnusable(f"--set {pair!r} is not NAME=VALUE, such as status_lag_s=1.5")
        changes[name.strip()] = value.strip()
    try:
        return Faults().changed(changes)
    except FaultUnusable as error:
        raise CommandUnusable(f"--set {error}; --help lists the switches") from error


def _address(flag: str, text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise CommandUnusable(f"{flag} {text!r} is not HOST:PORT, such as 127.0.0.1:8090")
    return host, int(port)


def _said(value: object) -> str:
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)
