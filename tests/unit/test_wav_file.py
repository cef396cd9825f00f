"""A recording on disk, in all the states it can be left in."""

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.media.wav import HEADER_SIZE, header
from bridge.media.wav_file import WavFile, recover
from sip.messages import Codec
from tests.recorded import read_recording


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "day" / "call.wav"


def part_of(path: Path) -> Path:
    return path.with_name("call.wav.part")


def test_a_complete_file_has_its_name_and_only_its_owner_may_read_it(path: Path) -> None:
    file = WavFile(path, Codec.PCMU)
    file.put(0, b"\x01\x02" * 100)
    assert not path.exists()
    file.finish()
    assert not part_of(path).exists()
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    recorded = read_recording(path)
    assert (recorded.tag, recorded.customer, recorded.bot) == (7, b"\x01" * 100, b"\x02" * 100)


@pytest.mark.parametrize(("codec", "silence"), [(Codec.PCMU, b"\xff"), (Codec.PCMA, b"\xd5")])
def test_what_is_missing_is_silence_of_its_law(path: Path, codec: Codec, silence: bytes) -> None:
    file = WavFile(path, codec)
    file.put(3, b"\x01\x02")
    file.put(20_000, b"\x03\x04")
    file.finish()
    recorded = read_recording(path)
    assert recorded.customer == silence * 3 + b"\x01" + silence * (20_000 - 4) + b"\x03"
    assert recorded.bot == silence * 3 + b"\x02" + silence * (20_000 - 4) + b"\x04"


def test_it_can_be_played_at_any_moment(path: Path) -> None:
    file = WavFile(path, Codec.PCMU)
    assert read_recording(part_of(path)).customer == b""
    for second in range(3):
        file.put(second * 100, bytes([second, second + 10]) * 100)
        assert len(read_recording(part_of(path)).customer) == (second + 1) * 100
    file.finish()


def test_another_process_goes_on_with_it(path: Path) -> None:
    left = WavFile(path, Codec.PCMA)
    left.put(0, b"\x01\x02" * 10)
    os.close(left._descriptor)  # as the kernel does when a process is killed
    with part_of(path).open("ab") as part:
        part.write(b"\x07")  # it was killed in the middle of a frame
    file = WavFile(path, Codec.PCMU)
    assert file.frames == 10
    file.put(8, b"\x05\x06" * 4)
    file.put(14, b"\x03\x04")
    file.finish()
    recorded = read_recording(path)
    assert recorded.tag == 6  # as it was begun
    assert recorded.customer == b"\x01" * 10 + b"\x05" * 2 + b"\xd5" * 2 + b"\x03"


def test_two_processes_never_write_the_same_file(path: Path) -> None:
    file = WavFile(path, Codec.PCMU)
    with pytest.raises(BlockingIOError):
        WavFile(path, Codec.PCMU)
    file.put(0, b"\x01\x02")
    assert recover(part_of(path)) is None
    file.finish()
    assert read_recording(path).customer == b"\x01"


def test_a_file_whose_writer_died_is_completed(path: Path) -> None:
    path.parent.mkdir()
    part_of(path).write_bytes(header(Codec.PCMU, 2) + b"\x01\x02" * 5 + b"\x09")
    assert recover(part_of(path)) == path
    recorded = read_recording(path)
    assert (recorded.customer, recorded.beyond) == (b"\x01" * 5, 1)


@pytest.mark.parametrize("data", [b"", b"RIFF", header(Codec.PCMU, 0)])
def test_a_file_in_which_nothing_was_written_goes(path: Path, data: bytes) -> None:
    path.parent.mkdir()
    part_of(path).write_bytes(data)
    assert recover(part_of(path)) is None
    assert not list(path.parent.iterdir())


def test_a_complete_file_is_never_written_over(path: Path) -> None:
    file = WavFile(path, Codec.PCMU)
    file.put(0, b"\x01\x02")
    file.finish()
    with pytest.raises(FileExistsError):
        WavFile(path, Codec.PCMU)
    assert read_recording(path).customer == b"\x01"


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    precious = tmp_path / "precious"
    precious.write_text("precious")
    part_of(path).symlink_to(precious)
    with pytest.raises(OSError):
        WavFile(path, Codec.PCMU)
    with pytest.raises(OSError):
        recover(part_of(path))
    assert precious.read_text() == "precious"


@pytest.fixture
def small_disk() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (HEADER_SIZE + 101, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("small_disk")
def test_what_a_full_disk_took_can_be_played(path: Path) -> None:
    file = WavFile(path, Codec.PCMU)
    file.put(0, b"\x01\x02" * 20)
    with pytest.raises(OSError):
        file.put(20, b"\x03\x04" * 1000)
    file.finish()
    recorded = read_recording(path)
    assert recorded.customer == b"\x01" * 20 + b"\x03" * 30
    assert recorded.bot == b"\x02" * 20 + b"\x04" * 30
