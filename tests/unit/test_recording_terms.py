"""Which calls are recorded, and under which names."""

import pytest

from bridge.recordings.terms import RecordingTerms, call_of, is_call

CALL = "0123456789abcdef0123"


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        (RecordingTerms(), False),
        (RecordingTerms(True), True),
        (RecordingTerms(True, agents=frozenset({"8990000001"})), True),
        (RecordingTerms(True, agents=frozenset({"8990000002"})), False),
        (RecordingTerms(True, engines=frozenset({"bot"})), True),
        (RecordingTerms(True, engines=frozenset({"other"})), False),
        (RecordingTerms(True, agents=frozenset({"8990000001"}), engines=frozenset({"other"})), False),
        (RecordingTerms(False, agents=frozenset({"8990000001"})), False),
    ],
)
def test_the_settings_decide_by_agent_and_engine(terms: RecordingTerms, wanted: bool) -> None:
    assert terms.wants("8990000001", "bot") is wanted


def test_a_file_has_day_time_agent_and_call_in_its_name() -> None:
    path = RecordingTerms(True, "/var/recordings").path("8990000001", CALL, 1_700_000_000.5)
    assert path == f"/var/recordings/2023-11-14/221320_8990000001_{CALL}.wav"
    name = path.rpartition("/")[2]
    assert call_of(name) == call_of(f"{name}.part") == CALL


@pytest.mark.parametrize("name", ["notes.txt", f"{CALL}.wav", f"221320_8990000001_{CALL}.wav.bak", f"1_2_{CALL}.wav"])
def test_other_files_are_no_recordings(name: str) -> None:
    assert call_of(name) is None


@pytest.mark.parametrize("text", ["", "..", CALL[1:], CALL.upper(), f"{CALL}0", "../../../../etc/passwd", f"{CALL}\n"])
def test_what_is_no_id_is_no_call(text: str) -> None:
    assert is_call(CALL)
    assert not is_call(text)
