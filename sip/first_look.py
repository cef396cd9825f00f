"""[sans-IO] What can be told of a datagram before it is read: a flood is not worth reading."""

import re

#: Requests that are never new, whatever their To says.
_OF_ANOTHER = (b"ACK ", b"CANCEL ")
_TO = re.compile(rb"\r\n(?:to|t)[ \t]*:([^\r]*(?:\r\n[ \t][^\r]*)*)\r\n", re.IGNORECASE)
_VIA = re.compile(rb"\r\n(?:via|v)[ \t]*:([^\r]*(?:\r\n[ \t][^\r]*)*)\r\n", re.IGNORECASE)
_TAG = re.compile(rb";[ \t\r\n]*tag", re.IGNORECASE)


def begins_something(datagram: bytes) -> bool:
    """It is a request outside any dialog, new or repeated; False also when only reading it would tell."""
    if datagram.lstrip(b"\r\n").startswith(_OF_ANOTHER) or is_response(datagram):
        return False
    to = _TO.search(datagram)
    return to is not None and not _TAG.search(to[1])


def is_of(response: bytes, host: bytes) -> bool:
    """The topmost Via of a response may be this host's; False: it answers no request of its."""
    via = _VIA.search(response)
    return via is not None and host in via[1]


def is_response(datagram: bytes) -> bool:
    """It begins as a response does."""
    return datagram.lstrip(b"\r\n")[:8].upper() == b"SIP/2.0 "
