"""A bot with an RTP socket of its own: an HTTP server that takes the bridge's calls, and ends them by script."""

import asyncio
from collections.abc import Mapping
from time import time
from typing import Any

import structlog
from aiohttp import web

from bridge.simulator.owned_tasks import OwnedTasks
from bridge.simulator.rtp_bot_call import RtpBotCall
from bridge.simulator.rtp_requests import RtpRequests, read_request
from bridge.simulator.stream_bot import BotScript, StreamBotSettings
from bridge.simulator.url_bot import UrlBot

log = structlog.get_logger()

#: What the script "nonsense" answers to a call.
_RUBBISH = b'{"rtp": {"address": "nowhere", "port": "four thousand"}'


class RtpBot(UrlBot[RtpBotCall]):
    """The bot. `async with RtpBot(StreamBotSettings()) as bot: bot.url; bot.calls`.

    It says its verdicts by the bridge's API, the URL of which comes with each call, with StreamBotSettings.token.
    """

    scheme = "http"
    path = "/calls"
    cannot = frozenset({BotScript.MARKS, BotScript.FLOOD, BotScript.WRONG_FORMAT})
    """Scripts that mean nothing to it: its audio is RTP, in real time, and the bridge keeps no queue of it."""

    def __init__(self, settings: StreamBotSettings) -> None:
        """Raises CommandUnusable when a script is none of this bot's."""
        super().__init__(settings)
        self.stray: list[Mapping[str, Any]] = []
        """Requests of calls that the bot has not taken."""
        self._tasks = OwnedTasks()
        self._known: dict[str, int] = {}
        """The numbers of the calls by the bridge's names."""

    async def close(self) -> None:
        """End every call and stop listening."""
        await self._tasks.close()
        await super().close()

    # private

    def _route(self) -> web.RouteDef:
        return web.post("/{path:.*}", self._request)

    async def _request(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        said, faults = read_request(headers, await request.read(), self.settings.secret, time())
        if said.get("event") == "call":
            return await self._call(request, said, faults)
        number = self._known.get(str(said.get("call")))
        if number is None:
            self.stray.append(said)
            return web.json_response({"reason": "no such call"}, status=404)
        self.calls[number].faults += faults
        live = self._live.get(number)
        if live is None:
            self.stray.append(said)
        else:
            live.told(said)
        return web.Response(status=204)

    async def _call(self, request: web.Request, said: Mapping[str, Any], faults: list[str]) -> web.StreamResponse:
        record = self._new_record(request)
        record.faults += faults
        number, line = record.number, record.script
        requests = RtpRequests(record)
        usable = requests.take_call(said)
        self._came(record)
        if line.script is BotScript.REFUSE:
            return web.json_response({"reason": "the bot's script refuses the call"}, status=line.status)
        if not usable:
            return web.json_response({"reason": "where is your RTP?"}, status=400)
        call = await RtpBotCall.open(self.settings, record, requests)
        self._known[str(said["call"])] = number
        self._live[number] = call
        self._tasks.start(self._serve(number, call), f"rtp-bot-{number}")
        if line.script is BotScript.SLOW:
            await asyncio.sleep(line.seconds)
        if line.script is BotScript.NONSENSE:
            return web.Response(body=_RUBBISH, content_type="application/json")
        return web.json_response(call.answer)

    async def _serve(self, number: int, call: RtpBotCall) -> None:
        script = self._tasks.start(call.play(), f"rtp-bot-script-{number}")
        try:
            await call.over.wait()
        finally:
            script.cancel()
            call.close()
            del self._live[number]
            log.info("bot_call_over", **call.record.summary(), sent=call.talker.sent)
