"""[sans-IO] The query parameters of calls that are searched for."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from bridge.errors import ApiRefused
from bridge.journal.call_rows import MAX_PAGE, CallQuery, read_cursor
from sip.request_uri import agent_number

#: What can be asked for.
FILTERS = ("id", "agent", "caller", "from", "to", "outcome", "trouble", "limit", "cursor")
_USUAL_PAGE = 50


def read_query(said: Mapping[str, str]) -> CallQuery:
    """The calls that are wanted. Raises ApiRefused with 400."""
    only_known(said, FILTERS)
    agent = said.get("agent", "").strip()
    caller = said.get("caller", "")
    if caller and not any(char.isdecimal() for char in caller):
        raise _invalid("caller must have digits of the customer's number")
    return CallQuery(
        call=said.get("id", "").strip(),
        agent=agent_number(agent) or agent,
        caller=caller,
        since=_moment(said, "from"),
        until=_moment(said, "to"),
        outcome=said.get("outcome", "").strip(),
        trouble=said.get("trouble", "").strip(),
        limit=read_limit(said),
        after=_place(said.get("cursor", "")),
    )


def only_known(said: Mapping[str, str], known: tuple[str, ...]) -> None:
    """Refuse what would have no effect: who asks for some must not be told of all. Raises ApiRefused with 400."""
    unknown = [name for name in said if name not in known]
    if unknown:
        names = ", ".join(ascii(name[:40]) for name in unknown[:5])
        raise ApiRefused(400, "unknown_parameter", f"unknown here: {names}; known: {', '.join(known) or 'none'}")


def read_limit(said: Mapping[str, str]) -> int:
    """How many are wanted at once. Raises ApiRefused with 400."""
    text = said.get("limit", str(_USUAL_PAGE))
    if not (text.isascii() and text.isdecimal() and len(text) < 5 and 0 < int(text) <= MAX_PAGE):
        raise _invalid(f"limit must be a whole number from 1 to {MAX_PAGE}")
    return int(text)


def read_flag(said: Mapping[str, str], name: str) -> bool | None:
    """?name, ?name=true or ?name=false; None: it is not there. Raises ApiRefused with 400."""
    if name not in said:
        return None
    text = said[name].lower()
    if text not in ("", "1", "true", "0", "false"):
        raise _invalid(f"{name} must be true or false")
    return text in ("", "1", "true")


def _moment(said: Mapping[str, str], name: str) -> float | None:
    """Epoch seconds, or ISO 8601: without a zone it is UTC."""
    text = said.get(name, "").strip()
    if not text:
        return None
    try:
        return _epoch(text)
    except (ValueError, OverflowError) as exc:
        example = "2026-03-01T14:03:00Z, 2026-03-01 or seconds since 1970"
        raise _invalid(f"{name} must be a moment: {example}") from exc


def _epoch(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        # In a query "+" stands for a space: the zone's sign comes as one.
        moment = datetime.fromisoformat(text.replace(" ", "+") if text.count(" ") == 1 and "T" in text else text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(seconds):
        raise ValueError(text)
    return seconds


def _place(cursor: str) -> tuple[float, str] | None:
    place = read_cursor(cursor) if cursor else None
    if cursor and place is None:
        raise _invalid("cursor must be what the answer before gave as next")
    return place


def _invalid(detail: str) -> ApiRefused:
    return ApiRefused(400, "invalid_parameter", detail)
