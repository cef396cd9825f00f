"""Which settings the bridge goes by, and how it goes with webhooks, at the moment it is asked."""

from collections.abc import Iterator
from time import time

from prometheus_client.core import Metric as Family

from bridge.metrics import catalogue
from bridge.reload.reloader import Reloader
from bridge.webhooks.courier import Courier


def settings_families(reloader: Reloader) -> Iterator[Family]:
    """How often the settings were read again."""
    yield catalogue.SETTINGS_GENERATION.of(reloader.standing.generation)
    yield catalogue.SETTINGS_SINCE.of(reloader.standing.since)
    yield catalogue.RELOADS_REFUSED.of(reloader.refused)


def webhook_families(courier: Courier) -> Iterator[Family]:
    """What became of messages, and for how long a receiver has taken none."""
    messages, failing = catalogue.WEBHOOK_MESSAGES.family(), catalogue.WEBHOOK_FAILING.family()
    for each in courier.rounds:
        name, tally = each.hook.name, each.tally
        messages.add_metric([name, "delivered"], tally.delivered)
        messages.add_metric([name, "failed"], tally.failed)
        messages.add_metric([name, "given_up"], tally.given_up)
        failing.add_metric([name], 0.0 if tally.failing_since is None else max(time() - tally.failing_since, 0.0))
    yield messages
    yield failing
