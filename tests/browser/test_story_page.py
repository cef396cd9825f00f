"""A call's story in a real browser: what went wrong comes first, and the exported file needs nobody."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.speech import Voice
from tests.browser.browser import browser, window
from tests.integration.bridge_world import BridgeWorld

HOSTILE = '<script>document.title="taken"</script>'


@pytest.fixture
async def chrome() -> AsyncIterator[Browser]:
    async with browser() as running:
        yield running


@pytest.fixture
async def world() -> AsyncIterator[BridgeWorld]:
    """A bot that says its sentence and then nothing more, to a customer whose name is markup."""
    bot = BotSettings(script=ScriptLine.parse("wait"), speak_s=0.3, after_s=0.1, afterwards=Voice.SILENCE)
    async with BridgeWorld(bot=bot, dead_air_s=1) as running:
        await running.call(CustomerCall(agent="8990000001", name=HOSTILE))
        yield running


def story_of(world: BridgeWorld) -> str:
    return f"{world.admin_url}/calls/{world.entries[0].call}"


@pytest.mark.parametrize(("dark", "phone"), [(False, False), (True, True)])
async def test_what_the_customer_heard_is_answered_at_the_top(
    chrome: Browser, world: BridgeWorld, dark: bool, phone: bool
) -> None:
    async with window(chrome, story_of(world), dark=dark, phone=phone) as opened:
        headline = opened.page.get_by_role("heading", level=1)
        await expect(headline).to_contain_text("The customer heard nothing")
        box = await headline.bounding_box()
        assert box is not None and box["y"] < 200
        assert await opened.fits()
        assert await opened.page.title() != "taken"
        await opened.keep(f"story_dead_air{'_dark_phone' * dark}")


async def test_an_exported_story_opens_offline_and_names_nobody(
    chrome: Browser, world: BridgeWorld, tmp_path: Path
) -> None:
    async with window(chrome, story_of(world)) as opened:
        async with opened.page.expect_download() as downloading:
            await opened.page.evaluate("location.href = `${location.pathname}?download`")
        await (await downloading.value).save_as(tmp_path / "story.html")
    text = (tmp_path / "story.html").read_text()
    assert "2134634007" not in text and HOSTILE not in text
    asked: list[str] = []
    context = await chrome.new_context(offline=True)
    page = await context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    await page.goto((tmp_path / "story.html").as_uri())
    await expect(page.get_by_role("heading", level=1)).to_contain_text("The customer heard nothing")
    await context.close()
    assert asked == [(tmp_path / "story.html").as_uri()]


async def test_the_recording_plays_in_step_with_the_timeline(chrome: Browser, tmp_path: Path) -> None:
    recorded = f'[recording]\nenabled = true\nfolder = "{tmp_path}"\n'
    async with BridgeWorld(["finish"], speak_s=2.0, more=recorded) as world:
        await world.call()
        async with window(chrome, story_of(world)) as opened:
            page = opened.page
            buttons = page.get_by_role("button", name="Play from")
            await expect(buttons.last).to_be_visible()
            await buttons.last.click()
            await expect(page.locator("li[aria-current]")).to_have_count(1)
            state = await page.evaluate(
                "(({duration, currentTime, error}) => [duration, currentTime, error])(recording)"
            )
            assert state[0] > 1.5 and state[1] > 1.0 and state[2] is None
            await opened.keep("story_recording")
