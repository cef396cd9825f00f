"""Every scenario on one stage: what SIPp checks, and what LiveVox, the engine and the bridge saw besides."""

import shutil
import socket
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bridge.engines.events import Fate
from bridge.simulator.call_record import CallRecord
from sip.counters import Count
from tests.sipp.pcap import KEYS, SPEECH_FRAMES, SSRC, speech_and_keys
from tests.sipp.sipp import SCENARIOS
from tests.sipp.stage import Seen, Stage
from tests.sipp.table import Row, read

pytestmark = [
    pytest.mark.sipp,
    pytest.mark.pjsua2,
    pytest.mark.long,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(shutil.which("sipp") is None, reason="needs sipp: apt-get install sip-tester"),
]

ROWS = read((SCENARIOS / "README.md").read_text())
#: They want the bridge in a state that would disturb the others; see test_states.
NOT_HERE = ("agent_not_in_service_480", "full_503", "draining_503", "draining_options_503")
HERE = [row for row in ROWS.values() if row.name not in NOT_HERE]

#: The column result, as LiveVox's term codes.
TERM_CODES = {
    "no call": [],
    "fate `customer_hung_up`": ["Customer Hung Up"],
    "fate `customer_hung_up`, no term code": [],
    "no term code": [],
    "fate `finished`": ["Completed"],
    "outcome `promised`": ["Payment Promised"],
    "outcome `transferred`": ["Transferred to Agent"],
    "outcome `transfer_failed`": ["Transfer Failed"],
}

#: In the pcap file.
PACKETS = len(list(speech_and_keys()))

TAKEN = ["placed", "RESERVED", "answered", "INCALL", "screenpop 200"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """All scenarios that are asked for play at once, a few at a time."""
    callspecs = [getattr(item, "callspec", None) for item in request.session.items if item.path == request.path]
    asked_for = {spec.params["name"] for spec in callspecs if spec is not None and "name" in spec.params}
    async with Stage(HERE, sip='spare_calls = 4\nallow = ["127.0.0.1/32"]') as stage:
        stage.begin(row.name for row in HERE if row.name in asked_for and can_play(row))
        yield stage


def can_play(row: Row) -> bool:
    """Raw sockets are root's."""
    if not row.needs_root:
        return True
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP).close()
    except PermissionError:
        return False
    return True


async def seen_by(stage: Stage, name: str) -> Seen:
    """Wait for the scenario; skip the test where it cannot play."""
    if not can_play(ROWS[name]):
        pytest.skip("SIPp sends RTP through raw sockets: run as root")
    return await stage.seen(name)


@pytest.mark.parametrize("name", [row.name for row in HERE])
async def test_a_scenario_goes_as_written_and_leaves_one_disposition_and_a_ready_agent(stage: Stage, name: str) -> None:
    seen = await seen_by(stage, name)
    result = ROWS[name].result
    assert seen.dispositions == TERM_CODES[result]
    assert [fault for record in records(seen) for fault in record.faults] == []
    closed = [entry.facts for entry in seen.story if entry.what == "closed"]
    if result.startswith(("fate", "outcome")):
        said = f"fate `{closed[-1]['fate']}`", f"outcome `{closed[-1].get('outcome')}`"
        assert result.partition(",")[0] in said
    if seen.dispositions:
        assert seen.lifecycle[-3:] == [f"disposition {seen.dispositions[0]}", "READY", "closed"]


def records(seen: Seen) -> list[CallRecord]:
    return [*seen.engine_calls, *([seen.customer] if seen.customer else [])]


# what LiveVox saw, step by step


async def test_the_guides_invite_is_a_call_from_its_ids_to_the_term_code(stage: Stage) -> None:
    seen = await seen_by(stage, "golden_livevox_invite")
    steps = [step for step in seen.lifecycle if step != "term_codes 200"]  # asked for by the first call of the service
    assert steps == [
        *TAKEN,
        "bridge_hung_up",
        "WRAPUP",
        "set_term_code 204",
        "disposition Completed",
        "READY",
        "closed",
    ]


@pytest.mark.parametrize("scenario", ["cancel_before_answer", "cancel_at_once"])
async def test_a_cancelled_call_is_cancelled_at_the_engine_and_livevox_has_its_agent_at_once(
    stage: Stage, scenario: str
) -> None:
    seen = await seen_by(stage, scenario)
    assert seen.lifecycle == ["placed", "RESERVED", "customer_hung_up", "READY", "closed", "refused"]
    assert [record.answered_ms for record in seen.engine_calls] in ([None], [])


@pytest.mark.parametrize("scenario", ["unsupported_codec_488", "engine_never_answers"])
async def test_a_refused_call_leaves_nothing_to_wrap_up(stage: Stage, scenario: str) -> None:
    seen = await seen_by(stage, scenario)
    assert seen.lifecycle[:3] == ["placed", "RESERVED", "refused"]
    assert "set_term_code 204" not in seen.lifecycle


async def test_livevox_gets_503_for_a_call_whose_engine_does_not_answer(stage: Stage) -> None:
    customer = (await seen_by(stage, "engine_never_answers")).customer
    assert customer is not None
    assert [status for _, status in customer.statuses] == [180, 503]
    assert customer.end_header("Retry-After") == "5"


async def test_a_transfer_by_refer_goes_through_livevoxs_phonebook(stage: Stage) -> None:
    seen = await seen_by(stage, "engine_transfer_by_refer")
    steps = ["conference_phonebook 204", "transfer conferenced", "conference_leave 204", "set_term_code 204"]
    assert [step for step in seen.lifecycle if step in steps] == steps


async def test_an_invite_that_came_seven_times_was_one_call(stage: Stage) -> None:
    seen = await seen_by(stage, "retransmitted_invite")
    assert seen.whats.count("invite_received") == 1
    assert len(seen.engine_calls) == 1
    assert stage.service.edge.counters[Count.RETRANSMISSIONS] >= 6


async def test_of_a_merged_request_only_one_became_a_call(stage: Stage) -> None:
    seen = await seen_by(stage, "merged_request_482")
    assert (seen.whats.count("invite_received"), len(seen.engine_calls)) == (1, 1)


# what the engine was told


async def test_the_customers_bye_reaches_the_engine_as_bye_with_reason(stage: Stage) -> None:
    (record,) = (await seen_by(stage, "bye_from_customer")).engine_calls
    assert record.ended_by_peer
    assert record.end_header("Reason") == 'SIP;cause=200;text="customer hung up"'
    assert record.end_header("X-Fate") == Fate.CUSTOMER_HUNG_UP


@pytest.mark.parametrize(
    ("scenario", "offered"),
    [("answer", "0 101"), ("pcma", "8 101"), ("telephone_event_96", "0 96"), ("late_offer", "0 8 101")],
)
async def test_the_engine_is_offered_what_livevox_offered_and_no_more(
    stage: Stage, scenario: str, offered: str
) -> None:
    (record,) = (await seen_by(stage, scenario)).engine_calls
    (audio,) = [line for line in record.descriptions[0].decode().splitlines() if line.startswith("m=audio")]
    assert audio.split(" ", 3)[3] == offered


# what was heard


@pytest.mark.alone
async def test_speech_and_keys_go_both_ways(stage: Stage) -> None:
    """SIPp speaks and presses keys from a pcap file, and sends back what it hears, keys of the engine among it."""
    seen = await seen_by(stage, "audio_and_dtmf_from_customer")
    (record,) = seen.engine_calls
    engine_keys = ROWS["audio_and_dtmf_from_customer"].engine.partition(":")[2]
    assert record.heard.recognised["customer"] == SPEECH_FRAMES
    assert record.heard.recognised["prompt"] > 0
    assert sorted(record.heard.digits) == sorted(KEYS + engine_keys)
    assert (record.heard.sources[SSRC].received, record.heard.lost) == (PACKETS, 0)
    closed = next(entry.facts for entry in seen.story if entry.what == "closed")
    assert (closed["customer_lost"], closed["engine_lost"]) == (0, 0)
    pressed = [str(entry.facts["side"]) for entry in seen.story if entry.what == "dtmf"]
    assert (pressed.count("customer"), pressed.count("engine")) == (len(KEYS + engine_keys), len(engine_keys))


async def test_keys_under_livevoxs_payload_type_reach_the_engine(stage: Stage) -> None:
    (record,) = (await seen_by(stage, "dtmf_from_customer_96")).engine_calls
    assert record.heard.digits == "15*#"


@pytest.mark.alone
async def test_the_engines_speech_and_keys_reach_the_customer_and_the_customers_speech_the_engine(stage: Stage) -> None:
    customer = (await seen_by(stage, "engine_speaks_and_presses_keys")).customer
    assert customer is not None
    assert customer.heard.digits == KEYS
    assert customer.heard.recognised["customer"] > SPEECH_FRAMES  # the engine's speech, and its own sent back
    assert (customer.heard.sources[SSRC].received, customer.heard.lost) == (PACKETS, 0)


# what is left


async def test_nothing_is_left_when_all_have_played(stage: Stage) -> None:
    service = stage.service
    assert [live.facts.call for live in service.controller.calls] == []
    await stage.until(lambda: stage.idle_workers == stage.workers, 10.0)
    faults = (Count.FAULTS, Count.NOT_A_WORKER, Count.WORKER_LOST, Count.WORKER_SILENT, Count.TOO_LARGE)
    assert {why: service.edge.counters[why] for why in faults} == dict.fromkeys(faults, 0)
