"""[sans-IO] Reads headers and body of a SIP message as pjsua2 shows it, one str of the whole message."""

from collections.abc import Iterator

from sip.messages import CALL_HEADER, MEDIA_HEADER, Header

#: Headers of a BYE or a final response that the bridge is told, with all that begin with X-.
_REPORTED = ("reason", "retry-after")
_PRIVATE = (CALL_HEADER.lower(), MEDIA_HEADER.lower())


def readable(text: str) -> str:
    """The text without lone surrogates, which stand for bytes that were not UTF-8."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def headers(message: str) -> list[Header]:
    """Every header line after the first, folded ones joined (RFC 3261 section 7.3.1)."""
    return [Header(name, readable(value)) for name, value in _fields(message)]


def header(message: str, name: str) -> str:
    """The value of the first header of that name; "" when there is none."""
    wanted = name.lower()
    return next((readable(value) for each, value in _fields(message) if each.lower() == wanted), "")


def _fields(message: str) -> Iterator[tuple[str, str]]:
    """Name and value of every header."""
    head, _, _ = message.partition("\r\n\r\n")
    unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ")
    for line in unfolded.split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip(), value.strip()


def reported_headers(message: str) -> tuple[Header, ...]:
    """X-*, Reason and Retry-After."""
    return tuple(
        each
        for each in headers(message)
        if (name := each.name.lower()) in _REPORTED or (name.startswith("x-") and name not in _PRIVATE)
    )


def description(message: str) -> str:
    """The session description in the body, alone or as a part of several (RFC 2046 section 5.1); "" without one."""
    body = message.partition("\r\n\r\n")[2]
    begin = body.find("v=0\r\n")
    if begin < 0:
        return ""
    kind = (header(message, "Content-Type") or header(message, "c")).lower()
    if not kind.startswith(("application/sdp", "multipart/")):
        return ""
    return body[begin:].partition("\r\n--")[0].rstrip("\r\n") + "\r\n"
