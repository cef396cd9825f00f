"""The recorder and its thread: what it does for many calls, and what a slow disk does to it."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.media.messages import Record, RecordingStopped, Side
from bridge.media.recorder import BLOCKS_A_SLOT, MAX_WAITING, Recorder
from sip.messages import Codec
from tests.recorded import read_recording
from tests.unit.media_call import Call

CALLS = BLOCKS_A_SLOT + 10


class Desk:
    """Calls that are recorded."""

    def __init__(self, folder: Path, calls: int) -> None:
        self.stopped: list[RecordingStopped] = []
        self.recorder = Recorder(self.stopped.append)
        self.calls = [Call() for _ in range(calls)]
        self.paths = [folder / f"{number}.wav" for number in range(calls)]
        for number, call in enumerate(self.calls):
            call.agree()
            record = Record(str(number), str(self.paths[number]), Codec.PCMU, 0.0)
            self.recorder.obey(record, call.session, 0.0)

    def finish(self) -> None:
        """All calls are over."""
        for number, call in enumerate(self.calls):
            self.recorder.finish(str(number), call.now)
        self.recorder.end(0.0)


@pytest.fixture
def stuck_thread() -> Iterator[None]:
    """No other thread runs until this one waits for something."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(60.0)
    yield
    sys.setswitchinterval(before)


def test_many_recordings_are_handed_over_a_few_in_each_slot(tmp_path: Path) -> None:
    desk = Desk(tmp_path, CALLS)
    for call in desk.calls:
        call.run(100, *Side)
    desk.recorder.tick(49, 1.98)
    assert not any(tmp_path.iterdir())
    for number in range(50, 103):
        desk.recorder.tick(number, number * 0.02)
    desk.finish()
    assert desk.stopped == []
    for path in desk.paths:
        recorded = read_recording(path)
        assert recorded.customer == recorded.bot
        assert recorded.customer.count(b"\x55") == 100 * 160


def test_a_pause_is_one_of_the_same_recording(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1)
    (call,) = desk.calls
    call.run(2, *Side)
    desk.recorder.obey(Record("0", "elsewhere", Codec.PCMU, 0.0, paused=True), call.session, call.now)
    call.run(2, *Side)
    desk.finish()
    assert read_recording(desk.paths[0]).customer.count(b"\x55") == 2 * 160
    assert [path.name for path in tmp_path.iterdir()] == ["0.wav"]


@pytest.mark.usefixtures("stuck_thread")
def test_a_disk_that_is_ten_seconds_behind_ends_the_recording(tmp_path: Path) -> None:
    desk = Desk(tmp_path, 1)
    (call,) = desk.calls
    for second in range(1, MAX_WAITING + 1):
        desk.recorder.tick(second * 50, float(second))
    assert desk.stopped == []
    desk.recorder.tick((MAX_WAITING + 1) * 50, MAX_WAITING + 1.0)
    assert desk.stopped == [RecordingStopped("0", "the disk is too slow: 10 s of audio wait for it")]
    assert call.session.customer.record is None
    paused = Record("0", str(desk.paths[0]), Codec.PCMU, 0.0, paused=True)  # was on its way when it ended
    desk.recorder.obey(paused, call.session, MAX_WAITING + 1.5)
    assert call.session.customer.record is None
    desk.recorder.tick((MAX_WAITING + 2) * 50, MAX_WAITING + 2.0)
    desk.finish()
    assert len(desk.stopped) == 1


def test_a_disk_that_fails_at_the_end_of_a_call_is_said_on_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(tmp_path / "missing", 1)
    (tmp_path / "missing").write_text("a file in the folder's place")
    desk.recorder.finish("0", 1.0)
    limit = time.monotonic() + 8.0
    while not capsys.readouterr().err.startswith("media process: the end of a recording is not written"):
        assert time.monotonic() < limit
        desk.recorder.tick(0, 1.0)
        time.sleep(0.005)
    assert desk.stopped == []
