"""[sans-IO] From the bytes of an answer to what was asked for, or to the error it is."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError

from bridge.livevox.errors import LiveVoxRefused, SessionLost, UnreadableAnswer
from bridge.livevox.requests import Request
from bridge.livevox.scalars import AnswerPart

MAX_ANSWER = 1_048_576
#: Longer texts of LiveVox's are cut before they go into an error.
MAX_MESSAGE = 300
#: Half of a surrogate pair written as an escape: JSON allows it alone, UTF-8 does not.
LONE_SURROGATES = re.compile(r"\\u[dD][89a-fA-F]")

AnswerT = TypeVar("AnswerT", bound=AnswerPart)
FoundT = TypeVar("FoundT")


@dataclass(frozen=True)
class RawAnswer:
    """An answer of 2xx that is not an error in disguise."""

    endpoint: str
    status: int
    body: Any
    """Parsed JSON; None when there was none."""

    def read(self, model: type[AnswerT]) -> AnswerT:
        """The body as a model; raises UnreadableAnswer."""
        return self.find(model.model_validate)

    def read_or(self, nothing: AnswerT) -> AnswerT:
        """The body as a model like `nothing`, which stands for an empty body or list; raises UnreadableAnswer."""
        return nothing if self.body is None or self.body == [] else self.read(type(nothing))

    def find(self, read: Callable[[Any], FoundT]) -> FoundT:
        """What a reader that raises ValueError finds in the body; raises UnreadableAnswer."""
        if self.body is None:
            raise UnreadableAnswer(self.endpoint, self.status, "there is no body")
        try:
            return read(self.body)
        except ValidationError as exc:
            raise UnreadableAnswer(self.endpoint, self.status, _what_is_wrong(exc)) from None
        except ValueError as exc:
            raise UnreadableAnswer(self.endpoint, self.status, str(exc)) from None


def _what_is_wrong(exc: ValidationError) -> str:
    """The places and kinds of the first errors, without the values."""
    found = exc.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, error['loc']))[:60] or 'the body'}: {error['type']}" for error in found[:3])


def judged(request: Request, status: int, content: bytes, retry_after_s: float | None) -> RawAnswer:
    """The answer, or the error it is: by status, or by a body that says {"code": 401} inside a 200."""
    failed = status >= 300
    try:
        body = _json(content)
    except ValueError as exc:
        if not failed:
            raise UnreadableAnswer(request.endpoint, status, str(exc)) from exc
        body = None
    code = _code(body)
    if failed or code >= 400:
        _refuse(request, status, code or status, body, retry_after_s)
    return RawAnswer(request.endpoint, status, body)


def _json(content: bytes) -> Any:
    """Parsed JSON, None for nothing; raises ValueError whose text quotes nothing of it."""
    if len(content) > MAX_ANSWER:
        raise ValueError(f"more than {MAX_ANSWER} bytes")
    if not content.strip():
        return None
    try:
        # What is no UTF-8 is replaced; json.loads would let surrogates pass that are encoded as bytes of their own.
        text = content.decode(json.detect_encoding(content), "replace")
        body = json.loads(text)
        if LONE_SURROGATES.search(text):
            body = json.loads(json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))
        return body
    except (ValueError, RecursionError):
        raise ValueError(f"{len(content)} bytes that are not JSON") from None


def _code(body: Any) -> int:
    """The code of LiveVox's error body {"code", "message"}; 0 for any other body."""
    code = body.get("code") if isinstance(body, dict) else None
    if isinstance(code, str) and code.strip().isdecimal() and len(code) < 10:
        code = int(code)
    return code if isinstance(code, int) and not isinstance(code, bool) else 0


def _refuse(request: Request, status: int, code: int, body: Any, retry_after_s: float | None) -> NoReturn:
    message = str(body.get("message") or "") if isinstance(body, dict) else ""
    for secret in (request.session, request.token, *request.secrets):
        message = message.replace(secret, "***") if secret else message
    message = "".join(char if char.isprintable() else " " for char in message[:MAX_MESSAGE])
    kind = SessionLost if 401 in (status, code) else LiveVoxRefused
    raise kind(request.endpoint, status, code, message, retry_after_s=retry_after_s)
