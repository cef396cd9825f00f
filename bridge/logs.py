"""Log lines on stderr, JSON or coloured: without secrets and, unless told otherwise, without customers' data."""

import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bridge.masks import without_customers, without_secrets


def configure(*, level: str = "info", style: str = "auto", mask: bool = True, stream: TextIO | None = None) -> None:
    """Set up structlog and the standard library's logging, which aiohttp and asyncio use, for this process.

    `level`, `style` ("auto", "json" or "console") and `mask` are the settings of [log]; `stream` is stderr.
    """
    stream = sys.stderr if stream is None else stream
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        hide_secrets,
        *([mask_customers] if mask else []),
    ]
    colours = stream.isatty()
    console = style == "console" or (style == "auto" and colours)
    final = (
        _console(colours) if console else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, *final],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    own = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    foreign: list[Processor] = [structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(), *shared]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=foreign, processors=[own, *final]))
    logging.basicConfig(handlers=[handler], level=number, force=True)
    logging.captureWarnings(True)


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A processor that puts [secret] in the place of each value whose key names a secret, however deep."""
    return without_secrets(event)


def mask_customers(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A processor that masks customers' numbers, names and free text by their keys, however deep."""
    return without_customers(event)


def _console(colours: bool) -> list[Processor]:
    # The plain formatter: the rich one prints local variables, and those may be secrets.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)]
