"""Settings of the whole test run."""

import os

import structlog
from hypothesis import settings

# A run must be the same everywhere; HYPOTHESIS_PROFILE=explore looks for what nobody has thought of yet.
settings.register_profile("steady", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# As bridge.logs does it. structlog's own choice, where rich is installed, takes seconds for a traceback of SQLAlchemy.
*_processors, _ = structlog.get_config()["processors"]
_console = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*_processors, _console])
