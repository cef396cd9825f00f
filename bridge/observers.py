"""Who watches from outside: metrics, the messages of calls' stories, Homer, traces. None of them can cost a call."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from bridge.calls.timeline import Listener
from bridge.capture.capture import Capture
from bridge.hep.tap import HepTap
from bridge.journal.records import MessageSeen
from bridge.livevox.transport import Exchange
from bridge.metrics.metrics import Metrics
from bridge.part_settings import hep_settings
from bridge.settings import Settings
from bridge.tracing.tracing import Tracing
from sip.dispatch import Dialog
from sip.tap import Tap, all_of


class Observers:
    """They hear of calls by `listeners`, of LiveVox by `livevox_answered`, of SIP by the tap of `running`."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        note: Callable[[MessageSeen], None],
        dialog: Callable[[str], Dialog | None],
    ) -> None:
        """`settings`: those that hold now; `note` writes into the journal; `dialog`: whose a Call-ID is.

        Raises TracingNotInstalled.
        """
        self.metrics = Metrics(settings)
        self._settings = settings
        self._dialog = dialog
        self._capture = Capture(settings, note, dialog)
        self._tracing = Tracing(settings()) if settings().tracing.endpoint else None

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """Of all calls."""
        traced = () if self._tracing is None else (self._tracing.heard,)
        return (self.metrics.heard, self._capture.entry, *traced)

    def livevox_answered(self, exchange: Exchange) -> None:
        """A request has ended; called in the task that made it."""
        self._capture.rest.heard(exchange)
        self.metrics.livevox_answered(exchange)
        if self._tracing is not None:
            self._tracing.livevox_answered(exchange)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Tap]:
        """What the edge shows its messages to."""
        settings, tap = self._settings(), self._capture.sip
        async with AsyncExitStack() as stack:
            self.metrics.start()
            stack.callback(self.metrics.stop)
            if self._tracing is not None:
                stack.push_async_callback(self._tracing.stop)
            if settings.hep.server:
                hep = await stack.enter_async_context(HepTap(*hep_settings(settings), self._dialog))
                yield all_of(tap, hep)
            else:
                yield tap
