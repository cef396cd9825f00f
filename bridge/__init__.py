"""The bridge: an asyncio service between LiveVox and speech engines; it never loads pjsua2."""

__version__ = "0.1.0"
