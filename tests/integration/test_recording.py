"""Recordings of a real media process: packets in, a WAV file out, whatever breaks."""

import asyncio
import os
import resource
import signal
import struct
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from statistics import median

import pytest

from bridge.media.messages import RecordingStopped
from bridge.media.rtp import build, payload
from bridge.media.wav import HEADER_SIZE
from bridge.media.wav_file import recover
from sip.messages import Codec
from tests.integration.media_bench import Bench, Peer, of_stream, running, settings, until
from tests.recorded import Recorded, read_recording

CUSTOMER, BOT = 77, 78


def frame(ssrc: int, number: int) -> bytes:
    """20 ms that are found again."""
    return struct.pack("!BH", ssrc, number + 1) * 53 + b"\x11"


class Talk:
    """A recorded call whose both sides speak in step."""

    def __init__(self, bench: Bench, path: Path) -> None:
        self.bench, self.path = bench, path
        self.number = 0
        self.spoken_at: dict[int, float] = {}

    customer: Peer
    bot: Peer
    ports: tuple[int, int]
    started: float

    async def begin(self, codec: Codec = Codec.PCMU) -> None:
        opened, self.customer, self.bot = await self.bench.call(codec=codec)
        self.ports = opened.customer_port, opened.engine_port
        self.kind = codec.payload_type
        self.started = time.monotonic()
        self.bench.media.record("c1", str(self.path), paused=False)
        await self.bench.obeyed()

    async def speak(self, frames: int) -> range:
        """The numbers of what both sides say."""
        first, since = self.number, time.monotonic() - self.started
        for place in range(frames):
            at = self.spoken_at[self.number] = since + place * 0.02  # a busy machine may send it later
            await asyncio.sleep(max(self.started + at - time.monotonic(), 0))
            stamp = round(since * 8000) + place * 160
            for ssrc, peer, port in ((CUSTOMER, self.customer, self.ports[0]), (BOT, self.bot, self.ports[1])):
                peer.send(build(self.kind, False, self.number, stamp, ssrc, frame(ssrc, self.number)), port)
            self.number += 1
        return range(first, self.number)

    async def arrived(self) -> None:
        """What was said last has come through: commands may overtake it."""
        await until(lambda: self._was_heard(self.bot, CUSTOMER) and self._was_heard(self.customer, BOT))

    def _was_heard(self, peer: Peer, ssrc: int) -> bool:
        last = frame(ssrc, self.number - 1)
        return any(payload(packet) == last for packet in peer.heard[-50:])

    async def end(self) -> Recorded:
        await self.bench.media.close("c1")
        await until(self.path.exists)
        return read_recording(self.path)

    @property
    def part(self) -> Path:
        return self.path.with_name(self.path.name + ".part")


def heard(channel: bytes, ssrc: int, numbers: Sequence[int]) -> list[int]:
    return [number for number in numbers if frame(ssrc, number) in channel]


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with running(settings()) as bench:
        yield Talk(bench, tmp_path / "2026-01-02" / "call.wav")


@pytest.mark.parametrize(("codec", "tag"), [(Codec.PCMU, 7), (Codec.PCMA, 6)])
async def test_both_sides_are_there_untouched_and_in_step(talk: Talk, codec: Codec, tag: int) -> None:
    await talk.begin(codec)
    said = await talk.speak(40)
    await talk.arrived()
    recorded = await talk.end()
    assert (recorded.tag, recorded.rate, recorded.beyond) == (tag, 8000, 0)
    assert recorded.customer.count(frame(CUSTOMER, 0)) == 1
    assert heard(recorded.customer, CUSTOMER, said) == heard(recorded.bot, BOT, said) == list(said)
    for number in said:
        apart = recorded.customer.find(frame(CUSTOMER, number)) - recorded.bot.find(frame(BOT, number))
        assert abs(apart) <= 160  # 20 ms
    assert len(of_stream(talk.bot.heard, CUSTOMER)) == len(of_stream(talk.customer.heard, BOT)) == 40


@pytest.mark.alone
async def test_each_word_lies_within_20_ms_of_its_time(talk: Talk) -> None:
    await talk.begin()
    await asyncio.sleep(0.2)
    said = [*await talk.speak(10)]
    await asyncio.sleep(0.5)
    said += await talk.speak(10)
    await talk.arrived()
    recorded = await talk.end()
    for ssrc, channel in ((CUSTOMER, recorded.customer), (BOT, recorded.bot)):
        assert heard(channel, ssrc, said) == said
        wrong = [abs(channel.find(frame(ssrc, number)) / 8000 - talk.spoken_at[number]) for number in said]
        assert median(wrong) <= 0.02  # a busy machine may hold a single packet back for longer
    assert recorded.seconds == pytest.approx(time.monotonic() - talk.started, abs=0.5)


async def test_a_pause_holds_from_the_next_packet_on_until_it_is_over(talk: Talk) -> None:
    await talk.begin()
    before = await talk.speak(5)
    await until(lambda: len(of_stream(talk.bot.heard, CUSTOMER)) == 5)
    talk.bench.media.pause_recording("c1", True)
    await talk.bench.obeyed()
    secret = await talk.speak(10)
    await until(lambda: len(of_stream(talk.bot.heard, CUSTOMER)) == 15)
    talk.bench.media.pause_recording("c1", False)
    await talk.bench.obeyed()
    after = await talk.speak(5)
    await talk.arrived()
    recorded = await talk.end()
    for ssrc, channel in ((CUSTOMER, recorded.customer), (BOT, recorded.bot)):
        assert heard(channel, ssrc, before) == list(before)
        first = next(at for at, code in enumerate(channel) if code == after[0] + 1)  # of it the pause may have a part
        assert set(channel[channel.find(frame(ssrc, before[-1])) + 160 : first - 2]) <= {255}
        assert not any(struct.pack("!BH", ssrc, number + 1) in channel for number in secret)
        assert heard(channel, ssrc, after)[-1] == after[-1]


async def test_a_killed_media_process_leaves_a_valid_file_and_the_next_one_goes_on_with_it(talk: Talk) -> None:
    await talk.begin()
    first = await talk.speak(80)
    await until(lambda: len(read_recording(talk.part).customer) > 8000)
    pid = talk.bench.media.pid
    assert pid is not None
    talk.bench.media.pause_recording("c1", True)
    talk.bench.media.pause_recording("c1", False)
    os.kill(pid, signal.SIGKILL)
    left = read_recording(talk.part)
    assert heard(left.customer, CUSTOMER, first) and heard(left.bot, BOT, first)
    await until(lambda: talk.bench.media.pid not in (pid, None))
    await talk.bench.obeyed()
    again = await talk.speak(10)
    await talk.arrived()
    recorded = await talk.end()
    assert recorded.customer[: len(left.customer)] == left.customer
    assert heard(recorded.customer, CUSTOMER, again) and heard(recorded.bot, BOT, again)
    assert recorded.seconds >= talk.spoken_at[again[-1]] - 0.02
    assert b"\xff" * 800 in recorded.bot[len(left.bot) :]


async def test_a_pause_holds_though_the_media_process_dies(talk: Talk) -> None:
    await talk.begin()
    talk.bench.media.pause_recording("c1", True)
    pid = talk.bench.media.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: talk.bench.media.pid not in (pid, None))
    await talk.bench.obeyed()
    await talk.speak(5)
    recorded = await talk.end()
    assert set(recorded.customer + recorded.bot) == {255}


async def test_a_full_disk_ends_the_recording_and_not_the_audio(talk: Talk) -> None:
    await talk.begin()
    assert talk.bench.media.pid is not None
    resource.prlimit(talk.bench.media.pid, resource.RLIMIT_FSIZE, (HEADER_SIZE + 1000, HEADER_SIZE + 1000))
    said = await talk.speak(60)
    await until(lambda: RecordingStopped("c1", "File too large") in talk.bench.events)
    said = range(said[0], (await talk.speak(5))[-1] + 1)
    await until(lambda: len(of_stream(talk.bot.heard, CUSTOMER)) == len(said))
    recorded = await talk.end()
    assert len(recorded.customer) == 500
    assert sum(isinstance(event, RecordingStopped) for event in talk.bench.events) == 1


async def test_a_folder_that_cannot_be_written_costs_the_recording_and_not_the_audio(talk: Talk) -> None:
    talk.path.parent.write_text("a file in the folder's place")
    await talk.begin()
    said = await talk.speak(60)
    await until(lambda: any(isinstance(event, RecordingStopped) for event in talk.bench.events))
    await until(lambda: len(of_stream(talk.bot.heard, CUSTOMER)) == len(said))


async def test_the_recording_of_a_process_that_ended_at_once_can_be_completed(tmp_path: Path) -> None:
    async with running(settings()) as bench:
        talk = Talk(bench, tmp_path / "call.wav")
        await talk.begin()
        said = await talk.speak(80)
        await until(lambda: read_recording(talk.part).seconds > 0.5)
    if talk.part.exists():  # it may have had the time to complete it itself
        assert recover(talk.part) == talk.path
    assert heard(read_recording(talk.path).bot, BOT, said)
