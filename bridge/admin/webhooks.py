"""The endpoint that shows how it goes with webhooks: what is left to be sent, and what went wrong."""

from typing import Any

from aiohttp import web

from bridge.admin.access import Scope
from bridge.admin.instants import instant
from bridge.admin.operators import only_parameters
from bridge.admin.route import Reply, Route
from bridge.errors import ApiRefused, JournalUnusable
from bridge.webhooks.courier import Courier, Round


class WebhookEndpoints:
    """One: GET /v1/webhooks."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier

    def routes(self) -> tuple[Route, ...]:
        """Where it is."""
        return (Route("GET", "/v1/webhooks", Scope.VIEW, self._all),)

    async def _all(self, request: web.Request) -> Reply:
        only_parameters(request)
        try:
            return 200, {"webhooks": [await _told(each) for each in self._courier.rounds]}
        except JournalUnusable as exc:
            raise ApiRefused(503, "journal_unusable", "the journal cannot be read; the log says why") from exc


async def _told(webhook: Round) -> dict[str, Any]:
    tally, backlog = webhook.tally, await webhook.backlog()
    return {
        "name": webhook.hook.name,
        "events": sorted(webhook.hook.events),
        "pending": backlog.pending,
        "oldest_at": None if backlog.oldest_at is None else instant(backlog.oldest_at),
        "delivered": tally.delivered,
        "failed_tries": tally.failed,
        "given_up": tally.given_up,
        "failing_since": None if tally.failing_since is None else instant(tally.failing_since),
        "last_error": tally.last_error,
    }
