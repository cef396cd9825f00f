"""What every table of the settings has whose engine is reached by WebSocket."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field

from bridge.dialects.forwarded_tool import ForwardedTool
from bridge.section import EngineSection, EnvironmentName, HttpHeaderName, Line, SecondsOrNever, WebSocketUrl


class DialectSection(EngineSection):
    """[engines.NAME] of a kind that is reached by WebSocket; each dialect adds its own `kind` and settings."""

    url: WebSocketUrl
    """Where the engine listens, ws:// or wss://."""
    secret_env: EnvironmentName = ""
    """Environment variable with the secret (or NAME_FILE with a file) that the engine is reached with; empty: none."""
    headers: Mapping[HttpHeaderName, Line] = Field(default={}, repr=False)
    """Further headers of the WebSocket's HTTP request."""
    reconnect_s: SecondsOrNever = 0
    """A connection lost while talking is tried again for so long, before the next engine; 0: never."""

    def with_files(self, folder: Path) -> Self:
        """The same with the files read that it names, relative to the folder of the settings file.

        Raises InvalidSettingsFile (`bridge.section.file_text` does). Called once, when the settings are loaded: the
        media process gets the texts and opens no files.
        """
        return self

    @property
    def forwarded(self) -> tuple[ForwardedTool, ...]:
        """Functions of the bot that are answered by HTTP, by us."""
        return ()
