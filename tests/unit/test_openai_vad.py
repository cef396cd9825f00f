from bridge.simulator.openai_vad import Voice, VoiceDetector
from bridge.simulator.speech import SILENCE_FRAME
from sip.messages import Codec

LOUD = b"\x10\x90" * 80
QUIET = SILENCE_FRAME[Codec.PCMU]


def test_a_voice_starts_after_sixty_milliseconds_and_stops_after_the_silence() -> None:
    detector = VoiceDetector()
    assert detector.hear(QUIET * 5) == []
    assert detector.hear(LOUD * 2) == []
    assert detector.hear(LOUD * 10) == [(Voice.STARTED, 160)]
    assert detector.hear(QUIET * 24) == []
    assert detector.hear(QUIET) == [(Voice.STOPPED, 840)]


def test_a_click_is_no_voice_and_a_short_pause_no_end() -> None:
    detector = VoiceDetector()
    assert detector.hear((LOUD * 2 + QUIET) * 5) == []
    assert len(detector.hear(LOUD * 3)) == 1
    assert detector.hear((QUIET * 10 + LOUD) * 5) == []


def test_pieces_of_any_length_are_heard_alike() -> None:
    audio = QUIET * 3 + LOUD * 5 + QUIET * 30
    whole, pieces = VoiceDetector(), VoiceDetector()
    found = [change for start in range(0, len(audio), 37) for change in pieces.hear(audio[start : start + 37])]
    assert found == whole.hear(audio)
    assert [change for change, _ in found] == [Voice.STARTED, Voice.STOPPED]
