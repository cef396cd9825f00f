"""The audio of one call: what its SDPs agree on is said to the media process, and keys that came by INFO are played."""

from dataclasses import replace

from bridge.calls.parts import CallMedia
from bridge.engines.events import EngineMedia
from bridge.media.client import MediaProcess
from bridge.media.messages import Flow, Prompt, SessionClosed, SetRemote, Side
from sip.messages import Codec, Leg, LegMedia, MediaOffer
from sip.sdp import NO_ADDRESS

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
        self._engine_ready = False
        self._customer_chose = False

    @property
    def engine_offer(self) -> MediaOffer:
        """Ours to the engine's side."""
        return replace(self.offer, port=self._media.engine_port)

    def agreed(self, event: LegMedia) -> None:
        """An offer and an answer are agreed on a leg."""
        self._narrow_offer(event.leg, event.codec, event.telephone_event)
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
            self._set_engine(remote)
        else:
            self._process.set_remote(remote)

    def engine_media(self, media: EngineMedia) -> None:
        """Where an engine without SDP has its RTP."""
        self._narrow_offer(Leg.ENGINE, media.codec, media.telephone_event)
        remote = SetRemote(
            call=self._call,
            side=Side.ENGINE,
            address=media.address,
            port=media.port,
            codec=media.codec,
            telephone_event=media.telephone_event,
            send=True,
            receive=True,
        )
        self._set_engine(remote)

    def engine_ready(self) -> None:
        """From now on the engine is expected to send."""
        if not self._engine_ready and self._engine is not None:
            self._process.set_remote(self._engine)
        self._engine_ready = True

    def engine_gone(self) -> None:
        """Nobody is at the engine's port any more: nobody is heard or missed there, whoever goes on sending."""
        engine, self._engine, self._engine_ready = self._engine, None, False
        if engine is not None:
            self._process.set_remote(replace(engine, address=NO_ADDRESS, port=0, send=False, receive=False))

    def set_flow(self, flow: Flow, prompt: Prompt = Prompt.NONE) -> None:
        """Relay, or silence to both; the customer may hear a prompt instead."""
        self._process.set_flow(self._call, flow, prompt)

    def press(self, leg: Leg, key: str) -> bool:
        """A key that one side said by INFO, for the other side; False when that side takes no telephone-events."""
        return self._process.send_digits(self._call, OTHER[leg], key)

    def _narrow_offer(self, leg: Leg, codec: Codec, telephone_event: int | None) -> None:
        """Who answers our own offer first chooses for both sides: relayed audio is not converted."""
        if not self._media.late_offer:
            return
        if leg is Leg.CUSTOMER:
            self._customer_chose = True
            self.offer = replace(self.offer, codecs=(codec,))
        elif not self._customer_chose:
            self.offer = replace(self.offer, codecs=(codec,), telephone_event=telephone_event)

    def _set_engine(self, remote: SetRemote) -> None:
        self._engine = remote
        if not self._engine_ready:
            remote = replace(remote, receive=False)  # audio may come early, and is not missed
        self._process.set_remote(remote)

    async def close(self) -> SessionClosed:
        """Close the ports; what was counted."""
        return await self._process.close(self._call)
