"""The bridge's settings: `load()` reads a TOML file into `Settings`; sections.py says what may stand in it."""

from bridge.settings.settings import Agent, Settings, load

__all__ = ["Agent", "Settings", "load"]
