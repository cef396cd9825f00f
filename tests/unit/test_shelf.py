"""The folder with the recordings: what is found, completed and deleted in it."""

import os
from pathlib import Path

import pytest

from bridge.media.wav import header
from bridge.media.wav_file import WavFile
from bridge.recordings.shelf import Shelf
from bridge.recordings.terms import RecordingTerms
from sip.messages import Codec
from tests.recorded import read_recording

NOW = 1_700_000_000.0
DAY_S = 86_400.0


def call(number: int) -> str:
    return f"{number:020x}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


def complete(folder: Path, number: int, age_s: float = 0.0) -> Path:
    """A recording that was finished so long before NOW."""
    path = Path(RecordingTerms(True, str(folder)).path("8990000001", call(number), NOW - age_s))
    file = WavFile(path, Codec.PCMU)
    file.put(0, b"\x01\x02" * 8)
    file.finish()
    os.utime(path, (NOW - age_s, NOW - age_s))
    return path


def left(folder: Path, number: int, age_s: float) -> Path:
    """One whose writer died; the path that it will have."""
    path = complete(folder, number, age_s)
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(header(Codec.PCMU, 1) + b"\x01\x02" * 50)
    path.unlink()
    os.utime(part, (NOW - age_s, NOW - age_s))
    return path


def test_a_folder_that_is_not_there_has_nothing(folder: Path) -> None:
    shelf = Shelf(folder)
    assert (shelf.find(call(1)), shelf.recover(0, NOW), shelf.prune(NOW)) == (None, 0, 0)
    assert not folder.exists()


def test_what_recordings_take_and_what_is_left_is_told_of_complete_ones_and_others(folder: Path) -> None:
    shelf = Shelf(folder)
    assert shelf.used() == 0 and shelf.free() > 0
    sizes = [complete(folder, 1).stat().st_size, left(folder, 2, 1.0).with_suffix(".wav.part").stat().st_size]
    (folder / "notes.txt").write_text("nothing of ours")
    assert shelf.used() == sum(sizes) and len(set(sizes)) == 2


def test_a_recording_is_found_by_its_call(folder: Path) -> None:
    path = complete(folder, 1)
    complete(folder, 2, DAY_S)
    shelf = Shelf(folder)
    assert shelf.find(call(1)) == path
    assert shelf.find(call(3)) is None
    assert shelf.find("*") is None


def test_one_that_still_grows_is_found_too(folder: Path) -> None:
    path = Path(RecordingTerms(True, str(folder)).path("8990000001", call(1), NOW))
    file = WavFile(path, Codec.PCMU)
    assert Shelf(folder).find(call(1)) == path.with_name(f"{path.name}.part")
    file.finish()
    assert Shelf(folder).find(call(1)) == path


def test_what_was_left_is_completed_when_nobody_has_written_it_for_a_while(folder: Path) -> None:
    fresh, old = left(folder, 1, 5.0), left(folder, 2, 700.0)
    shelf = Shelf(folder)
    assert shelf.recover(600.0, NOW) == 1
    assert read_recording(old).customer == b"\x01" * 50
    assert not fresh.exists()
    assert shelf.recover(0.0, NOW) == 1
    assert fresh.exists()


def test_what_is_being_written_is_neither_completed_nor_deleted(folder: Path) -> None:
    path = Path(RecordingTerms(True, str(folder)).path("8990000001", call(1), NOW))
    file = WavFile(path, Codec.PCMU)
    file.put(0, b"\x01\x02")
    part = path.with_name(f"{path.name}.part")
    os.utime(part, (0, 0))
    shelf = Shelf(folder)
    assert (shelf.recover(0.0, NOW), shelf.prune(NOW)) == (0, 0)
    file.put(1, b"\x03\x04")
    file.finish()
    assert read_recording(path).customer == b"\x01\x03"


def test_old_recordings_go_and_their_empty_folder_too(folder: Path) -> None:
    kept, gone = complete(folder, 1, DAY_S), complete(folder, 2, 40 * DAY_S)
    shelf = Shelf(folder)
    assert shelf.prune(NOW - 30 * DAY_S) == 1
    assert kept.exists()
    assert not gone.parent.exists()


def test_what_is_none_of_ours_is_left_alone(folder: Path) -> None:
    old = complete(folder, 1, 40 * DAY_S)
    others = [
        old.with_name("notes.txt"),
        folder / "list.csv",
        folder / "backup" / old.name,
        old.with_name("x.wav.part"),
    ]
    (folder / "backup").mkdir()
    for other in others:
        other.write_text("mine")
        os.utime(other, (0, 0))
    link = old.with_name(f"000000_8990000001_{call(9)}.wav")
    link.symlink_to(others[1])
    shelf = Shelf(folder)
    shelf.recover(0.0, NOW)
    shelf.prune(NOW)
    assert not old.exists()
    assert all(other.read_text() == "mine" for other in others)
    assert link.is_symlink()
    assert shelf.find(call(9)) is None
