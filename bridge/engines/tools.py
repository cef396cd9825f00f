"""Functions that a bot uses and that are forwarded to somebody's HTTP server: one signed POST, one JSON answer."""

import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from bridge.call_facts import CallFacts
from bridge.engines.http_client import EngineHttp, HttpAnswer
from bridge.engines.signing import signed_headers
from bridge.errors import EngineUnreachable

log = structlog.get_logger()

#: Uses a function for a call: its name and arguments (a JSON object as text) to its output, JSON as text. Never raises.
ToolUse = Callable[[CallFacts, str, str], Awaitable[str]]


@dataclass(frozen=True)
class Tool:
    """One function of one engine, and who carries it out."""

    name: str
    url: str
    timeout_s: float
    secret: str = field(default="", repr=False)
    """The requests are signed with it (bridge/engines/signing.py); empty: they are not."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Tools:
    """The functions of one engine. `Tools.use` is a ToolUse.

    The server gets {"call", "agent_number", "name", "arguments"}; its 2xx answer, JSON or text of up to 16 KiB, is the
    output. Whatever goes wrong is an output too: {"error": "…"}, so that the bot can say something.
    """

    def __init__(self, http: EngineHttp, tools: Iterable[Tool]) -> None:
        self._http = http
        self._tools = {tool.name: tool for tool in tools}

    async def use(self, facts: CallFacts, name: str, arguments: str) -> str:
        """The output of a function, JSON as text."""
        tool = self._tools.get(name)
        if tool is None:
            return _error(f"there is no function {name[:100]}")
        body = _question(facts, name, arguments)
        if body is None:
            return _error("the arguments are not a JSON object")
        headers = {**tool.headers, **signed_headers(tool.secret, int(time.time()), body)}
        try:
            answer = await self._http.post(tool.url, headers, body, timeout_s=tool.timeout_s)
        except EngineUnreachable as exc:
            log.warning("engine_tool_failed", tool=name, reason=exc.cause)
            return _error("no answer")
        if not 200 <= answer.status < 300:
            log.warning("engine_tool_failed", tool=name, reason=f"HTTP status {answer.status}")
            return _error(f"HTTP status {answer.status}")
        return _output(answer)


def _question(facts: CallFacts, name: str, arguments: str) -> bytes | None:
    """The body of the POST; None: the arguments are no JSON object."""
    try:
        said = json.loads(arguments if arguments.strip() else "{}", parse_constant=_refuse)
        question = {"call": facts.call, "agent_number": facts.agent_number, "name": name, "arguments": said}
        return json.dumps(question).encode() if isinstance(said, dict) else None
    except (ValueError, RecursionError):
        return None


def _output(answer: HttpAnswer) -> str:
    if answer.cut:
        return _error("the answer is too long")
    text = answer.content.decode("utf-8", "replace").strip()
    try:
        said = json.loads(text if text else "{}", parse_constant=_refuse)
        # A lone surrogate, which JSON can name, is no UTF-8.
        return json.dumps(said, ensure_ascii=False).encode("utf-8", "replace").decode()
    except (ValueError, RecursionError):
        return json.dumps(text, ensure_ascii=False)


def _refuse(constant: str) -> None:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(constant)


def _error(what: str) -> str:
    return json.dumps({"error": what})
