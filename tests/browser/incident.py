"""Makes the README's screenshots: `python -m tests.browser.incident` plays a call with dead air and looks at it."""

import asyncio
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from bridge.simulator.bot_script import BotSettings, ScriptLine
from bridge.simulator.customer_call import CustomerCall
from bridge.simulator.speech import Voice
from tests.browser.browser import browser, window
from tests.integration.bridge_world import BridgeWorld

FOLDER = Path(__file__).parents[2] / "docs" / "incident"


async def _shoot(seen: Page | Locator, name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    await seen.screenshot(path=FOLDER / f"{name}.png")


async def main() -> None:
    """Three calls that go well, one that does not; then found, explained, exported."""
    lines = tuple(ScriptLine.parse(text) for text in ("finish:completed", "transfer-refer", "finish", "wait"))
    bot = BotSettings(scripts=lines, script=lines[-1], speak_s=1.0, after_s=0.2, afterwards=Voice.SILENCE)
    async with BridgeWorld(bot=bot, agents=4, dead_air_s=3) as world, browser() as chrome:
        for agent in range(1, 5):
            await world.call(CustomerCall(agent=f"899000000{agent}"), timeout_s=30)
        async with window(chrome, world.admin_url) as opened:
            page = opened.page
            await page.set_viewport_size({"width": 1100, "height": 900})
            await page.get_by_label("Something went wrong").check()
            await page.get_by_role("button", name="Find").click()
            await expect(page.locator("#recent tbody tr")).to_have_count(1)
            await _shoot(page.locator("section", has=page.locator("#recent-title")), "found")
            await page.locator("#recent tbody a").click()
            await expect(page.get_by_role("heading", level=1)).to_contain_text("heard nothing")
            await page.set_viewport_size({"width": 1100, "height": 1250})
            await _shoot(page, "explained")


if __name__ == "__main__":
    asyncio.run(main())
