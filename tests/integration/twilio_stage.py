"""A media process with one call to a simulated bot for Media Streams, over real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bridge.dialects.twilio_section import TwilioSection
from bridge.simulator.stream_bot import BotScriptLine, StreamBotSettings
from bridge.simulator.twilio_bot import TwilioBot
from bridge.simulator.twilio_call import TwilioCall
from sip.messages import Codec
from tests.integration.media_bench import running, settings
from tests.integration.stream_stage import DefinedEngine, StreamStage

TOKEN = "simulated"
ENGINE = DefinedEngine("twilio", TwilioSection, TOKEN)


class Stage(StreamStage[TwilioCall]):
    """A media process with one call to a bot."""

    async def by_hand(self) -> TwilioCall:
        """The call at the bot, to talk with."""
        call = self.bot.call(0)
        await call.started.wait()
        return call


@asynccontextmanager
async def stage(
    script: str = "wait", *, codec: Codec = Codec.PCMU, speak_s: float = 0.0, hasty: bool = False
) -> AsyncIterator[Stage]:
    line = BotScriptLine.parse(script)
    chosen = StreamBotSettings(script=line, secret=TOKEN, speak_s=speak_s, after_s=0.05, hasty=hasty)
    async with TwilioBot(chosen) as bot, running(settings()) as bench:
        yield Stage(bench, bot, ENGINE, codec)
