"""What the bridge remembers of media sessions for a new media process."""

from bridge.call_facts import CallFacts
from bridge.media.held import PROCESS_DIED, HeldSession, HeldStream, RestingPorts
from bridge.media.messages import (
    CallQuality,
    Command,
    Flow,
    OpenSession,
    Prompt,
    SessionOpened,
    SetFlow,
    SetRemote,
    Side,
)
from bridge.media.statistics import QualitySample
from bridge.media.stream_messages import AnswerStream, StartStream, StreamEnded, StreamFailed
from sip.messages import Codec


def remote(side: Side, port: int) -> SetRemote:
    return SetRemote("c1", side, "192.0.2.1", port, Codec.PCMU, 101, send=True, receive=True)


def test_a_new_process_is_told_the_ports_the_last_remotes_and_the_flow() -> None:
    session = HeldSession(OpenSession("c1", Codec.PCMA))
    session.opened(SessionOpened("c1", 10000, 10002))
    session.remotes[Side.CUSTOMER] = remote(Side.CUSTOMER, 4000)
    session.remotes[Side.CUSTOMER] = remote(Side.CUSTOMER, 4002)
    session.remotes[Side.ENGINE] = remote(Side.ENGINE, 5000)
    session.flow, session.prompt = Flow.SILENCE, Prompt.WAIT
    assert session.said_again(0.0) == [
        OpenSession("c1", Codec.PCMA, 10000, 10002),
        remote(Side.CUSTOMER, 4002),
        remote(Side.ENGINE, 5000),
        SetFlow("c1", Flow.SILENCE, Prompt.WAIT),
    ]


def test_a_session_that_was_never_opened_asks_for_any_ports() -> None:
    session = HeldSession(OpenSession("c1", Codec.PCMU))
    assert session.said_again(0.0)[0] == OpenSession("c1", Codec.PCMU, 0, 0)
    assert session.ports == ()


def silent(commands: list[Command]) -> dict[Side, float]:
    """The silence a new process is told of."""
    return {command.side: command.silent_s for command in commands if isinstance(command, SetRemote)}


def test_a_new_process_is_told_how_long_a_side_had_been_silent_when_the_one_before_died() -> None:
    session = HeldSession(OpenSession("c1", Codec.PCMU))
    for side in Side:
        session.agreed(remote(side, 4000), 100.0)
    session.heard(CallQuality("c1", QualitySample(received=50), None), 109.0)
    session.heard(CallQuality("c1", QualitySample(received=1), QualitySample(lost=3)), 110.0)
    session.process_died(111.0)
    session.process_died(112.0)  # another one has not come up
    assert silent(session.said_again(115.0)) == {Side.CUSTOMER: 0.0, Side.ENGINE: 11.0}
    session.process_died(120.0)
    assert silent(session.said_again(121.0)) == {Side.CUSTOMER: 6.0, Side.ENGINE: 16.0}


def test_a_silence_that_was_reported_or_ended_by_a_new_sdp_is_not_told() -> None:
    session = HeldSession(OpenSession("c1", Codec.PCMU))
    for side in Side:
        session.agreed(remote(side, 4000), 100.0)
    session.timed_out(Side.CUSTOMER, 130.0)
    session.agreed(remote(Side.ENGINE, 4000), 130.0)  # a session refresh
    session.process_died(131.0)
    assert silent(session.said_again(131.5)) == {Side.CUSTOMER: 0.0, Side.ENGINE: 31.0}
    session.agreed(remote(Side.ENGINE, 4002), 140.0)  # another engine
    session.process_died(141.0)
    assert silent(session.said_again(141.5))[Side.ENGINE] == 0.0


def test_streams_that_no_process_knows_of_are_started_and_those_of_a_dead_one_have_ended() -> None:
    session = HeldSession(OpenSession("c1", Codec.PCMU))
    start = StartStream("c1", 3, "bot", CallFacts("c1", "8990000001", "", "", "", "", ""))
    session.streams = {
        1: HeldStream(ready=True),
        2: HeldStream(),
        3: HeldStream(unsaid=[start, AnswerStream("c1", 3)]),
    }
    session.process_died(0.0)
    assert session.lost == [
        StreamEnded("c1", 1, lost=True, reason=PROCESS_DIED),
        StreamFailed("c1", 2, PROCESS_DIED),
    ]
    assert list(session.streams) == [3]
    assert session.said_again(0.0)[-2:] == [start, AnswerStream("c1", 3)]
    assert session.said_again(0.0)[-1] == SetFlow("c1", Flow.RELAY)
    session.process_died(0.0)
    assert session.lost[-1] == StreamFailed("c1", 3, PROCESS_DIED)


def test_ports_rest_for_their_time() -> None:
    resting = RestingPorts(10.0)
    resting.add((10000, 10002), 100.0)
    resting.add((10004, 10006), 105.0)
    assert resting.at(109.0) == (10000, 10002, 10004, 10006)
    assert resting.at(110.0) == (10004, 10006)
    assert resting.at(115.0) == ()
