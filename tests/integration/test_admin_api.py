"""The HTTP API over real HTTP, with one call behind it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.admin.access import Access
from bridge.admin.audit import Audit
from bridge.admin.server import AdminServer, AdminSettings
from bridge.errors import OrderRefused
from bridge.journal.records import ActionTaken
from bridge.verdicts import Complete, Remarks, Transfer
from sip.errors import AddressInUse
from tests.integration.admin_world import ADMIN, ENGINE, AdminWorld
from tests.kept_records import KeptRecords
from tests.ordered_call import CALL, OneCall, OrderedCall

HEAD = f"POST /v1/calls/{CALL}/complete HTTP/1.1\r\nHost: bridge\r\nAuthorization: Bearer {ENGINE}\r\n"


async def sent(world: AdminWorld, text: str, *, more: bytes = b"") -> str:
    """What the server answers to these bytes, up to the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", world.server.port)
    writer.write(text.encode("latin-1") + more)
    answer = await asyncio.wait_for(reader.read(4096), 5.0)
    writer.close()
    await writer.wait_closed()
    return answer.decode()


async def test_the_facts_of_a_call_are_told() -> None:
    async with AdminWorld() as world:
        status, body = await world.ask("GET", f"/v1/calls/{CALL}")
        assert status == 200
        assert (body["call"], body["caller"], body["state"], body["screen_pop"]) == (
            CALL,
            "+12134634007",
            "talking",
            None,
        )


async def test_a_call_is_completed_with_an_outcome() -> None:
    async with AdminWorld() as world:
        answer = await world.order("complete", {"outcome": "paid", "notes": "by card", "payment_amount": "12.50"})
        assert answer == (202, {"call": CALL, "accepted": True})
        assert world.call.orders == [Complete("paid", Remarks("by card", "12.50"))]


async def test_a_call_is_transferred() -> None:
    async with AdminWorld() as world:
        assert (await world.order("transfer", {"target": "collections", "notes": "angry"}))[0] == 202
        assert world.call.orders == [Transfer("collections", "", Remarks("angry"))]


async def test_a_hang_up_completes_without_an_outcome() -> None:
    async with AdminWorld() as world:
        assert (await world.order("hangup"))[0] == 202
        assert world.call.orders == [Complete()]


async def test_keys_are_pressed() -> None:
    async with AdminWorld() as world:
        assert await world.order("digits", {"digits": "12#"}) == (202, {"call": CALL, "accepted": True})
        assert world.call.pressed == ["12#"]


async def test_keys_cannot_be_pressed_while_the_customer_is_elsewhere() -> None:
    async with AdminWorld() as world:
        world.call.seen = replace(world.call.seen, state="transferring")
        status, body = await world.order("digits", {"digits": "12#"})
        assert (status, body["error"]["code"]) == (409, "not_talking")


@pytest.mark.parametrize(
    ("verb", "said", "code", "known"),
    [
        ("transfer", {"target": "nobody"}, "unknown_target", "collections, desk"),
        ("complete", {"outcome": "nothing"}, "unknown_outcome", "paid, promised"),
    ],
)
async def test_an_unknown_name_is_refused_with_those_that_are_known(
    verb: str, said: dict[str, str], code: str, known: str
) -> None:
    async with AdminWorld() as world:
        status, body = await world.order(verb, said)
        assert (status, body["error"]["code"]) == (422, code)
        assert body["error"]["message"].endswith(f"; known: {known}")
        assert world.call.orders == []


async def test_a_call_that_is_over_takes_no_more_orders() -> None:
    async with AdminWorld() as world:
        await world.order("complete")
        status, body = await world.order("complete")
        assert (status, body["error"]["code"]) == (409, "call_over")
        assert (await world.ask("GET", f"/v1/calls/{CALL}"))[1]["state"] == "ending"


async def write_contact(world: AdminWorld, token: str = ENGINE) -> tuple[int, Any]:
    return await world.ask("PUT", f"/v1/calls/{CALL}/contact", {"city": "Oxnard"}, token=token)


async def test_a_contact_is_written_and_of_an_operator_the_audit_knows_it() -> None:
    async with AdminWorld() as world:
        for token in (ENGINE, ADMIN):
            assert await write_contact(world, token) == (200, {"call": CALL, "written": ["city"]})
        assert world.call.written == [(("city", "Oxnard"),)] * 2
        (noted,) = world.journal.of(ActionTaken)
        assert (noted.did, noted.call) == ("write_contact", CALL)
        assert "Oxnard" not in repr(noted)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("unknown_contact_field", 422),
        ("invalid_contact_value", 422),
        ("no_account", 409),
        ("no_contact", 409),
        ("too_many_writes", 429),
        ("livevox_refused", 502),
        ("livevox_silent", 504),
    ],
)
async def test_a_contact_that_is_not_written_is_refused_with_the_reason(code: str, status: int) -> None:
    async with AdminWorld() as world:
        world.call.write_refusal = OrderRefused(code, "it is not")
        answered, body = await write_contact(world)
        assert (answered, body["error"]["code"]) == (status, code)
        assert body["error"]["message"].startswith("it is not")
        assert world.journal.of(ActionTaken) == []


async def test_a_transfer_that_runs_is_not_begun_again() -> None:
    async with AdminWorld() as world:
        await world.order("transfer", {"target": "collections"})
        status, body = await world.order("transfer", {"target": "collections"})
        assert (status, body["error"]["code"]) == (409, "transfer_running")


@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("POST", "/complete"), ("POST", "/hangup")])
async def test_a_call_that_is_not_there_is_not_found(method: str, rest: str) -> None:
    async with AdminWorld() as world:
        for call in ("f" * 20, "..", "%2e%2e", "%00", "%F0%9F%98%80"):
            status, body = await world.ask(method, f"/v1/calls/{call}{rest}")
            assert (status, body["error"]["code"] in ("unknown_call", "not_found")) == (404, True)


@pytest.mark.parametrize("body", [b"outcome=paid", b"[1]", b"\xff", b'{"contact": []}', b"[" * 60_000])
async def test_a_body_that_cannot_be_used_is_refused(body: bytes) -> None:
    async with AdminWorld() as world:
        assert (await world.order("complete", data=body))[0] == 400
        assert world.call.orders == []


async def test_a_body_that_is_too_large_is_not_read() -> None:
    async with AdminWorld() as world:
        status, body = await world.order("complete", data=b" " * 70_000)
        assert (status, body["error"]["code"]) == (413, "too_large")
        assert "413" in await sent(world, f"{HEAD}Content-Length: 999999999\r\n\r\n")


async def test_a_body_without_a_length_is_bounded_too() -> None:
    async with AdminWorld() as world:
        chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
        assert "413" in await sent(world, f"{HEAD}Transfer-Encoding: chunked\r\n\r\n", more=chunk * 2)


@pytest.mark.parametrize(
    "text",
    [
        "\x16\x03\x01 nonsense\r\n\r\n",
        f"{HEAD}X-Long: {'x' * 10_000}\r\n\r\n",
        f"{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        f"{HEAD}Content-Length: nine\r\n\r\n",
        f"{HEAD}Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot zips!",
    ],
)
async def test_what_is_not_http_gets_a_json_error_that_tells_no_versions(text: str) -> None:
    async with AdminWorld() as world:
        answer = await sent(world, text)
        assert " 400 Bad Request\r\n" in answer
        assert "application/json" in answer and '{"error": {"code": "bad_request"' in answer
        assert "Server: livevox-bridge\r\n" in answer
        assert "aiohttp" not in answer and "Python" not in answer
        assert (await world.ask("GET", f"/v1/calls/{CALL}"))[0] == 200


async def test_a_client_that_goes_away_within_its_body_costs_nothing() -> None:
    with capture_logs() as logs:
        async with AdminWorld() as world:
            await gone_within_its_body(world)
            assert (await world.ask("GET", f"/v1/calls/{CALL}"))[0] == 200
            assert world.call.orders == []
    assert {entry["event"] for entry in logs} == {"admin_api_listens", "api_request"}


async def gone_within_its_body(world: AdminWorld) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", world.server.port)
    writer.write(f"{HEAD}Content-Length: 100\r\n\r\n{{".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def test_the_log_has_no_token_no_body_and_no_path_as_it_was_asked_for() -> None:
    with capture_logs() as logs:
        async with AdminWorld() as world:
            await world.order("complete", {"notes": "a-secret"}, token="wrong-token")
            await world.order("complete", {"notes": "a-secret"})
            await world.ask("GET", "/a-secret")
    assert [entry["route"] for entry in logs if entry["event"] == "api_request"] == [
        "/v1/calls/{id}/complete",
        "/v1/calls/{id}/complete",
        "none",
    ]
    assert "token" not in repr(logs) and "a-secret" not in repr(logs)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/v1/calls", 404, "not_found"),
        ("POST", f"/v1/calls/{CALL}/nothing", 404, "not_found"),
        ("GET", f"/v1/calls/{CALL}/complete", 405, "method_not_allowed"),
        ("DELETE", f"/v1/calls/{CALL}", 405, "method_not_allowed"),
    ],
)
async def test_other_paths_and_methods_are_refused(method: str, path: str, status: int, code: str) -> None:
    async with AdminWorld() as world:
        answer = await world.ask(method, path)
        assert (answer[0], answer[1]["error"]["code"]) == (status, code)
        assert ("Allow" in world.headers) == (status == 405)


async def test_nobody_comes_in_without_a_token() -> None:
    async with AdminWorld() as world:
        for token in ("", "wrong", ENGINE + "x"):
            for verb in ("complete", "transfer", "hangup", "digits"):
                assert (await world.order(verb, {}, token=token))[0] == 401
            assert (await world.ask("GET", f"/v1/calls/{CALL}", token=token))[0] == 401
            assert world.headers["WWW-Authenticate"] == "Bearer"
        assert world.call.orders == [] and world.call.pressed == []


async def test_operators_may_do_what_engines_may() -> None:
    async with AdminWorld() as world:
        assert (await world.order("complete", token=ADMIN))[0] == 202


async def test_without_an_engine_token_the_scope_is_closed_and_says_how_to_open_it() -> None:
    async with AdminWorld(Access("", ADMIN)) as world:
        status, body = await world.order("complete", token="")
        assert (status, body["error"]["code"]) == (403, "scope_closed")
        assert "BRIDGE_ENGINE_TOKEN" in body["error"]["message"]


async def test_an_answer_names_the_server_without_versions() -> None:
    async with AdminWorld() as world:
        await world.ask("GET", f"/v1/calls/{CALL}")
        assert world.headers["Server"] == "livevox-bridge"
        await world.ask("GET", "/")
        assert world.headers["Server"] == "livevox-bridge"


async def test_a_port_that_is_taken_is_named_with_its_holder() -> None:
    async with AdminWorld() as world:
        settings = AdminSettings("127.0.0.1", world.server.port, Access("", ""))
        second = AdminServer(settings, OneCall(OrderedCall()), Audit(KeptRecords()))
        with pytest.raises(AddressInUse, match=rf"TCP 127.0.0.1:{world.server.port} is in use by process \d+ \("):
            await second.start()
        await second.stop()
        assert (await world.ask("GET", f"/v1/calls/{CALL}"))[0] == 200


async def test_the_port_is_free_again_after_a_stop() -> None:
    async with AdminWorld() as world:
        port = world.server.port
    async with AdminServer(
        AdminSettings("127.0.0.1", port, Access("", "")), OneCall(OrderedCall()), Audit(KeptRecords())
    ) as server:
        assert server.port == port


class BrokenCalls:
    """A controller with a fault."""

    def call(self, id: str, /) -> OrderedCall | None:
        """Never comes back."""
        raise ZeroDivisionError(id)


async def test_a_fault_of_ours_is_logged_and_the_answer_tells_nothing_of_it() -> None:
    world = AdminWorld()
    world.server = AdminServer(
        AdminSettings("127.0.0.1", 0, Access(ENGINE, ADMIN)), BrokenCalls(), Audit(KeptRecords())
    )
    with capture_logs() as logs:
        async with world:
            status, body = await world.order("complete")
    assert (status, body["error"]["code"]) == (500, "fault")
    assert body["error"]["message"] == "a fault of the bridge; its log tells more"
    assert [entry["route"] for entry in logs if entry["event"] == "api_fault"] == ["/v1/calls/{id}/complete"]


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async with AdminWorld(request_s=0.1) as world:
        answer = await sent(world, f"{HEAD}Content-Length: 100\r\n\r\n{{")
        assert " 408 Request Timeout\r\n" in answer and '"too_slow"' in answer


@pytest.mark.parametrize(("token", "told"), [(ADMIN, [("hang_up", CALL, "admin")]), (ENGINE, [])])
async def test_what_operators_order_is_written_down_and_what_bots_do_is_not(
    token: str, told: list[tuple[str, str, str]]
) -> None:
    async with AdminWorld() as world:
        assert (await world.ask("POST", f"/v1/calls/{CALL}/hangup", token=token))[0] == 202
        assert (await world.ask("POST", f"/v1/calls/{CALL}/hangup", token=token))[0] == 409, "refused: not done"
        assert [(act.did, act.about, act.who.split()[0]) for act in world.journal.of(ActionTaken)] == told
