"""A simulated bot that is reached by URL: what the bots of all dialects but SIP have in common."""

import asyncio

from aiohttp import web

from bridge.errors import CommandUnusable
from bridge.simulator.answering_bot import AnsweringBot, CallT
from bridge.simulator.stream_bot import BotScript, StreamBotRecord, StreamBotSettings


class UrlBot(AnsweringBot[StreamBotRecord, CallT]):
    """The listening part; a dialect's bot derives from it and writes `_route`.

    A call takes its script from `?script=NAME` in the URL, else as StreamBotSettings.script_for says. Refused calls
    are among `calls`.
    """

    scheme: str
    """Of the URL."""
    path: str
    """Of the URL."""
    cannot: frozenset[BotScript] = frozenset()
    """Scripts that mean nothing in its dialect."""

    def __init__(self, settings: StreamBotSettings) -> None:
        """Raises CommandUnusable when a script is none of this bot's."""
        super().__init__()
        for line in settings.lines:
            if line.script in self.cannot:
                raise CommandUnusable(f"this bot has no script {line.script}")
        self.settings = settings
        self.port = settings.listen_port
        """The port it listens on, once it does."""
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where the bridge finds it."""
        return f"{self.scheme}://{self.settings.listen_host}:{self.port}{self.path}"

    async def open(self) -> None:
        """Listen; raises CommandUnusable when the port is not to be had."""
        app = web.Application()
        app.add_routes([self._route()])
        self._runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.settings.listen_host, self.settings.listen_port)
        try:
            await site.start()
        except OSError as exc:
            await self._runner.cleanup()
            where = f"{self.settings.listen_host}:{self.settings.listen_port}"
            raise CommandUnusable(f"the bot cannot listen on {where}: {exc.strerror}") from exc
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """End every call and stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    def _route(self) -> web.RouteDef:
        """The requests it serves, and by what."""
        raise NotImplementedError

    def _new_record(self, request: web.Request) -> StreamBotRecord:
        """The record of the call that begins with this request."""
        number = len(self.calls)
        line = self.settings.script_for(number, request.query.get("script", ""))
        if line.script in self.cannot:
            line = self.settings.script
        headers = {name.lower(): value for name, value in request.headers.items()}
        return StreamBotRecord(number, asyncio.get_running_loop().time(), line, headers)
