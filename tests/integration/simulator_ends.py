"""What tests of the simulator's SIP ends have in common: a call to place, a bot in a hurry."""

from bridge.simulator.bot import SipBot
from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.telephony import CallToPlace, HeaderStyle
from bridge.simulator.transactions import Timers
from sip.messages import Codec

#: RFC 3261's timers, 25 times as fast: nobody waits 32 seconds here.
QUICK = Timers(t1=0.02, t2=0.16, t4=0.2)


def to_place(
    call_id: str = "a", *, after: float | None = None, digits: str = "", codec: Codec = Codec.PCMU
) -> CallToPlace:
    """One customer's call to the first agent."""
    return CallToPlace(
        call_id=call_id,
        agent_number="8990000001",
        caller_number="2135551234",
        caller_name="Ann Example",
        transaction_id="147516594361",
        session_id="UF200T64DE3A63@127.0.0.1",
        agent_login="AIVA5",
        account="100200300",
        service_id="46014",
        header_style=HeaderStyle.LV,
        hang_up_after_s=after,
        digits=digits,
        codec="PCMU" if codec is Codec.PCMU else "PCMA",
    )


def bot_with(script: str, **settings: object) -> SipBot:
    """A bot with this script for every call, that speaks briefly."""
    line = ScriptLine.parse(script)
    quick: dict[str, object] = {"speak_s": 0.2, "after_s": 0.1, "timers": QUICK, "script": line}
    return SipBot(BotSettings(**(quick | settings)))  # type: ignore[arg-type]
