"""[sans-IO] What the bot says, item by item: the audio that came, its words, and what of it the customer has heard."""

from collections.abc import Callable
from dataclasses import dataclass

from bridge.dialects.bounded_set import BoundedSet
from bridge.dialects.dialect import Speaker

_BYTES_PER_MS = 8
_MARK = "item:"
#: Characters of one item that are kept, and items: more is no speech.
MAX_WORDS, MAX_ITEMS = 20_000, 200


@dataclass
class _Item:
    """A message of the bot that the customer has not heard whole."""

    response: str
    bytes: int = 0
    words: str = ""
    whole: bool = False
    """All of its audio is there."""


class Speech:
    """The bot's speech of one call."""

    def __init__(self, speaker: Speaker, said: Callable[[str], None]) -> None:
        """`said` is told the words of each item once the customer has heard them, or as many as they have heard."""
        self._speaker = speaker
        self._said = said
        self._items: dict[str, _Item] = {}
        self._cut_items = BoundedSet()
        self._cut_responses = BoundedSet()
        self._late: dict[str, str] = {}
        self._marks_of_cut: list[str] | None = None

    def audio(self, response: str, item: str, audio: bytes) -> bool:
        """Audio of an item came; False when it is not played: the customer had interrupted."""
        if item in self._cut_items or (item not in self._items and len(self._items) + len(self._late) >= MAX_ITEMS):
            return False
        if response in self._cut_responses:
            self._late[item] = response
            return False
        known = self._items.setdefault(item, _Item(response))
        known.bytes += len(audio)
        self._speaker.play(audio, item)
        return True

    def words(self, item: str, words: str, all: bool) -> None:
        """A part of an item's words, or all of them."""
        known = self._items.get(item)
        if known is not None:
            known.words = (words if all else known.words + words)[:MAX_WORDS]

    def finished(self, item: str) -> None:
        """All audio and words of this item are there."""
        known = self._items.get(item)
        if known is not None and not known.whole:
            known.whole = True
            self._speaker.mark(_MARK + item)

    def over(self, response: str) -> list[str]:
        """A response is over: its items are whole. Those that came after an interruption, and nobody has heard."""
        for item in [item for item, known in self._items.items() if known.response == response]:
            self.finished(item)
        late = [item for item, of in self._late.items() if of == response]
        for item in late:
            del self._late[item]
        return late

    def marked(self, mark: str) -> None:
        """A mark was reached; only those of items count."""
        if mark.startswith(_MARK):
            if self._marks_of_cut is not None:
                self._marks_of_cut.append(mark.removeprefix(_MARK))
            else:
                self._heard(mark.removeprefix(_MARK))

    def mute(self, response: str) -> None:
        """Nothing more of this response is played."""
        self._cut_responses.add(response)

    def interrupt(self) -> list[tuple[str, int]]:
        """The customer interrupts: what is queued is dropped.

        Returns the items that were cut, in order, each with the milliseconds that were heard of it; none when all that
        was said had been heard.
        """
        marks = self._marks_of_cut = []
        cut = self._speaker.clear()  # which reports marks: of what was heard, and of what now never will be
        self._marks_of_cut = None
        begun = [item for item, known in self._items.items() if not known.whole]
        items = [item for item in dict.fromkeys((cut.item, *cut.unheard, *begun)) if item in self._items]
        for item in marks:
            if item not in items:
                self._heard(item)
        cuts = [(item, cut.played_ms if item == cut.item else self._speaker.played_ms(item)) for item in items]
        for item, played_ms in cuts:
            self._cut(item, played_ms)
        return cuts

    def settle(self) -> None:
        """The connection is another one: what is still queued will be heard, but the server knows no such items."""
        for item in list(self._items):
            self._heard(item)
        self._late.clear()

    def end(self) -> None:
        """The call is over: what was being said is known as far as it was heard."""
        for item in list(self._items):
            self._cut(item, self._speaker.played_ms(item))

    def _heard(self, item: str) -> None:
        known = self._items.pop(item, None)
        if known is not None and known.words.strip():
            self._said(known.words.strip())

    def _cut(self, item: str, played_ms: int) -> None:
        """Words are not timed: as large a share of them counts as heard as of the audio that had come."""
        self._cut_items.add(item)
        known = self._items[item]
        share = min(1.0, played_ms * _BYTES_PER_MS / known.bytes) if known.bytes else 0.0
        heard = known.words[: round(len(known.words) * share)]
        if len(heard) < len(known.words):
            heard = heard[: heard.rfind(" ") + 1].rstrip()
        known.words = f"{heard} …" if heard and len(heard) < len(known.words) else heard
        self._heard(item)
