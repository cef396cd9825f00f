"""Settings of the whole test run."""

import logging
import os
import sys
from collections.abc import Iterator

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
_log_settings = structlog.get_config()


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """What a command sets up ends with its test: the next one's lines must not go to a stream that is closed."""
    yield
    if structlog.get_config()["cache_logger_on_first_use"]:
        structlog.configure(**_log_settings)
        logging.captureWarnings(False)
        root = logging.getLogger()
        root.setLevel(logging.WARNING)
        for handler in [each for each in root.handlers if type(each) is logging.StreamHandler]:
            root.removeHandler(handler)
    for module in tuple(sys.modules.values()):
        log = vars(module).get("log")
        if type(log).__name__ == "BoundLoggerLazyProxy":
            vars(log).pop("bind", None)  # what it is bound to once a line was written


# Where several processes share the tests (pytest -n), they share them well.


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A run in one process keeps the order of testpaths."""
    if hasattr(config, "workerinput"):
        items[:] = spread(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Pieces:
    """Not one of xdist's own: they split files whose tests share a stage, or hand tests out a hundred at a time."""
    return Pieces(config, log)
