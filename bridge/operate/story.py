"""The command `story`: one call told on a terminal, as JSON or as a page, by the bridge or from its journal's file."""

import argparse
import json
import os
import sys
from datetime import datetime, tzinfo
from pathlib import Path
from urllib.parse import quote

from bridge.errors import CommandUnusable
from bridge.journal.call_rows import CallRows
from bridge.journal.queries import JournalQueries
from bridge.operate.api import Api
from bridge.operate.command import DONE, UNREACHABLE, Printer, run_with_bridge
from bridge.settings import load
from bridge.story.as_json import story_body
from bridge.story.as_text import story_text
from bridge.story.page import story_page
from bridge.story.story import tell

STORY = """\
Tells one call: what went wrong in words, the times that people feel, and everything that happened in order. ID is the
bridge's name of the call, as `calls`, the log and the API say it. The bridge that runs is asked; when none does, the
journal of the settings is read, and with --journal always that file. With --html the same goes into one file that opens
anywhere, offline. Customers' numbers, names and words are masked unless --whole asks for them.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The rest of `story`."""
    parser.add_argument("call", metavar="ID", help="the call")
    parser.add_argument("--journal", metavar="FILE", type=Path, help="read this file; no bridge is asked")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a page that needs nothing else")
    parser.add_argument("--messages", action="store_true", help="show SIP and REST messages whole")
    parser.add_argument("--whole", action="store_true", help="mask nothing of the customer")


async def story(options: argparse.Namespace) -> int:
    """Tell it; raises BridgeError."""
    if options.journal is not None:
        _write(options, _from_file(options, options.journal))
        return DONE

    async def ask(api: Api, out: Printer) -> None:
        _write(options, await _from_bridge(options, api))

    code = await run_with_bridge(options, ask)
    if code == UNREACHABLE and options.url is None:
        journal = Path(load(options.config, os.environ, require_secrets=False).journal.path)
        sys.stderr.write(f"livevox-bridge: told by the journal {journal}\n")
        _write(options, _from_file(options, journal))
        return DONE
    return code


async def _from_bridge(options: argparse.Namespace, api: Api) -> str:
    kind = "html" if options.html is not None else "json" if options.json else "text"
    flags = f"whole={str(options.whole).lower()}&messages={str(options.messages).lower()}"
    text = await api.text(f"/v1/calls/{quote(options.call, safe='')}/story?format={kind}&{flags}")
    return json.dumps(json.loads(text), indent=2) + "\n" if kind == "json" else text


def _from_file(options: argparse.Namespace, journal: Path) -> str:
    """Raises JournalUnusable and CommandUnusable."""
    if not journal.is_file():
        raise CommandUnusable(f"there is no journal {journal}; it is the file that [journal] path names")
    queries = JournalQueries(journal)
    try:
        rows = queries.call(options.call)
    finally:
        queries.close()
    if rows is None:
        raise CommandUnusable(f"the journal {journal} has no call {options.call}")
    return _told(options, rows, _here())


def _told(options: argparse.Namespace, rows: CallRows, zone: tzinfo) -> str:
    told = tell(rows, whole=options.whole)
    if options.html is not None:
        return story_page(told, zone)
    if options.json:
        return json.dumps(story_body(told), indent=2) + "\n"
    return story_text(told, zone, messages=options.messages)


def _here() -> tzinfo:
    """This machine's zone."""
    zone = datetime.now().astimezone().tzinfo
    assert zone is not None
    return zone


def _write(options: argparse.Namespace, text: str) -> None:
    """Raises CommandUnusable."""
    if options.html is None:
        sys.stdout.write(text)
        return
    try:
        options.html.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise CommandUnusable(f"{options.html} cannot be written: {exc.strerror}") from exc
    sys.stdout.write(f"{options.html}\n")
