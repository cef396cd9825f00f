"""Headless Chromium for tests: pages that complain of anything on their console fail."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

#: Screenshots of each test stay here; git ignores it.
SHOTS = Path(__file__).parents[2] / ".screenshots"


def chromium() -> str:
    """Debian's, or another one of the PATH."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise FileNotFoundError("no Chromium in the PATH: apt-get install chromium")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """One browser process."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium(), args=arguments)
        try:
            yield running
        finally:
            await running.close()


class Window:
    """A page, and what it complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, kind: str, text: str) -> None:
        # A refused action is what some tests are about; the page shows it.
        if kind in ("error", "warning") and "the server responded with a status of 4" not in text:
            self.complaints.append(text)

    async def keep(self, name: str) -> None:
        """A screenshot of the whole page."""
        SHOTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)

    async def fits(self) -> bool:
        """Nothing of the page is wider than the screen."""
        return bool(await self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@asynccontextmanager
async def window(
    running: Browser, url: str, *, token: str = "simulated", dark: bool = False, phone: bool = False
) -> AsyncIterator[Window]:
    """A page of the bridge, opened with a token. It must have complained of nothing when it is closed."""
    context: BrowserContext = await running.new_context(
        viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 900},
        color_scheme="dark" if dark else "light",
        http_credentials={"username": "operator", "password": token},
        reduced_motion="reduce",
    )
    try:
        opened = Window(await context.new_page())
        await opened.page.goto(url)
        yield opened
        assert opened.complaints == []
    finally:
        await context.close()
