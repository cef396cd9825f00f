"""GET /metrics: valid, complete, and true against what the simulated LiveVox saw."""

import asyncio
import time
from collections import Counter

import pytest
from aiohttp import ClientSession

from bridge.metrics.catalogue import CATALOGUE
from bridge.metrics.loop_lag import LoopLag
from bridge.metrics.metric import PREFIX, Kind
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.injections import Fault
from bridge.simulator.ledger import Kind as LedgerKind
from bridge.verdicts import Complete
from sip.counters import Count
from tests.integration.bridge_world import BridgeWorld
from tests.integration.scrape import OPENMETRICS, Scrape, scrape
from tests.integration.test_engine_failover import VA1, VA2, VA3, VA4, engine
from tests.unit.metric_uses import expressions

pytestmark = pytest.mark.pjsua2


async def test_the_numbers_are_those_of_the_simulated_livevox() -> None:
    scripts = ["finish:paid", "finish:made up", "transfer-refer:collections", "wait"]
    async with BridgeWorld(scripts, agents=4, more='[outcomes.paid]\nterm_code = "Completed"') as world:
        before = await scrape(world.admin_url)
        assert (before.value("agents", state="ready"), before.sum("calls_total")) == (4, 0)
        orders = [CustomerCall(agent=VA1), CustomerCall(agent=VA2), CustomerCall(agent=VA3)]
        orders.append(CustomerCall(agent=VA4, hang_up_after_s=0.4))
        for number, order in enumerate(orders):
            world.place(order)
            await world.until(lambda number=number: world.whats().count("engine_answered") > number)
        await world.until(lambda: world.whats().count("closed") == 4, 20.0)
        seen = await scrape(world.admin_url)
        assert seen.value("calls_total", outcome="paid", fate="finished") == 1
        assert seen.value("calls_total", outcome="other", fate="finished") == 1
        assert seen.value("calls_total", outcome="customer_hung_up", fate="customer_hung_up") == 1
        assert seen.sum("calls_total") == 4
        ledger = world.livevox.ledger
        assert seen.value("dispositions_total", confirmation="confirmed") == len(ledger.dispositions()) == 4
        assert seen.value("transfers_total", result="succeeded") == 1
        assert_requests_are_the_ledger_s(seen, world)
        for name in ("call_setup_seconds", "call_talk_seconds", "screen_pop_seconds", "wrapup_seconds"):
            assert seen.value(f"{name}_count") == 4, name
        assert seen.value("engine_connects_total", engine="bot", result="ready") == 4
        assert (
            seen.value("sip_requests_total", kind="invites") == seen.value("sip_requests_total", kind="admitted") == 4
        )
        assert seen.sum("sip_refusals_total") == 0
        heard = sum(int(entry.facts["customer_packets"] or 0) for entry in world.entries if entry.what == "closed")
        assert seen.value("rtp_packets_total", side="customer") == heard > 0
        assert seen.value("rtp_loss_ratio_count", side="customer") == 4
        assert (seen.value("calls_on_line"), seen.sum("calls_active"), seen.value("ready")) == (0, 0, 1)


def assert_requests_are_the_ledger_s(seen: Scrape, world: BridgeWorld) -> None:
    requests = (entry for entry in world.livevox.ledger.entries if entry.kind is LedgerKind.REQUEST)
    asked = Counter(
        (f"{entry.facts['method']} {entry.facts['path'].strip('/')}", str(entry.status)) for entry in requests
    )
    counted: Counter[tuple[str, str]] = Counter()
    for sample in seen.families["livevox_requests"].samples:
        counted[sample.labels["endpoint"], sample.labels["status"]] += int(sample.value)
    assert counted == asked


async def test_every_metric_of_the_list_is_there_with_its_type_and_labels_and_none_beside_them() -> None:
    async with BridgeWorld() as world:
        await world.call()
        seen = await scrape(world.admin_url)
    told = {name for name in seen.families if not name.startswith("process_")}
    assert told == {metric.name.removesuffix("_total") for metric in CATALOGUE}
    for metric in CATALOGUE:
        family = seen.families[metric.name.removesuffix("_total")]
        assert (family.type, family.documentation) == (metric.kind, metric.meaning), metric.name
        for sample in family.samples:
            own = {"le"} if metric.kind is Kind.HISTOGRAM and sample.name.endswith("_bucket") else set()
            assert set(sample.labels) == {*metric.labels} | own, metric.name


async def test_the_dashboard_and_the_alerts_look_for_values_that_labels_have() -> None:
    async with BridgeWorld(more='[webhooks.crm]\nurl = "http://127.0.0.1:9/"') as world:
        seen = await scrape(world.admin_url)
    having = [sample for family in seen.families.values() for sample in family.samples]
    for expression in expressions():
        for use in expression.uses:
            if use.name == "livevox_requests_total":
                continue  # what was not asked yet has no series
            for label, how, wanted in use.matchers:
                if label != "instance":
                    told = {sample.labels[label] for sample in having if sample.name == f"{PREFIX}{use.name}"}
                    values = wanted.split("|") if "~" in how else [wanted]
                    assert set(values) <= told, (expression.where, label)


async def test_a_scraper_that_wants_openmetrics_gets_it() -> None:
    async with BridgeWorld() as world:
        seen = await scrape(world.admin_url, accept=OPENMETRICS)
        assert seen.value("build_info", **seen.families["build_info"].samples[0].labels) == 1


async def test_two_bridges_in_one_process_count_for_themselves() -> None:
    async with BridgeWorld() as one, BridgeWorld() as other:
        await one.call()
        assert (await scrape(one.admin_url)).value("call_setup_seconds_count") == 1
        assert (await scrape(other.admin_url)).value("call_setup_seconds_count") == 0


async def test_calls_that_are_not_taken_are_counted_by_reason() -> None:
    async with BridgeWorld(["wait"], agents=3, sip="max_calls = 2") as world:
        for number in (VA1, VA2):
            world.place(CustomerCall(agent=number))
        await world.until(lambda: world.whats().count("screen_pop") == 2)
        talking = await scrape(world.admin_url)
        assert (talking.value("calls_active", state="talking"), talking.value("calls_on_line")) == (2, 2)
        assert talking.value("agents", state="on_call") == 2
        await world.until(lambda: all(len(live.quality) == 2 for live in world.service.controller.calls))
        heard = await scrape(world.admin_url)
        assert 1 <= heard.value("calls_mos_worst", side="customer") <= 4.5
        assert heard.value("calls_audio_bad", side="customer") <= 2
        world.place(CustomerCall(agent=VA3))
        await world.until(lambda: world.service.edge.counters[Count.REFUSED] == 1)
        seen = await scrape(world.admin_url)
        assert seen.value("calls_refused_total", reason="full") == 1
        assert seen.value("sip_refusals_total", reason="refused") == seen.sum("calls_refused_total") == 1
        for live in world.service.controller.calls:
            live.order(Complete())
        await world.until(lambda: not world.service.controller.calls)


async def test_a_livevox_that_fails_shows_in_wrap_ups_and_requests() -> None:
    async with BridgeWorld() as world:
        world.livevox.fail("set_term_code", Fault.STATUS, status=503, count=1)
        call_id = world.place()
        await world.livevox.until(lambda: bool(world.livevox.ledger.requests("set_term_code")))
        await world.until(lambda: world.service.controller.wrapping_up == 1)
        seen = await scrape(world.admin_url)
        assert seen.value("wrapups_pending", of="calls") == 1
        assert 0 < seen.value("wrapup_oldest_seconds") < 30
        await world.over(call_id)
        seen = await scrape(world.admin_url)
        endpoint = "PUT callControl/agent/call/termCode"
        assert seen.value("livevox_requests_total", endpoint=endpoint, status="503", result="refused") == 1
        assert seen.value("livevox_requests_total", endpoint=endpoint, status="204", result="ok") == 1
        assert (seen.value("wrapups_pending", of="calls"), seen.value("wrapup_oldest_seconds")) == (0, 0)


async def test_an_engine_that_fails_is_told_from_one_that_is_passed_over() -> None:
    first = engine("twilio", "refuse:503", lines="circuit_failures = 1\ncircuit_open_s = 60")
    async with BridgeWorld(others={"first": first, "second": engine("openai", "finish")}, agents=2) as world:
        for number in (VA1, VA2):
            await world.call(CustomerCall(agent=number))
        seen = await scrape(world.admin_url)
        assert seen.value("engine_connects_total", engine="first", result="failed") == 1
        assert seen.value("engine_connects_total", engine="first", result="passed_over") == 1
        assert seen.value("engine_connects_total", engine="second", result="ready") == 2
        assert seen.value("engine_connect_seconds_count", engine="second") == 2
        assert seen.value("engine_circuit", engine="first", state="open") == 1
        assert seen.value("engine_circuit", engine="second", state="closed") == 1
        assert seen.value("first_audio_seconds_count", engine="second") == 2
        assert seen.value("playout_late_seconds_count") == 2


async def test_processes_that_die_are_counted() -> None:
    async with BridgeWorld() as world:
        before = await scrape(world.admin_url)
        assert before.value("child_memory_bytes", process="media") > 1_000_000
        assert before.value("child_memory_bytes", process="sip_workers") > 1_000_000
        for worker in tuple(world.service.pool._workers.values()):
            worker.kill()
        media = world.service.media.pid
        world.service.media._keeper._lose()
        await world.until(lambda: world.service.media.pid not in (None, media))
        await world.until(lambda: world.service.pool.lost == before.value("sip_workers"))
        await world.until(lambda: world.service.overview.readiness()["ready"])
        seen = await scrape(world.admin_url)
        assert seen.value("sip_workers_lost_total") == before.value("sip_workers")
        assert seen.value("sip_workers_started_total") > before.value("sip_workers_started_total")
        assert (seen.value("media_process_starts_total"), seen.value("media_process_up")) == (2, 1)


async def test_with_metrics_by_token_nobody_reads_them_without_one() -> None:
    async with BridgeWorld(more='metrics = "token"') as world:
        async with ClientSession() as http, http.get(f"{world.admin_url}/metrics") as answer:
            assert answer.status == 401
        assert (await scrape(world.admin_url, token="simulated")).value("ready") == 1


async def test_a_loop_that_is_blocked_is_late() -> None:
    seen: list[float] = []
    lag = LoopLag(seen.append)
    lag.start()
    await asyncio.sleep(0.1)
    time.sleep(0.4)  # noqa: ASYNC251  # it is what is measured
    await asyncio.sleep(0.05)
    lag.stop()
    count = len(seen)
    assert max(seen) > 0.2
    await asyncio.sleep(0.3)
    assert len(seen) == count
