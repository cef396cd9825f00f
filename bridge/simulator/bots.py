"""The simulated speech engines that are reached by URL, by dialect."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.errors import CommandUnusable
from bridge.simulator.deepgram_bot import DeepgramBot
from bridge.simulator.openai_server import OpenAIServer
from bridge.simulator.rtp_bot import RtpBot
from bridge.simulator.stream_bot import BotScript, StreamBotSettings
from bridge.simulator.twilio_bot import TwilioBot
from bridge.simulator.url_bot import UrlBot


@dataclass(frozen=True)
class BotKind:
    """One dialect's simulated engine."""

    make: Callable[[StreamBotSettings], UrlBot[Any]]
    port: int
    """Where it listens unless told otherwise: config/demo.toml says the same."""
    cannot: frozenset[BotScript]
    """Scripts that the dialect has no words for."""
    what: str
    """What it is, for people."""

    def check(self, dialect: str, settings: StreamBotSettings) -> None:
        """Raises CommandUnusable when a script is none of this dialect."""
        for line in settings.lines:
            if line.script in self.cannot:
                known = ", ".join(script for script in BotScript if script not in self.cannot)
                raise CommandUnusable(f'"{line.script}" is no script of dialect {dialect}; use one of: {known}')


BOTS: Mapping[str, BotKind] = {
    "rtp": BotKind(RtpBot, 8093, RtpBot.cannot, "an HTTP server with RTP sockets of its own"),
    "twilio": BotKind(TwilioBot, 8091, TwilioBot.cannot, "a WebSocket server for Twilio's Media Streams"),
    "openai": BotKind(OpenAIServer, 8092, OpenAIServer.cannot, "the Realtime API"),
    "deepgram": BotKind(DeepgramBot, 8094, DeepgramBot.cannot, "Deepgram's Voice Agent"),
}
