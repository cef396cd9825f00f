"""The dashboard in a real browser: what an operator sees, reads aloud, reaches by keyboard, and does."""

from collections.abc import AsyncIterator
from time import time

import pytest
from playwright.async_api import Browser, expect

from bridge.agents.messages import AgentPhase
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.injections import Fault
from tests.browser.browser import browser, window
from tests.integration.bridge_world import BridgeWorld

#: A name that would be markup if anybody took it for that.
HOSTILE = '<img src=x onerror="document.title=1">'


@pytest.fixture
async def chrome() -> AsyncIterator[Browser]:
    async with browser() as running:
        yield running


@pytest.fixture
async def world() -> AsyncIterator[BridgeWorld]:
    async with BridgeWorld(["wait"], agents=3) as running:
        yield running


async def talking(world: BridgeWorld, agent: str = "8990000001") -> str:
    before = world.whats().count("acknowledged")
    call_id = world.place(CustomerCall(agent=agent, name=HOSTILE))
    await world.until(lambda: world.whats().count("acknowledged") > before)
    return call_id


async def over(world: BridgeWorld, call_id: str) -> None:
    world.livevox.customer_hangs_up(call_id)
    await world.over(call_id)


async def test_a_call_is_seen_from_its_beginning_to_its_end(chrome: Browser, world: BridgeWorld) -> None:
    async with window(chrome, world.admin_url) as opened:
        page = opened.page
        await expect(page.locator("#state")).to_have_text("Ready")
        await expect(page.locator("#alarms")).to_have_text("Nothing to look at.")
        await expect(page.locator("#calls")).to_contain_text("No call at the moment.")
        call_id = await talking(world)
        row = page.locator("#calls tbody tr")
        await expect(row).to_contain_text("8990000001")
        await expect(row).to_contain_text("talking")
        await expect(row.locator("meter")).to_have_count(2, timeout=10_000)
        await expect(page.locator("#agents .busy")).to_contain_text("VA0001")
        await opened.keep("dashboard")
        world.livevox.customer_hangs_up(call_id)
        await expect(page.locator("#recent tbody tr")).to_contain_text("customer hung up")
        await expect(page.locator("#calls")).to_contain_text("No call at the moment.")
        await expect(page.locator("#agents .ready")).to_contain_text("VA0001")
        await world.over(call_id)


@pytest.mark.parametrize(("dark", "phone"), [(True, False), (False, True), (True, True)])
async def test_it_can_be_read_on_a_phone_and_in_the_dark(
    chrome: Browser, world: BridgeWorld, dark: bool, phone: bool
) -> None:
    call_id = await talking(world)
    async with window(chrome, world.admin_url, dark=dark, phone=phone) as opened:
        await expect(opened.page.locator("#calls tbody tr")).to_contain_text("talking")
        await opened.keep(f"dashboard{'_dark' * dark}{'_phone' * phone}")
        assert await opened.fits()
        grounds = await opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (grounds == "rgb(16, 21, 27)") is dark
    await over(world, call_id)


async def test_an_agent_is_paused_by_keyboard_alone_and_needs_the_admin_token(
    chrome: Browser, world: BridgeWorld
) -> None:
    async with window(chrome, world.admin_url) as opened:
        page = opened.page
        button = page.get_by_role("button", name="Pause VA0002")
        await button.focus()
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Pause VA0002?")
        await page.keyboard.type("not the token")
        await page.keyboard.press("Enter")
        await expect(dialog.get_by_role("alert")).to_contain_text("token")
        assert world.service.agents.snapshot()[1].state is AgentPhase.READY
        await page.get_by_label("Admin token").fill("simulated")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Resume VA0002")).to_be_visible()
        await world.until(lambda: world.service.agents.snapshot()[1].state is AgentPhase.PAUSED)
        await page.get_by_role("button", name="Resume VA0002").click()
        await expect(page.get_by_label("Admin token")).to_be_hidden()  # it is known now
        await page.get_by_role("button", name="Do it").click()
        await world.until(lambda: world.service.agents.snapshot()[1].state is AgentPhase.READY)


async def test_a_call_is_hung_up(chrome: Browser, world: BridgeWorld) -> None:
    call_id = await talking(world)
    async with window(chrome, world.admin_url) as opened:
        page = opened.page
        await page.get_by_role("button", name="Hang up…").click()
        await page.get_by_label("Admin token").fill("simulated")
        await opened.keep("dashboard_hang_up")
        await page.get_by_role("button", name="Do it").click()
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(page.locator("#calls")).to_contain_text("No call at the moment.")
    await world.over(call_id)
    assert len(world.dispositions(call_id)) == 1


async def test_a_wrap_up_that_waits_is_tried_now_by_keyboard_alone(chrome: Browser, world: BridgeWorld) -> None:
    call_id = await talking(world)
    world.livevox.fail("status", Fault.STATUS, status=503, count=None)
    world.livevox.customer_hangs_up(call_id)
    async with window(chrome, world.admin_url) as opened:
        page = opened.page
        waiting = page.get_by_role("region", name="Wrap-ups that wait for LiveVox")
        await expect(waiting).to_contain_text("refused with 503")
        button = waiting.get_by_role("button", name="Try the wrap-up of")
        await button.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog")).to_contain_text("LiveVox is asked at once")
        await opened.keep("dashboard_wrap_up")
        world.livevox.platform.injections.clear()
        await page.keyboard.type("simulated")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(waiting).to_be_hidden()
    await world.over(call_id)
    assert len(world.dispositions(call_id)) == 1


@pytest.mark.parametrize("waits", [True, False])
async def test_a_wrap_up_that_was_given_up_is_retried_or_it_is_said_why_not(chrome: Browser, waits: bool) -> None:
    async with BridgeWorld(["wait"], livevox="give_up_after_s = 0.5") as world:
        call_id = await talking(world)
        world.livevox.fail("status", Fault.STATUS, status=503, count=None)
        world.livevox.customer_hangs_up(call_id)
        await world.seen("closed")
        world.livevox.platform.injections.clear()
        if not waits:
            agent = world.livevox.platform.agent("VA0001")
            world.livevox.perform(lambda now: world.livevox.platform.agents.expire_wrap_up(agent, now))
        async with window(chrome, world.admin_url, phone=not waits) as opened:
            page = opened.page
            row = page.locator("#recent tbody tr")
            await expect(row).to_contain_text("disposition unconfirmed")
            await row.get_by_role("button", name="Retry the wrap-up of").click()
            await page.get_by_label("Admin token").fill("simulated")
            await page.get_by_role("button", name="Do it").click()
            if waits:
                await expect(page.get_by_role("dialog")).to_be_hidden()
                await expect(row).not_to_contain_text("disposition unconfirmed")
                await expect(row.get_by_role("button")).to_have_count(0)
            else:
                await expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("nothing was sent")
                await opened.keep("dashboard_retry_refused_phone")
                assert await opened.fits()
        assert world.dispositions(call_id) == ["Customer Hung Up" if waits else "Operator Transfer"]


async def test_calls_are_found_and_lead_to_their_stories(chrome: Browser, world: BridgeWorld) -> None:
    for agent in ("8990000001", "8990000002"):
        await over(world, await talking(world, agent))
    async with window(chrome, world.admin_url) as opened:
        page = opened.page
        rows = page.locator("#recent tbody tr")
        await expect(rows).to_have_count(2)
        await page.get_by_label("Call or agent").fill("+18990000002")
        await page.keyboard.press("Enter")
        await expect(page.locator("#found")).to_have_text("1 found.")
        await expect(rows).to_contain_text("8990000002")
        await page.get_by_label("Something went wrong").check()
        await page.get_by_role("button", name="Find").click()
        await expect(rows).to_contain_text("No call like this.")
        await page.get_by_role("button", name="Latest").click()
        await expect(rows).to_have_count(2)
        await page.get_by_label("From").fill("2020-01-01T00:00")
        await page.get_by_role("button", name="Find").click()
        await expect(page.locator("#found")).to_have_text("2 found.")
        await rows.first.get_by_role("link").click()
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert await page.title() != "1", "a name was taken for markup"
        await opened.keep("story")


async def test_alarms_say_what_is_wrong_and_what_to_do(chrome: Browser, world: BridgeWorld) -> None:
    for agent in world.service.agents.snapshot():
        world.service.agents.pause(agent.number)
    async with window(chrome, world.admin_url) as opened:
        page = opened.page
        await expect(page.locator("#state")).to_have_text("Not ready")
        alarm = page.locator("#alarms .alarm")
        await expect(alarm).to_contain_text("Every INVITE gets 480")
        await expect(alarm).to_contain_text("Look at the agents below")
        await opened.keep("dashboard_alarm")


@pytest.mark.parametrize(("dark", "phone"), [(False, False), (True, False), (False, True)])
async def test_webhooks_that_fail_and_reloads_that_were_refused_are_alarms(
    chrome: Browser, dark: bool, phone: bool
) -> None:
    hooks = '[webhooks.crm]\nurl = "http://127.0.0.1:9/"\n[webhooks.wallboard]\nurl = "http://127.0.0.1:9/"\n'
    async with (
        BridgeWorld(more=hooks) as world,
        window(chrome, world.admin_url, dark=dark, phone=phone) as opened,
    ):
        tiles, alarms = opened.page.locator("#numbers"), opened.page.locator("#alarms .warning")
        await expect(tiles).to_contain_text("Webhooks working2 of 2")
        await expect(opened.page.locator("#about")).to_contain_text("with settings no. 1 for")
        world.service.courier.rounds[0].tally.not_taken("it answers 500", time() - 720, given_up=False)
        world.service.settings.path.write_text("[nothing]")
        world.service.reloader.reload_soon("test")
        await expect(alarms).to_have_count(2)
        await expect(alarms.first).to_contain_text("take no message for 5 minutes or more: crm")
        await expect(alarms.last).to_contain_text("was refused: the settings are wrong")
        await expect(alarms.last).to_contain_text("check --diff")
        await expect(tiles.locator(".bad")).to_have_text("Webhooks working1 of 2")
        await opened.keep(f"dashboard_settings{'_dark' * dark}{'_phone' * phone}")
        assert await opened.fits()


async def test_a_page_that_hears_nothing_says_so(chrome: Browser) -> None:
    async with BridgeWorld(["wait"]) as world:
        context = window(chrome, world.admin_url)
        opened = await context.__aenter__()
        await expect(opened.page.locator("#state")).to_have_text("Ready")
    await expect(opened.page.locator("#stale")).to_be_visible(timeout=20_000)
    await expect(opened.page.locator("#state")).to_have_text("No connection")
    opened.complaints.clear()  # it tries to connect again, and Chromium says so
    await context.__aexit__(None, None, None)


async def test_headings_regions_and_controls_have_names(chrome: Browser, world: BridgeWorld) -> None:
    call_id = await talking(world)
    async with window(chrome, world.admin_url) as opened:
        page = opened.page
        await expect(page.locator("#calls tbody tr")).to_contain_text("talking")
        nameless = await page.evaluate(
            """[...document.querySelectorAll("button, input, a")].filter((each) =>
                 !(each.innerText || each.ariaLabel || each.labels?.length || each.closest("label"))).length"""
        )
        assert nameless == 0
        titles = await page.get_by_role("heading").all_inner_texts()
        assert {"Alarms", "Live calls", "Agents", "The last hour", "Engines", "Ended calls"} <= set(titles)
        assert await page.get_by_role("main").count() == 1
        assert await page.title() != "1", "a name was taken for markup"
    await over(world, call_id)
