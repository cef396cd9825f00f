"""Spans of whole calls as an OTLP server gets them."""

import sys
import time

import pytest

from bridge.errors import TracingNotInstalled
from bridge.simulator.customer_call import CustomerCall
from bridge.trace_context import engine_span, span_id, trace_id
from tests.integration.bridge_world import BridgeWorld
from tests.integration.otlp_receiver import OtlpReceiver
from tests.integration.test_engine_failover import VA1, VA2, engine

pytestmark = pytest.mark.pjsua2

CLIENT, SERVER = 3, 2


def section(receiver: OtlpReceiver, more: str = "") -> str:
    return f'[tracing]\nendpoint = "{receiver.url}"\n{more}'


async def test_a_call_is_a_trace_with_its_engine_its_requests_and_its_wrap_up() -> None:
    before = time.time_ns()
    async with OtlpReceiver() as receiver:
        more = section(receiver, 'service_name = "bridge-7"\nheaders = { X-Tenant = "north" }')
        async with BridgeWorld(["finish:completed"], more=more) as world:
            call = await world.call()
            caller = world.livevox.platform.call(call).caller_number
            ours = world.entries[0].call
        root = receiver.one("call")
        assert (root.trace, root.parent, root.kind) == (f"{trace_id(ours):032x}", "", SERVER)
        assert {span.trace for span in receiver.spans} == {root.trace}
        below = [span.name for span in receiver.below(root)]
        assert below == ["engine connect", "screen pop", "wrap-up"]
        assert all(root.start <= span.start <= span.end <= root.end for span in receiver.spans)
        assert before < root.start < root.end < time.time_ns()
        asked = [span.name for span in receiver.below(receiver.one("wrap-up"))]
        assert asked[0] == "POST callControl/agent/status"
        assert "PUT callControl/agent/call/termCode" in asked
        term_code = receiver.one("PUT callControl/agent/call/termCode")
        assert (term_code.kind, term_code.attributes["http.response.status_code"]) == (CLIENT, 204)
        assert receiver.one("GET callControl/agent/screenpop").parent == receiver.one("screen pop").id
        facts = {name.removeprefix("livevox_bridge."): value for name, value in root.attributes.items()}
        assert (facts["call"], facts["agent"], facts["outcome"], facts["term_code"]) == (
            ours,
            VA1,
            "completed",
            "Completed",
        )
        assert facts["caller"] == f"{caller[:4]}****{caller[-2:]}"
        assert {"answered", "acknowledged", "audio_started", "customer_leg_ended"} <= set(root.events)
        assert all(span.error is None for span in receiver.spans)
        assert caller not in repr(receiver.spans)
        assert root.resource["service.name"] == "bridge-7"
        assert receiver.headers[0]["x-tenant"] == "north"


async def test_engines_that_are_reached_by_http_get_the_span_of_their_try() -> None:
    first, second = engine("rtp", "refuse:503"), engine("twilio", "finish")
    async with OtlpReceiver() as receiver:
        async with BridgeWorld(others={"first": first, "second": second}, more=section(receiver)) as world:
            await world.call(CustomerCall(agent=VA1))
            call = world.entries[0].call
        tries = receiver.named("engine connect")
        assert [(span.attributes["livevox_bridge.engine"], bool(span.error)) for span in tries] == [
            ("first", True),
            ("second", False),
        ]
        assert [span.id for span in tries] == [f"{span_id(call, engine_span(attempt)):016x}" for attempt in (1, 2)]
        told = [bot.bot.calls[0].headers["traceparent"] for bot in (first, second)]
        assert told == [f"00-{span.trace}-{span.id}-01" for span in tries]


async def test_only_the_share_that_is_wanted_is_traced() -> None:
    async with OtlpReceiver() as receiver:
        async with BridgeWorld(agents=2, more=section(receiver, "sample = 0.0")) as world:
            for number in (VA1, VA2):
                await world.call(CustomerCall(agent=number))
        assert receiver.spans == []


async def test_a_server_that_refuses_or_is_not_there_costs_a_call_nothing() -> None:
    async with OtlpReceiver(status=400) as receiver:
        more = section(receiver)
        async with BridgeWorld(more=more) as world:
            assert world.dispositions(await world.call()) == ["Completed"]
    async with BridgeWorld(more=more) as world:
        assert world.dispositions(await world.call()) == ["Completed"]


async def test_without_the_extra_the_settings_are_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", None)
    async with OtlpReceiver() as receiver:
        with pytest.raises(TracingNotInstalled, match=r"pip install 'livevox-bridge\[tracing\]'"):
            async with BridgeWorld(more=section(receiver)):
                pass
