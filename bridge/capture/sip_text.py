"""[sans-IO] What is kept of a SIP message: all of it as it was, but secrets, keys that were pressed and screen pops."""

import re
from collections.abc import Iterator

from bridge.capture.kept_json import NOT_KEPT, kept_json

#: Longer messages are cut.
MAX_TEXT = 8_000

#: Names of headers with credentials, and of those in engines' settings that are named like one. Looked for in the whole
#: head first: nearly every message has none of them.
_SECRET_NAMES = (b"authorization", b"token", b"secret", b"passw", b"api-key", b"apikey", b"cookie")
_URI_PASSWORD = re.compile(rb"(sips?:[^@:;>\s\"]{1,128}):[^@>\s\"]{0,256}@", re.IGNORECASE)
#: Stands in every URI with a password, hardly ever in a message without, and is five times as quick to look for.
_TWO_COLONS = re.compile(rb":[^@:>\s\"]{0,256}:[^@:>\s\"]{0,256}@")
_SRTP_KEY = re.compile(rb"^(a=crypto:|k=)[^\r\n]*", re.MULTILINE)
_CONTENT_TYPE = re.compile(rb"\r\n(?:content-type|c)[ \t]{0,8}:[ \t]{0,8}([^\r\n;]*)", re.IGNORECASE)


def sip_text(datagram: bytes) -> str:
    """The message as text, its line ends single LFs."""
    head, blank, body = datagram[: 2 * MAX_TEXT].partition(b"\r\n\r\n")
    lowered = head.lower()
    if any(name in lowered for name in _SECRET_NAMES):
        head = b"\r\n".join(_without_secrets(head.split(b"\r\n")))
    if _TWO_COLONS.search(head):
        head = _URI_PASSWORD.sub(rb"\1:[secret]@", head)
    text = (head + blank).decode("utf-8", "replace") + _body(head, body)
    text = text.replace("\r\n", "\n").replace("\0", "\ufffd")
    more = max(len(text), len(datagram)) - MAX_TEXT
    return text if more <= 0 else f"{text[:MAX_TEXT]}\n… {more} characters more"


def _without_secrets(lines: list[bytes]) -> Iterator[bytes]:
    hidden = False
    for number, line in enumerate(lines):
        if line.startswith((b" ", b"\t")):  # goes on with the header above
            if not hidden:
                yield line
            continue
        name, colon, _ = line.partition(b":")
        lowered = name.lower()
        hidden = number > 0 and bool(colon) and any(secret in lowered for secret in _SECRET_NAMES)
        yield name + b": [secret]" if hidden else line


def _body(head: bytes, body: bytes) -> str:
    if not body:
        return ""
    found = _CONTENT_TYPE.search(head)
    kind = found[1].strip().lower() if found else b""
    if kind == b"application/sdp":
        if b"crypto" in body or b"k=" in body:
            body = _SRTP_KEY.sub(rb"\1[secret]", body)
        return body.decode("utf-8", "replace")
    if kind == b"message/sipfrag":
        return body.decode("utf-8", "replace")
    if kind.endswith(b"json"):
        kept = kept_json(body)
        if kept is not None:
            return kept
    # A key that was pressed (application/dtmf-relay), or nobody knows what.
    return f"{NOT_KEPT[:-1]}: {len(body)} bytes]"
