"""The simulated REST API over real HTTP, asked by a plain client."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.errors import SimulationError
from bridge.simulator.injections import Fault
from bridge.simulator.livevox import LiveVoxSimulator
from bridge.simulator.states import AgentState, BridgeLeg
from bridge.simulator.telephony import CallListener, CallToPlace
from bridge.simulator.world import World
from sip.errors import AddressInUse
from tests.paper_telephony import PaperTelephony
from tests.simulated_desk import Desk

PASSWORD = "correct-horse"
TOKEN = "token-of-the-demo"


class PortlessTelephony(PaperTelephony):
    """Has no port left for a call."""

    async def place(self, call: CallToPlace, listener: CallListener) -> None:
        raise OSError(98, "Address already in use")


@pytest.fixture
def telephony() -> PaperTelephony:
    return PaperTelephony()


@pytest.fixture
async def simulator(telephony: PaperTelephony) -> AsyncIterator[LiveVoxSimulator]:
    async with LiveVoxSimulator(World.default(3, PASSWORD, token=TOKEN), telephony) as running:
        yield running


@pytest.fixture
async def desk(simulator: LiveVoxSimulator) -> AsyncIterator[Desk]:
    async with aiohttp.ClientSession() as http:
        yield Desk(http, simulator.url, PASSWORD, TOKEN)


async def test_a_finished_call_goes_from_login_to_ready_again(
    simulator: LiveVoxSimulator, telephony: PaperTelephony, desk: Desk
) -> None:
    await desk.go_ready()
    call_id = simulator.place_call(CustomerCall(account="100200300"))
    await simulator.until(lambda: "INCALL" in simulator.ledger.lifecycle(call_id))

    _, pop = await desk.ask("GET", "/callControl/agent/screenpop")
    assert {"key": "FIRST NAME", "value": "Maria"} in pop["screenPopRow"]
    call = (await desk.line())["call"]
    telephony.bridge_hangs_up(call_id)
    _, codes = await desk.ask("GET", f"/callControl/agent/termCode?serviceId={call['serviceId']}")
    code = next(c for row in codes["termCodeCategories"] for c in row["termCodes"] if c["name"] == "Completed")
    assert await desk.set_term_code(call, code["id"]) == (204, None)

    assert (await desk.line())["state"] == "READY"
    assert simulator.ledger.lifecycle(call_id) == [
        "placed",
        "RESERVED",
        "answered",
        "INCALL",
        "screenpop 200",
        "bridge_hung_up",
        "WRAPUP",
        "term_codes 200",
        "set_term_code 204",
        "disposition Completed",
        "READY",
        "closed",
    ]
    assert [call.agent_number for call in telephony.placed] == ["8990000001"]


async def test_a_customer_is_handed_over_through_the_phonebook(simulator: LiveVoxSimulator, desk: Desk) -> None:
    await desk.go_ready()
    call_id = simulator.place_call(CustomerCall())
    await simulator.until(lambda: "INCALL" in simulator.ledger.lifecycle(call_id))
    call = (await desk.line())["call"]

    _, book = await desk.ask("GET", "/callControl/agent/phonebook/ext?serviceId=46014")
    contact = next(c for c in book["phoneBook"][0]["phoneContact"] if c["contactName"] == "Billing")
    ids = {"phoneBookId": str(contact["phoneBookId"]), "phoneBookContactId": str(contact["phoneBookContactId"])}
    path = "/callControl/agent/conference/phonebook?lineNumber=ACD"
    assert await desk.ask("POST", path, ids) == (204, None)
    line = await desk.line()
    assert (line["state"], line["conferenceInitiated"], line["transferCallOnHold"]) == ("TRANSFERRING", True, True)
    await simulator.until(lambda: "transfer conferenced" in simulator.ledger.lifecycle(call_id))
    assert (await desk.line())["callConferenced"] is True
    assert await desk.ask("POST", "/callControl/agent/conference/leave") == (204, None)
    assert await desk.set_term_code(call, "101416240") == (204, None)

    closed = await simulator.closed(call_id)
    assert (closed.result, closed.customer.value) == ("Transferred to Agent", "handed_over")
    assert (await desk.line())["state"] == "READY"


async def test_the_path_may_carry_a_version_and_a_percent_encoded_account(desk: Desk) -> None:
    await desk.log_in()
    body = {"createContactDetails": {"account": "a/b 1"}}
    assert (await desk.ask("POST", "/contact/v6.0/contacts", body))[0] == 201
    status, answer = await desk.ask("GET", "/contact/contacts/a%2Fb%201")
    assert (status, answer["readContactDetails"]["account"]) == (200, "a/b 1")


async def test_a_request_without_the_json_content_type_is_refused(simulator: LiveVoxSimulator) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{simulator.url}/session/login", data=b"{}", headers={"Content-Type": "text/plain"}) as answer,
    ):
        assert (answer.status, (await answer.json())["code"]) == (400, 400)


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 5000, b"null", b'"x"'])
async def test_a_body_that_is_no_json_object_is_a_bad_request(simulator: LiveVoxSimulator, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "LV-Access": TOKEN}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{simulator.url}/session/login", data=body, headers=headers) as answer,
    ):
        assert answer.status == 400


async def test_unknown_paths_and_methods_have_the_error_body(desk: Desk) -> None:
    await desk.log_in()
    assert await desk.ask("GET", "/callControl/agent/teapot") == (
        404,
        {"code": 404, "message": "There is no such resource"},
    )
    assert (await desk.ask("PUT", "/callControl/agent/status/ready"))[0] == 405


async def test_a_dropped_answer_cuts_the_connection_after_the_work_is_done(
    simulator: LiveVoxSimulator, desk: Desk
) -> None:
    await desk.go_ready()
    simulator.fail("not_ready", Fault.DROP_AFTER)
    with pytest.raises(aiohttp.ClientConnectionError):
        await desk.ask("POST", "/callControl/agent/status/notReady")
    assert (await desk.line())["state"] == "NOTREADY"
    simulator.fail("ready", Fault.DROP_BEFORE)
    with pytest.raises(aiohttp.ClientConnectionError):
        await desk.ask("POST", "/callControl/agent/status/ready")
    assert (await desk.line())["state"] == "NOTREADY"


async def test_broken_answers_arrive_broken(simulator: LiveVoxSimulator, desk: Desk) -> None:
    await desk.go_ready()
    path = "/callControl/agent/termCode?serviceId=46014"
    simulator.fail("term_codes", Fault.TRUNCATED)
    with pytest.raises(ValueError):
        await desk.ask("GET", path)
    simulator.fail("term_codes", Fault.HTML, status=502)
    with pytest.raises(aiohttp.ContentTypeError):
        await desk.ask("GET", path)
    simulator.fail("term_codes", Fault.EMPTY)
    assert await desk.ask("GET", path) == (200, None)
    simulator.fail("term_codes", Fault.STATUS, status=599, count=2)
    assert [(await desk.ask("GET", path))[0] for _ in range(3)] == [599, 599, 200]


async def test_latency_delays_the_answer_and_a_late_answer_only_the_answer(
    simulator: LiveVoxSimulator, desk: Desk
) -> None:
    await desk.go_ready()
    simulator.fail("not_ready", Fault.LATE, delay_s=0.2)
    asking = asyncio.create_task(desk.ask("POST", "/callControl/agent/status/notReady"), name="late request")
    await simulator.until(lambda: simulator.platform.agent("VA0001").state is AgentState.NOTREADY)
    assert not asking.done()
    assert await asking == (204, None)
    simulator.set_faults(latency_s=0.1)
    before = asyncio.get_running_loop().time()
    await desk.line()
    assert asyncio.get_running_loop().time() - before >= 0.1


async def test_timers_run_by_themselves(simulator: LiveVoxSimulator, telephony: PaperTelephony, desk: Desk) -> None:
    await desk.go_ready()
    simulator.set_faults(status_lag_s=0.05)
    simulator.platform.agent("VA0001").wrap_up_s = 0.05
    call_id = simulator.place_call(CustomerCall())
    await simulator.until(lambda: simulator.platform.agent("VA0001").state is AgentState.INCALL)
    simulator.customer_hangs_up(call_id)
    call = await simulator.closed(call_id)
    assert (call.result, telephony.hung_up) == ("Operator Transfer", [call_id])
    assert (await desk.line())["state"] == "NOTREADY"


async def test_a_caller_who_gives_up_before_the_answer_cancels_the_invite() -> None:
    ringing = PaperTelephony(answers=False)
    async with (
        LiveVoxSimulator(World.default(1, PASSWORD, token=TOKEN), ringing) as simulator,
        aiohttp.ClientSession() as http,
    ):
        desk = Desk(http, simulator.url, PASSWORD, TOKEN)
        await desk.go_ready()
        call_id = simulator.place_call(CustomerCall())
        await asyncio.sleep(0)
        simulator.customer_hangs_up(call_id)
        call = await simulator.closed(call_id)
        assert (call.result, ringing.hung_up) == (None, [call_id])
        assert (await desk.line())["customerDisconnectedBeforeBridge"] is True


async def test_a_call_the_telephony_cannot_place_counts_as_refused() -> None:
    async with (
        LiveVoxSimulator(World.default(1, PASSWORD, token=TOKEN), PortlessTelephony()) as simulator,
        aiohttp.ClientSession() as http,
    ):
        await Desk(http, simulator.url, PASSWORD, TOKEN).go_ready()
        call_id = simulator.place_call(CustomerCall())
        await simulator.closed(call_id)
        assert simulator.ledger.lifecycle(call_id)[2:] == ["refused", "NOTREADY", "closed"]


async def test_stopping_gives_up_calls_that_are_not_placed_yet(desk: Desk, simulator: LiveVoxSimulator) -> None:
    await desk.go_ready()
    call_id = simulator.place_call(CustomerCall())
    await simulator.stop()
    assert simulator.platform.call(call_id).leg is BridgeLeg.DIALING


async def test_waiting_for_what_does_not_happen_times_out(simulator: LiveVoxSimulator) -> None:
    with pytest.raises(TimeoutError):
        await simulator.until(lambda: False, timeout_s=0.05)


async def test_a_port_in_use_is_said(simulator: LiveVoxSimulator) -> None:
    port = int(simulator.url.rpartition(":")[2])
    with pytest.raises(AddressInUse, match=str(port)):
        await LiveVoxSimulator(World.default(1, PASSWORD), port=port).start()


async def test_without_telephony_no_call_is_placed() -> None:
    async with LiveVoxSimulator(World.default(1, PASSWORD)) as simulator:
        with pytest.raises(SimulationError, match="no telephony"):
            simulator.place_call(CustomerCall())
