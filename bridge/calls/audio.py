"""The audio of one call: what its SDPs agree on is said to the media process, and keys that came by INFO are played."""

from dataclasses import replace

from bridge.calls.parts import CallMedia
from bridge.media.client import MediaProcess
from bridge.media.messages import Flow, SessionClosed, SetRemote, Side
from sip.messages import Leg, LegMedia, MediaOffer

SIDES = {Leg.CUSTOMER: Side.CUSTOMER, Leg.ENGINE: Side.ENGINE}
OTHER = {Leg.CUSTOMER: Side.ENGINE, Leg.ENGINE: Side.CUSTOMER}


class CallAudio:
    """Two ports of the media process."""

    def __init__(self, call: str, media: CallMedia, process: MediaProcess) -> None:
        self.offer: MediaOffer = media.offer
        """Ours to the customer's side."""
        self._call = call
        self._media = media
        self._process = process
        self._engine: SetRemote | None = None
        self._engine_answered = False

    @property
    def engine_offer(self) -> MediaOffer:
        """Ours to the engine's side."""
        return replace(self.offer, port=self._media.engine_port)

    def agreed(self, event: LegMedia) -> None:
        """An offer and an answer are agreed on a leg."""
        if event.leg is Leg.ENGINE and self._media.late_offer:
            self.offer = replace(self.offer, codecs=(event.codec,), telephone_event=event.telephone_event)
        remote = SetRemote(
            call=self._call,
            side=SIDES[event.leg],
            address=event.address,
            port=event.port,
            codec=event.codec,
            telephone_event=event.telephone_event,
            send=event.direction.sends and event.address != "0.0.0.0",
            receive=event.direction.receives,
        )
        if event.leg is Leg.ENGINE:
            self._engine = remote
            if not self._engine_answered:
                remote = replace(remote, receive=False)  # audio may come early, and is not missed
        self._process.set_remote(remote)

    def engine_answered(self) -> None:
        """From now on the engine is expected to send."""
        self._engine_answered = True
        if self._engine is not None:
            self._process.set_remote(self._engine)

    def set_flow(self, flow: Flow) -> None:
        """Relay, or silence to both."""
        self._process.set_flow(self._call, flow)

    def press(self, leg: Leg, key: str) -> bool:
        """A key that one side said by INFO, for the other side; False when that side takes no telephone-events."""
        return self._process.send_digits(self._call, OTHER[leg], key)

    async def close(self) -> SessionClosed:
        """Close the ports; what was counted."""
        return await self._process.close(self._call)
