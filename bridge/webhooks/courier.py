"""The driver of webhooks: what the journal has for them is sent, tried again, or given up. No call waits for it."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from random import Random
from time import time
from typing import Protocol

import structlog

from bridge.engines.http_client import HttpAnswer
from bridge.errors import EngineUnreachable, JournalUnusable
from bridge.journal.announcements import Announcer, Backlog, Delivery
from bridge.journal.record_keeper import RecordKeeper
from bridge.journal.records import DeliveryTried
from bridge.webhooks.hook import Hook, signed_headers
from bridge.webhooks.messages import MessageMaker
from bridge.webhooks.retry import RetryPolicy, is_taken
from bridge.webhooks.tally import Tally

log = structlog.get_logger()

#: Messages that are under way to one webhook at the same time, each of another call.
AT_ONCE = 8
#: Pause after the journal could not be read, in seconds.
RETRY_S = 5.0
_POLICY = RetryPolicy()
#: How long messages may still be sent when the bridge stops, in seconds; the rest is sent after the next start.
CLOSING_S = 2.0


class Outbox(RecordKeeper, Protocol):
    """The journal, as far as webhooks need it."""

    @property
    def failing_s(self) -> float | None:
        """For how long it could not be written; None: it can."""

    def announce(self, announcer: Announcer | None, told: Callable[[], None]) -> None:
        """Whose messages are written from now on."""

    async def due(self, webhook: str, now: float, limit: int) -> tuple[Sequence[Delivery], float | None]:
        """What is to be sent now, and when the next is; raises JournalUnusable."""

    async def backlog(self, webhook: str) -> Backlog:
        """How much is left; raises JournalUnusable."""


class Post(Protocol):
    """Sends a POST; raises EngineUnreachable. Follows no redirects, reads little of the answer."""

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes, *, timeout_s: float) -> HttpAnswer: ...


class Courier:
    """All webhooks. `change` starts them."""

    def __init__(self, outbox: Outbox, post: Post, policy: RetryPolicy = _POLICY) -> None:
        self._outbox = outbox
        self._post = post
        self._policy = policy
        self._rounds: dict[str, Round] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def rounds(self) -> Sequence["Round"]:
        """One for each webhook of the settings."""
        return tuple(self._rounds.values())

    def change(self, hooks: Sequence[Hook]) -> None:
        """These are told from now on; messages of others stay in the journal, and are sent if they come back."""
        wanted = {hook.name: hook for hook in hooks}
        for name in [name for name in self._rounds if name not in wanted]:
            task = asyncio.create_task(self._rounds.pop(name).stop(), name=f"webhook {name} is gone")
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)
        for name, hook in wanted.items():
            if name in self._rounds:
                self._rounds[name].hook = hook
            else:
                self._rounds[name] = Round(hook, self._outbox, self._post, self._policy)
        self._outbox.announce(MessageMaker(hooks) if hooks else None, self._stir)
        self._stir()

    async def stop(self) -> None:
        """Send what can be sent at once."""
        await self._outbox.on_disk("webhooks")
        self._stir()
        await asyncio.gather(*(each.stop(CLOSING_S) for each in self._rounds.values()), *self._leaving)

    def _stir(self) -> None:
        for each in self._rounds.values():
            each.stir()


class Round:
    """One webhook."""

    def __init__(self, hook: Hook, outbox: Outbox, post: Post, policy: RetryPolicy) -> None:
        self.hook = hook
        self.tally = Tally()
        self._outbox = outbox
        self._post = post
        self._policy = policy
        self._chance = Random()
        self._stirred = asyncio.Event()
        self._flying: dict[int, asyncio.Task[None]] = {}
        """By the row."""
        self._quiet = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name=f"webhook {hook.name}")

    def stir(self) -> None:
        """There may be something to send."""
        self._quiet.clear()
        self._stirred.set()

    async def backlog(self) -> Backlog:
        """How much is left to be sent; raises JournalUnusable."""
        return await self._outbox.backlog(self.hook.name)

    async def stop(self, limit_s: float = 0.0) -> None:
        """Stop, once there is nothing that can be sent at once, or after so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._quiet.wait()
        tasks = [self._task, *self._flying.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._stirred.clear()
            try:
                wait = await self._send_due()
            except Exception:  # a webhook's outermost level
                log.exception("webhook_fault", webhook=self.hook.name)
                wait = RETRY_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._stirred.wait()

    async def _send_due(self) -> float | None:
        """Send what is due; how long nothing is to be done then, None: until it is stirred."""
        free = AT_ONCE - len(self._flying)
        if free <= 0:
            return None
        now = time()
        try:
            found, next_at = await self._outbox.due(self.hook.name, now, AT_ONCE)
        except JournalUnusable:  # the journal says what is wrong with it
            return RETRY_S
        for delivery in [each for each in found if each.id not in self._flying][:free]:
            name = f"webhook {self.hook.name} message {delivery.id}"
            self._flying[delivery.id] = asyncio.create_task(self._deliver(delivery), name=name)
        if not self._flying:
            self._quiet.set()
        return None if next_at is None else max(next_at - now, 0.0)

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            await self._try(delivery)
        except Exception:  # a message's outermost level
            log.exception("webhook_fault", webhook=self.hook.name, event_=delivery.event)
            await asyncio.sleep(RETRY_S)
        finally:
            del self._flying[delivery.id]
            self._stirred.set()

    async def _try(self, delivery: Delivery) -> None:
        status, error = await self._send(delivery)
        now, next_at = time(), None
        if not error:
            if self.tally.failing_since is not None:
                log.info("webhook_works_again", webhook=self.hook.name)
            self.tally.taken()
        else:
            next_at = self._policy.next_try(delivery.at, delivery.tries + 1, now, status, self._chance)
            self._failed(delivery, error, now, given_up=next_at is None)
        self._outbox.note(DeliveryTried(delivery.call, now, delivery.id, next_at, error))
        await self._outbox.on_disk(delivery.call)
        while self._outbox.failing_s is not None:  # until then the journal would say that it is due
            await asyncio.sleep(RETRY_S)
            await self._outbox.on_disk(delivery.call)

    async def _send(self, delivery: Delivery) -> tuple[int | None, str]:
        """The status, and what went wrong; empty: it was taken."""
        hook, body = self.hook, delivery.body.encode()
        headers = signed_headers(hook.secret, delivery.message, int(time()), body)
        try:
            answer = await self._post(hook.url, headers, body, timeout_s=hook.timeout_s)
        except EngineUnreachable as exc:
            return None, exc.cause
        return answer.status, "" if is_taken(answer.status) else f"it answers {answer.status}"

    def _failed(self, delivery: Delivery, error: str, now: float, *, given_up: bool) -> None:
        first = self.tally.failing_since is None
        self.tally.not_taken(error, now, given_up=given_up)
        about = {"webhook": self.hook.name, "about": delivery.event, "call": delivery.call, "reason": error}
        if given_up:
            log.error("webhook_given_up", **about, tries=delivery.tries + 1)
        elif first:
            log.warning("webhook_failing", **about)
        else:
            log.debug("webhook_failed", **about, tries=delivery.tries + 1)
