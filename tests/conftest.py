"""Settings of the whole test run."""

import os

import pytest
import structlog
from hypothesis import settings
from xdist.remote import Producer

from tests.run_order import Pieces, spread

# A run must be the same everywhere; HYPOTHESIS_PROFILE=explore looks for what nobody has thought of yet.
settings.register_profile("steady", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# As bridge.logs does it. structlog's own choice, where rich is installed, takes seconds for a traceback of SQLAlchemy.
*_processors, _ = structlog.get_config()["processors"]
_console = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*_processors, _console])


# Where several processes share the tests (pytest -n), they share them well.


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A run in one process keeps the order of testpaths."""
    if hasattr(config, "workerinput"):
        items[:] = spread(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Pieces:
    """Not one of xdist's own: they split files whose tests share a stage, or hand tests out a hundred at a time."""
    return Pieces(config, log)
