"""A SIP speech engine: listens, speaks a recorded prompt, hears keys and facts, and ends each call by script."""

from collections.abc import Callable

import structlog

from bridge.simulator.answering_bot import AnsweringBot
from bridge.simulator.bot_call import BotCall, BotRecord
from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.exchanges import Incoming
from bridge.simulator.owned_tasks import OwnedTasks
from bridge.simulator.proxy_path import Address, DirectPath
from bridge.simulator.rtp_talker import RtpTalker
from bridge.simulator.sip_fields import SipUri
from bridge.simulator.speech import CUSTOMER, PROMPT
from bridge.simulator.user_agent import UserAgent, new_token

log = structlog.get_logger()


class SipBot(AnsweringBot[BotRecord, BotCall]):
    """The bot. `async with SipBot(BotSettings()) as bot: bot.port; bot.calls`."""

    def __init__(self, settings: BotSettings) -> None:
        super().__init__()
        self.settings = settings
        self.crashed = False
        """A call's script closed everything."""
        self.on_crash: Callable[[], None] | None = None
        self.agent = UserAgent(self, settings.timers, "bot")
        self._tasks = OwnedTasks()
        self._invited = 0

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self.agent.address

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.agent.address[1]

    async def open(self) -> None:
        """Listen; raises AddressInUse or AddressUnusable."""
        await self.agent.open(self.settings.listen_host, self.settings.listen_port, DirectPath)

    async def close(self) -> None:
        """Close every socket; calls that are up get no BYE."""
        self._close_sockets()
        await self._tasks.close()

    # Owner of the user agent

    def invited(self, incoming: Incoming) -> None:
        """A call for the bot."""
        line = self.settings.script_for(self._invited, _user(incoming.request.uri))
        self._invited += 1
        self._tasks.start(self._serve(incoming, line), f"bot-{incoming.request.call_id}")

    def faulty(self, sip_call_id: str, fault: str) -> None:
        """Note what the other side did wrong."""
        log.warning("bridge_at_fault", sip_call_id=sip_call_id, fault=fault)
        for record in self.calls:
            if record.sip_call_id == sip_call_id:
                record.faults.append(fault)

    # private

    async def _serve(self, incoming: Incoming, line: ScriptLine) -> None:
        request = incoming.request
        talker = await RtpTalker.open(self.settings.listen_host, speaks=PROMPT, listens_for=(PROMPT, CUSTOMER))
        record = BotRecord(
            request.call_id, self.agent.loop.time(), talker.heard, request.headers, script=line, called=request.uri
        )
        try:
            call = BotCall(self.agent, self.settings, incoming, talker, record, self._crash)
        except InvalidDatagram as exc:
            talker.close()
            log.info("call_refused", reason=exc.detail)
            incoming.respond(400, tag=new_token()[:16])
            return
        number = len(self.calls)
        self._live[number] = call
        self._came(record)
        script = self._tasks.start(call.run(), f"bot-script-{number}")
        try:
            await call.over.wait()
        finally:
            script.cancel()
            if not record.dropped:  # a dropped call's sockets stay open, as those of a host that hangs
                call.close()
                del self._live[number]
        _report(record)

    def _crash(self) -> None:
        self.crashed = True
        self._close_sockets()
        if self.on_crash is not None:
            self.on_crash()

    def _close_sockets(self) -> None:
        self.agent.close()
        for call in tuple(self._live.values()):
            call.close()


def _user(uri: str) -> str:
    try:
        return SipUri.parse(uri).user
    except InvalidDatagram:
        return ""


def _report(record: BotRecord) -> None:
    """One line a call. Customers' numbers, names and screen pops stay out of it."""
    log.info(
        "bot_call_over",
        call=record.header("X-Call-ID"),
        agent=record.header("X-Agent-Number"),
        script=str(record.script.script),
        answered_ms=record.answered_ms,
        ended_ms=record.ended_ms,
        end=type(record.ended).__name__.lower() if record.ended else "dropped",
        by_bridge=record.ended_by_peer,
        first_audio_ms=record.first_audio_ms,
        screen_pop=record.screen_pop is not None,
        notifies=[notified.status for notified in record.notifies],
        faults=record.faults,
        sent=record.packets_sent,
        **record.heard.summary(),
    )
