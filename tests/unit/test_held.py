"""What the bridge remembers of media sessions for a new media process."""

from bridge.call_facts import CallFacts
from bridge.media.held import PROCESS_DIED, HeldSession, HeldStream, RestingPorts
from bridge.media.messages import Flow, OpenSession, Prompt, SessionOpened, SetFlow, SetRemote, Side
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
    assert session.said_again() == [
        OpenSession("c1", Codec.PCMA, 10000, 10002),
        remote(Side.CUSTOMER, 4002),
        remote(Side.ENGINE, 5000),
        SetFlow("c1", Flow.SILENCE, Prompt.WAIT),
    ]


def test_a_session_that_was_never_opened_asks_for_any_ports() -> None:
    session = HeldSession(OpenSession("c1", Codec.PCMU))
    assert session.said_again()[0] == OpenSession("c1", Codec.PCMU, 0, 0)
    assert session.ports == ()


def test_streams_that_no_process_knows_of_are_started_and_those_of_a_dead_one_have_ended() -> None:
    session = HeldSession(OpenSession("c1", Codec.PCMU))
    start = StartStream("c1", 3, "bot", CallFacts("c1", "8990000001", "", "", "", "", ""))
    session.streams = {
        1: HeldStream(ready=True),
        2: HeldStream(),
        3: HeldStream(unsaid=[start, AnswerStream("c1", 3)]),
    }
    session.process_died()
    assert session.lost == [
        StreamEnded("c1", 1, lost=True, reason=PROCESS_DIED),
        StreamFailed("c1", 2, PROCESS_DIED),
    ]
    assert list(session.streams) == [3]
    assert session.said_again()[-2:] == [start, AnswerStream("c1", 3)]
    assert session.said_again()[-1] == SetFlow("c1", Flow.RELAY)
    session.process_died()
    assert session.lost[-1] == StreamFailed("c1", 3, PROCESS_DIED)


def test_ports_rest_for_their_time() -> None:
    resting = RestingPorts(10.0)
    resting.add((10000, 10002), 100.0)
    resting.add((10004, 10006), 105.0)
    assert resting.at(109.0) == (10000, 10002, 10004, 10006)
    assert resting.at(110.0) == (10004, 10006)
    assert resting.at(115.0) == ()
