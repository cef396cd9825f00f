"""Log lines on stderr, JSON or coloured: without secrets and, unless told otherwise, without customers' data."""

import logging
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SECRET = "[secret]"
MASKED = "[masked]"

_SECRET_KEYS = frozenset(
    "token password secret authorization proxy_authorization cookie api_key lv_access lv_session session_id".split()
)
_SECRET_ENDINGS = ("_token", "_password", "_secret")
#: Hold a customer's telephone number, bare or in a URI.
_NUMBER_KEYS = frozenset(
    "caller caller_number customer customer_number ani phone phone_number phone_dialed from".split()
)
#: Hold a customer's name or account.
_NAME_KEYS = frozenset("display_name caller_name customer_name first_name last_name account account_number".split())
#: Hold what nobody can tell the meaning of: it may be a customer's story, or the digits of a card.
_FREE_TEXT_KEYS = frozenset({"notes", "screen_pop", "digit", "digits"})

_NUMBER = re.compile(r"(?P<plus>\+?)(?P<digits>[0-9][0-9\-() ]{4,}[0-9])")
_NOT_A_DIGIT = re.compile(r"[^0-9]")

Mask = Callable[[Any], Any]


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
    return _masked(event, _secret_mask)


def mask_customers(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A processor that masks customers' numbers, names and free text by their keys, however deep."""
    return _masked(event, _customer_mask)


def mask_number(value: Any) -> str:
    """+12134634007 becomes +1213*****07, also inside a URI; short numbers, such as an extension, stay."""
    return _NUMBER.sub(_mask_digits, str(value))


def mask_name(value: Any) -> str:
    """The first letter and stars: J***."""
    text = str(value)
    return f"{text[0]}***" if text else ""


def _mask_digits(found: re.Match[str]) -> str:
    digits = _NOT_A_DIGIT.sub("", found["digits"])
    head = 4 if len(digits) > 8 else 0
    return f"{found['plus']}{digits[:head]}{'*' * (len(digits) - head - 2)}{digits[-2:]}"


def _masked(values: MutableMapping[str, Any], mask_of: Callable[[str], Mask | None]) -> MutableMapping[str, Any]:
    for key, value in values.items():
        mask = mask_of(key.lower().replace("-", "_"))
        if mask is not None and value not in (None, ""):
            values[key] = mask(value)
        elif isinstance(value, Mapping):
            # A copy: what the caller logged is the caller's.
            values[key] = _masked({str(name): inner for name, inner in value.items()}, mask_of)
        elif isinstance(value, list | tuple):
            values[key] = [_masked(dict(part), mask_of) if isinstance(part, Mapping) else part for part in value]
    return values


def _secret_mask(key: str) -> Mask | None:
    return (lambda _: SECRET) if key in _SECRET_KEYS or key.endswith(_SECRET_ENDINGS) else None


def _customer_mask(key: str) -> Mask | None:
    if key in _NUMBER_KEYS:
        return mask_number
    if key in _NAME_KEYS:
        return mask_name
    return (lambda _: MASKED) if key in _FREE_TEXT_KEYS else None


def _console(colours: bool) -> list[Processor]:
    # The plain formatter: the rich one prints local variables, and those may be secrets.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=plain)]
