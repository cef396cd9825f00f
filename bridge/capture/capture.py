"""All that is captured of calls, as the settings want it."""

from collections.abc import Callable
from urllib.parse import urlsplit

from bridge.calls.timeline import Entry
from bridge.capture.call_messages import CallMessages
from bridge.capture.rest_capture import RestCapture
from bridge.capture.sip_capture import SipCapture
from bridge.journal.records import MessageSeen
from bridge.settings import Settings
from sip.dispatch import Dialog

#: The last entry of a call's timeline.
_LAST = ("closed", "recovered")


class Capture:
    """`sip` is the edge's tap, `rest` hears of exchanges with LiveVox, `entry` listens to the timelines."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        note: Callable[[MessageSeen], None],
        dialog: Callable[[str], Dialog | None],
    ) -> None:
        """`settings`: those that hold now. `note` writes a message down, `dialog` says whose a Call-ID is."""
        self._messages = CallMessages(note, lambda: settings().journal.messages)
        self.sip = SipCapture(self._messages, dialog)
        self.rest = RestCapture(self._messages, lambda: urlsplit(settings().livevox.url).netloc)

    def entry(self, entry: Entry) -> None:
        """Forget the calls that are over."""
        if entry.what in _LAST:
            self.rest.closed(entry.call)
            self._messages.closed(entry.call)
