"""Messages of calls on their way into the journal: so many a call, and so many characters, are kept."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bridge.journal.records import MessageSeen

#: Of each protocol, a call.
MAX_MESSAGES = 200
MAX_CHARACTERS = 200_000
#: Calls that are counted at once; more only when ends were not told.
MAX_CALLS = 10_000

LEFT_OUT = "[what came after this is not kept: there was too much of it]"


@dataclass
class _Kept:
    """How much of one protocol was kept of a call."""

    messages: int = 0
    characters: int = 0
    full: bool = False


@dataclass
class _Call:
    protocols: dict[str, _Kept] = field(default_factory=dict)


class CallMessages:
    """The one way of messages into the journal."""

    def __init__(self, note: Callable[[MessageSeen], None], wanted: Callable[[], bool]) -> None:
        """`note` writes one down; `wanted`: whether any shall be, at the moment."""
        self.wanted = wanted
        self._note = note
        self._calls: OrderedDict[str, _Call] = OrderedDict()

    def keep(self, message: MessageSeen) -> None:
        """Write it down, unless the call has had its share; the first one too many is replaced by a word on that."""
        kept = self._kept(message.call, message.protocol)
        if kept.full:
            return
        kept.messages += 1
        kept.characters += len(message.text)
        kept.full = kept.messages >= MAX_MESSAGES or kept.characters > MAX_CHARACTERS
        if kept.full:
            message = replace(message, text=LEFT_OUT)
        self._note(message)

    def closed(self, call: str) -> None:
        """Nothing more will come of this call."""
        self._calls.pop(call, None)

    def _kept(self, call: str, protocol: str) -> _Kept:
        counted = self._calls.get(call)
        if counted is None:
            counted = self._calls[call] = _Call()
            if len(self._calls) > MAX_CALLS:
                self._calls.popitem(last=False)
        return counted.protocols.setdefault(protocol, _Kept())
