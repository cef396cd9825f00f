"""What the bridge remembers of media sessions for a new media process."""

from bridge.media.held import HeldSession, RestingPorts
from bridge.media.messages import Flow, OpenSession, SessionOpened, SetFlow, SetRemote, Side
from sip.messages import Codec


def remote(side: Side, port: int) -> SetRemote:
    return SetRemote("c1", side, "192.0.2.1", port, Codec.PCMU, 101, send=True, receive=True)


def test_a_new_process_is_told_the_ports_the_last_remotes_and_the_flow() -> None:
    session = HeldSession(OpenSession("c1", Codec.PCMA))
    session.opened(SessionOpened("c1", 10000, 10002))
    session.remotes[Side.CUSTOMER] = remote(Side.CUSTOMER, 4000)
    session.remotes[Side.CUSTOMER] = remote(Side.CUSTOMER, 4002)
    session.remotes[Side.ENGINE] = remote(Side.ENGINE, 5000)
    session.flow = Flow.SILENCE
    assert session.said_again() == [
        OpenSession("c1", Codec.PCMA, 10000, 10002),
        remote(Side.CUSTOMER, 4002),
        remote(Side.ENGINE, 5000),
        SetFlow("c1", Flow.SILENCE),
    ]


def test_a_session_that_was_never_opened_asks_for_any_ports() -> None:
    session = HeldSession(OpenSession("c1", Codec.PCMU))
    assert session.said_again()[0] == OpenSession("c1", Codec.PCMU, 0, 0)
    assert session.ports == ()


def test_ports_rest_for_their_time() -> None:
    resting = RestingPorts(10.0)
    resting.add((10000, 10002), 100.0)
    resting.add((10004, 10006), 105.0)
    assert resting.at(109.0) == (10000, 10002, 10004, 10006)
    assert resting.at(110.0) == (10004, 10006)
    assert resting.at(115.0) == ()
