"""[sans-IO] What is kept of a request to LiveVox and of its answer: no header, no id of a session, no secret."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from bridge.capture.kept_json import MAX_BODY, NOT_KEPT, SECRET, kept_json
from bridge.livevox.requests import Request

#: More of a body is cut.
MAX_TEXT = 4_000
#: Of what is no JSON, a proxy's error page for example, the beginning tells what it is.
_MAX_OTHER = 300


def request_text(request: Request) -> str:
    """`PUT /callControl/agent/call/termCode?lineNumber=ACD`, an empty line, and the body as JSON."""
    query = f"?{urlencode(request.query)}" if request.query else ""
    line = f"{request.method} /{request.path}{query}"
    return _without(request, _message(line, _json(request.body)))


def answer_text(request: Request, status: int | None, ms: float, error: str | None, content: bytes) -> str:
    """`200 in 43 ms`, an empty line, and the body; `no answer in 10000 ms (LiveVoxUnreachable)`."""
    if status is None:
        return f"no answer in {ms:.0f} ms ({error})"
    line = f"{status} in {ms:.0f} ms" + (f" ({error})" if error else "")
    return _without(request, _message(line, _answered(content)))


def _message(line: str, body: str) -> str:
    if len(body) > MAX_TEXT:
        body = f"{body[:MAX_TEXT]}\n… {len(body) - MAX_TEXT} characters more"
    return f"{line}\n\n{body}" if body else line


def _json(body: Mapping[str, Any] | None) -> str:
    return "" if body is None else kept_json(json.dumps(body).encode()) or ""


def _answered(content: bytes) -> str:
    if not content.strip():
        return ""
    if len(content) > MAX_BODY:
        return f"{NOT_KEPT[:-1]}: {len(content)} bytes]"
    kept = kept_json(content)
    return kept if kept is not None else content[:_MAX_OTHER].decode("utf-8", "replace").replace("\0", "\ufffd")


def _without(request: Request, text: str) -> str:
    for secret in (request.session, request.token, *request.secrets):
        if secret:
            text = text.replace(secret, SECRET)
    return text
