"""How it goes with webhooks and with reloads of the settings, at the moment it is asked."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from time import time

from prometheus_client.core import Metric as Family

from bridge.errors import JournalUnusable
from bridge.journal.announcements import Backlog
from bridge.metrics import catalogue
from bridge.reload.reloader import Reloader
from bridge.reload.result import Result
from bridge.webhooks.courier import Courier

#: How long a scrape waits for the journal; what it has not told by then is left out.
PATIENCE_S = 1.0


def settings_families(reloader: Reloader) -> Iterator[Family]:
    """How often the settings were read again, and what came of it."""
    yield catalogue.SETTINGS_GENERATION.of(reloader.standing.generation)
    yield catalogue.SETTINGS_SINCE.of(reloader.standing.since)
    reloads = catalogue.RELOADS.family()
    for result in Result:
        reloads.add_metric([result], reloader.results[result])
    yield reloads
    yield catalogue.RELOAD_DONE.of(reloader.missed is None)


async def read_backlogs(courier: Courier) -> Mapping[str, Backlog]:
    """What each webhook is still to be told, by its name; of those that the journal does not tell at once nothing."""
    found: dict[str, Backlog] = {}
    with suppress(TimeoutError, JournalUnusable):
        async with asyncio.timeout(PATIENCE_S):
            for each in courier.rounds:
                found[each.hook.name] = await each.backlog()
    return found


def webhook_families(courier: Courier, backlogs: Mapping[str, Backlog]) -> Iterator[Family]:
    """What became of messages, for how long a receiver has taken none, and what is left."""
    messages, failing = catalogue.WEBHOOK_MESSAGES.family(), catalogue.WEBHOOK_FAILING.family()
    for each in courier.rounds:
        name, tally = each.hook.name, each.tally
        messages.add_metric([name, "delivered"], tally.delivered)
        messages.add_metric([name, "failed"], tally.failed)
        messages.add_metric([name, "given_up"], tally.given_up)
        failing.add_metric([name], _age(tally.failing_since))
    yield messages
    yield failing
    pending, oldest = catalogue.WEBHOOK_PENDING.family(), catalogue.WEBHOOK_OLDEST.family()
    for name, backlog in backlogs.items():
        pending.add_metric([name], backlog.pending)
        oldest.add_metric([name], _age(backlog.oldest_at))
    yield pending
    yield oldest


def _age(since: float | None) -> float:
    return 0.0 if since is None else max(time() - since, 0.0)
