from bridge.dialects.dialect import Dialect
from bridge.dialects.openai_speech import MAX_ITEMS, MAX_WORDS, Speech
from tests.unit.recording_speaker import RecordingSpeaker

SOUND = b"\x55" * 800  # 100 ms


class Ear(Dialect):
    """Hands marks on to the speech."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech

    def mark_played(self, name: str, now: float) -> None:
        self._speech.marked(name)


def made() -> tuple[Speech, RecordingSpeaker, list[str]]:
    said: list[str] = []
    speaker = RecordingSpeaker()
    speech = Speech(speaker, said.append)
    speaker.dialect = Ear(speech)
    return speech, speaker, said


def test_items_are_told_in_the_order_they_are_heard() -> None:
    speech, speaker, said = made()
    for item in ("a", "b"):
        speech.audio("r", item, SOUND)
        speech.words(item, f"words of {item}", all=True)
        speech.finished(item)
    speaker.hear(100)
    assert said == ["words of a"]
    speaker.hear(100)
    assert said == ["words of a", "words of b"]


def test_an_item_that_is_finished_twice_is_told_once() -> None:
    speech, speaker, said = made()
    speech.audio("r", "a", SOUND)
    speech.words("a", "hello", all=True)
    speech.finished("a")
    speech.finished("a")
    speech.over("r")
    speaker.hear(100)
    assert said == ["hello"]


def test_an_interruption_cuts_what_is_queued_in_its_order() -> None:
    speech, speaker, said = made()
    for item in ("a", "b", "c"):
        speech.audio("r", item, SOUND)
        speech.words(item, "one two", all=True)
    speech.over("r")
    speaker.hear(150)
    assert speech.interrupt() == [("b", 50), ("c", 0)]
    assert said == ["one two", "one …"]


def test_a_second_interruption_finds_nothing() -> None:
    speech, speaker, _ = made()
    speech.audio("r", "a", SOUND)
    speech.interrupt()
    assert speech.interrupt() == []


def test_audio_that_was_queued_for_a_session_that_is_gone_is_dropped_and_nothing_is_cut_of_this_one() -> None:
    speech, speaker, said = made()
    speech.audio("r", "a", SOUND)
    speech.words("a", "hello", all=True)
    speech.settle()
    assert said == ["hello"]
    assert speech.interrupt() == []
    assert speaker.waiting_ms == 0


def test_words_without_audio_are_nobodys() -> None:
    speech, speaker, said = made()
    speech.words("a", "hello", all=True)
    speech.over("r")
    assert said == []


def test_words_are_bounded() -> None:
    speech, speaker, said = made()
    speech.audio("r", "a", SOUND)
    for _ in range(10):
        speech.words("a", "x" * MAX_WORDS, all=False)
    speech.over("r")
    speaker.hear(100)
    assert len(said[0]) == MAX_WORDS


def test_a_flood_of_items_is_bounded() -> None:
    speech, speaker, _ = made()
    for number in range(1_000):
        speech.audio("r", f"item_{number}", b"\x55")
    speech.mute("s")
    for number in range(1_000):
        speech.audio("s", f"late_{number}", b"\x55")
    assert len(speaker.played) == MAX_ITEMS
    assert speech.over("s") == []


def test_marks_of_others_are_none_of_its_business() -> None:
    speech, _, said = made()
    speech.marked("farewell")
    speech.marked("item:unknown")
    assert said == []


def test_at_the_end_the_words_are_told_that_were_heard() -> None:
    speech, speaker, said = made()
    speech.audio("r", "a", SOUND * 4)
    speech.words("a", "one two three four", all=True)
    speaker.hear(200)
    speech.end()
    assert said == ["one two …"]
