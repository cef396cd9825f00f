"""What was said on a call."""

from bridge.calls.transcript import MAX_CHARACTERS, MAX_LINES, Transcript


def test_lines_are_kept_in_order() -> None:
    transcript = Transcript()
    transcript.add("bot", "Hello.")
    transcript.add("customer", "Hi.")
    assert transcript.lines == (("bot", "Hello."), ("customer", "Hi."))


def test_the_oldest_lines_make_room() -> None:
    transcript = Transcript()
    for number in range(MAX_LINES + 2):
        transcript.add("bot", str(number))
    assert (len(transcript.lines), transcript.lines[0]) == (MAX_LINES, ("bot", "2"))


def test_the_characters_of_all_lines_are_bounded() -> None:
    transcript = Transcript()
    transcript.add("bot", "a" * 60_000)
    transcript.add("bot", "b" * 40_000)
    transcript.add("bot", "c")
    assert [text[0] for _, text in transcript.lines] == ["b", "c"]
    transcript.add("customer", "d" * (MAX_CHARACTERS * 3))
    assert transcript.lines == (("customer", "d" * MAX_CHARACTERS),)
