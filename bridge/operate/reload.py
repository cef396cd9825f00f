"""The command `reload` and the option `check --diff`: other settings for a bridge that runs, in words."""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bridge.operate.api import Api
from bridge.operate.command import DONE, Printer, run_with_bridge
from bridge.operate.sheets import printable
from bridge.reload.plan import changes
from bridge.reload.words import sentence
from bridge.settings import Settings, load

RELOAD = """\
Has the bridge that runs read its settings again, with the agents file and the secrets that stand in files, and go on by
them, as SIGHUP does. Calls keep what they began with. When something is wrong, or cannot change without a restart,
nothing is changed, and all of it is named. What a reload would do says check --diff.
"""

#: What `--diff` without a file stands for: ask the bridge that runs.
RUNNING = ""


def add_diff(parser: argparse.ArgumentParser) -> None:
    """The option of `check`."""
    parser.set_defaults(misuse=parser.error, url=None, json=False)
    parser.add_argument(
        "--diff",
        metavar="OLD",
        nargs="?",
        const=RUNNING,
        help="what a reload would change: of the bridge that runs, or after the settings in the file OLD beside it",
    )


async def reload(options: argparse.Namespace) -> int:
    """Have the bridge go on by what its settings say now."""

    async def order(api: Api, out: Printer) -> None:
        out.show(await api.post("/v1/reload"), done_text)

    return await run_with_bridge(options, order)


async def diff(options: argparse.Namespace, settings: Settings) -> int:
    """Print what a reload would change: of the bridge that runs, which reads its own file, or after the file OLD."""
    if options.diff != RUNNING:
        old = load(Path(options.diff), os.environ, require_secrets=False)
        found = "".join(f"  {sentence(change)}\n" for change in changes(old, settings))
        sys.stdout.write(f"A reload after {options.diff} would change:\n{found or _NOTHING}")
        return DONE

    async def look(api: Api, out: Printer) -> None:
        out.show(await api.get("/v1/reload"), would_text)

    return await run_with_bridge(options, look)


def done_text(body: Mapping[str, Any]) -> str:
    """What a reload has changed."""
    return f"Reloaded; these are settings number {body.get('generation')}.\n{_lines(body)}"


def would_text(body: Mapping[str, Any]) -> str:
    """What a reload would change, or why it would be refused."""
    refused = "A reload would be refused: part of it needs a restart.\n" if body.get("needs_restart") else ""
    return f"A reload would change, of settings number {body.get('generation')}:\n{_lines(body)}{refused}"


_NOTHING = "  nothing: the settings say the same\n"


def _lines(body: Mapping[str, Any]) -> str:
    told = body.get("changes")
    lines = [change.get("message") for change in told if isinstance(change, dict)] if isinstance(told, list) else []
    return "".join(f"  {printable(str(line))}\n" for line in lines) or _NOTHING
