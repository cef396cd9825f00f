"""The bridge's settings: `load()` reads a TOML file into `Settings`; sections.py says what may stand in it."""

from bridge.settings.loader import load
from bridge.settings.settings import Agent, Settings

__all__ = ["Agent", "Settings", "load"]
