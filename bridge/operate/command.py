"""The commands `calls`, `agents`, `wrapups` and `drain`: what they take, ask of the bridge, and print."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bridge.errors import BridgeUnreachable, CommandUnusable, InvalidSettings
from bridge.masks import mask_name, mask_number
from bridge.operate.api import Api
from bridge.operate.sheets import Sheets, lasted, printable, retry_words, said
from bridge.settings import Settings, load
from bridge.settings.secrets import ADMIN_TOKEN, Secrets
from bridge.settings.values import WILDCARD

#: No bridge answers: another exit code than that of a bridge that says no.
UNREACHABLE = 3
DONE = 0

ACTIONS = ("pause", "resume")
RETRY = "retry"
#: Between two looks while a drain is waited for.
_LOOK_S = 1.0


@dataclass(frozen=True)
class Remote:
    """How a bridge is reached, and what of its customers may be shown."""

    url: str
    token: str
    mask: bool


def add_arguments(parser: argparse.ArgumentParser, default_config: Path) -> None:
    """Where the bridge is, and how to print; for all commands."""
    parser.set_defaults(misuse=parser.error)
    parser.add_argument(
        "--url", help="the bridge's HTTP API, http://HOST:PORT; without it the settings say where it is"
    )
    parser.add_argument(
        "--config", metavar="FILE", type=Path, default=default_config, help="the settings (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print what the HTTP API answers, whole")


def add_calls(parser: argparse.ArgumentParser) -> None:
    """The rest of `calls`."""
    parser.add_argument("call", nargs="?", metavar="ID", help="show this call alone, with all that is known of it")


def add_agents(parser: argparse.ArgumentParser) -> None:
    """The rest of `agents`."""
    words = "nothing: all agents; NUMBER: one; pause or resume and numbers: take them out of service, or back"
    parser.add_argument("words", nargs="*", metavar="[pause|resume] NUMBER", help=words)


def add_wrap_ups(parser: argparse.ArgumentParser) -> None:
    """The rest of `wrapups`."""
    words = "nothing: those that are not over; retry and calls: try these now"
    parser.add_argument("words", nargs="*", metavar="[retry] ID", help=words)


def add_drain(parser: argparse.ArgumentParser) -> None:
    """The rest of `drain`."""
    parser.add_argument("--hurry", action="store_true", help="bring the customers who still talk to a human at once")
    parser.add_argument("--wait", action="store_true", help="return when the bridge has stopped, and say how it goes")


async def calls(options: argparse.Namespace) -> int:
    """Print the calls that are going on, or one."""
    if options.call is None:
        return await run_with_bridge(options, lambda api, out: _show(out, api.get("/v1/calls"), out.sheets.calls))
    path = f"/v1/calls/{_segment(options.call)}"
    return await run_with_bridge(options, lambda api, out: _show(out, api.get(path), out.sheets.call))


async def agents(options: argparse.Namespace) -> int:
    """Print the agents, or one; or pause or resume some."""
    words: list[str] = options.words
    if not words:
        return await run_with_bridge(options, lambda api, out: _show(out, api.get("/v1/agents"), out.sheets.agents))
    if words[0] in ACTIONS:
        if len(words) == 1:
            options.misuse(f"{words[0]} which agent? agents {words[0]} NUMBER")
        return await run_with_bridge(options, lambda api, out: _order(api, out, words[0], words[1:]))
    if len(words) > 1:
        options.misuse(f"{words[0]} is neither pause nor resume, and only one agent is shown at a time")
    path = f"/v1/agents/{_segment(words[0])}"
    return await run_with_bridge(options, lambda api, out: _show(out, api.get(path), out.sheets.agent))


async def wrap_ups(options: argparse.Namespace) -> int:
    """Print the wrap-ups that are not over, or have some tried now."""
    words: list[str] = options.words
    if not words:
        return await run_with_bridge(options, lambda api, out: _show(out, api.get("/v1/wrap_ups"), out.sheets.wrap_ups))
    if words[0] != RETRY or len(words) == 1:
        options.misuse(f"which call's? wrapups {RETRY} ID")
    return await run_with_bridge(options, lambda api, out: _retry(api, out, words[1:]))


async def drain(options: argparse.Namespace) -> int:
    """Tell the bridge to stop."""

    async def order(api: Api, out: "Printer") -> None:
        body = await api.post("/v1/drain", {"hurry": options.hurry})
        out.show(body, lambda told: _drain_text(told.get("draining")))
        if options.wait:
            await _wait(api, out)

    return await run_with_bridge(options, order)


class Printer:
    """Writes to stdout, for people or for scripts."""

    def __init__(self, remote: Remote, *, as_json: bool) -> None:
        number, name = (mask_number, mask_name) if remote.mask else (str, str)
        self.sheets = Sheets(remote.url, number, name, masks=remote.mask)
        self._as_json = as_json

    def show(self, body: Mapping[str, Any], text: Callable[[Mapping[str, Any]], str]) -> None:
        """An answer of the API."""
        self._write(json.dumps(body, indent=2) + "\n" if self._as_json else text(body))

    def say(self, line: str) -> None:
        """A word beside the answer, for people."""
        if not self._as_json:
            self._write(f"{line}\n")

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


async def run_with_bridge(options: argparse.Namespace, do: Callable[[Api, "Printer"], Awaitable[None]]) -> int:
    """Do something with the bridge's API; raises BridgeError, and no bridge at all is an exit code of its own."""
    remote = _remote(options, os.environ)
    try:
        async with Api(remote.url, remote.token) as api:
            await do(api, Printer(remote, as_json=options.json))
    except BridgeUnreachable as exc:
        sys.stderr.write(f"livevox-bridge: {exc}\n")
        return UNREACHABLE
    return DONE


def _remote(options: argparse.Namespace, environ: Mapping[str, str]) -> Remote:
    """Raises InvalidSettings: no token, or settings that cannot be read."""
    if options.url is not None:
        if not options.url.startswith(("http://", "https://")):
            options.misuse("--url must begin with http:// or https://")
        secrets = Secrets(environ)
        token = secrets.header(ADMIN_TOKEN, "the token that operators show at the HTTP API")
        if secrets.problems:
            raise InvalidSettings(secrets.problems)
        return Remote(options.url, token.get_secret_value(), mask=True)
    settings = load(options.config, environ, require_secrets=False)
    token = settings.admin_token
    if not token.get_secret_value():
        raise CommandUnusable(f"{ADMIN_TOKEN} is not set; set it, or {ADMIN_TOKEN}_FILE, to what the bridge has")
    return Remote(_address(settings), token.get_secret_value(), mask=settings.log.mask)


def _address(settings: Settings) -> str:
    """Where the API is from this machine."""
    listen = settings.admin.listen
    return f"http://{'127.0.0.1' if listen.host == WILDCARD else listen.host}:{listen.port}"


def _segment(text: str) -> str:
    """As one segment of a path, whatever is in it."""
    return quote(text, safe="") if text not in (".", "..", "") else "%2E"


async def _show(out: Printer, asked: Awaitable[dict[str, Any]], text: Callable[[Mapping[str, Any]], str]) -> None:
    out.show(await asked, text)


async def _order(api: Api, out: Printer, action: str, numbers: list[str]) -> None:
    """One after the other; the first that is refused ends it."""
    for number in numbers:
        body = await api.post(f"/v1/agents/{_segment(number)}/{action}")
        out.show(body, _agent_line)


async def _retry(api: Api, out: Printer, calls: list[str]) -> None:
    """One after the other; the first that is refused ends it."""
    for call in calls:
        body = await api.post(f"/v1/calls/{_segment(call)}/retry")
        out.show(body, lambda told: printable(f"{told.get('call')}: {retry_words(told.get('retry'))}") + "\n")


def _agent_line(body: Mapping[str, Any]) -> str:
    state = said(body.get("state")).replace("_", " ")
    paused = "paused" if body.get("paused") else "not paused"
    return printable(f"{body.get('number')} is {paused} ({state}); it waits for {body.get('waits_for')}") + "\n"


def _drain_text(draining: Any) -> str:
    if not isinstance(draining, dict):
        return "The bridge does not drain.\n"
    count = draining.get("calls")
    how = (
        "their customers go to a human"
        if draining.get("hurried")
        else f"for {_seconds(draining.get('limit_s'))} at the most"
    )
    return f"The bridge takes no more calls and stops when those it has are over: {_counted(count)} left, {how}.\n"


def _seconds(limit: Any) -> str:
    return f"{limit:g} s" if isinstance(limit, int | float) else said(limit)


def _counted(calls: Any) -> str:
    return "1 call" if calls == 1 else f"{calls} calls"


async def _wait(api: Api, out: Printer) -> None:
    """Until nobody answers any more."""
    shown: object = None
    while True:
        try:
            body = await api.get("/v1/status")
        except BridgeUnreachable as exc:
            if exc.slow:
                continue
            out.say("The bridge has stopped.")
            return
        draining = body.get("draining")
        left = draining.get("calls") if isinstance(draining, dict) else None
        if isinstance(draining, dict) and left != shown:
            out.say(f"{lasted(draining.get('since'), body.get('at'))}: {_counted(left)} left")
            shown = left
        await asyncio.sleep(_LOOK_S)
