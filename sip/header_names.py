"""[sans-IO] Names of SIP headers: one key for a name, however it is written."""

import re

#: Compact header forms as IANA registers them (RFC 3261 section 7.3.3 and later RFCs).
_COMPACT = {
    b"a": b"accept-contact",
    b"b": b"referred-by",
    b"c": b"content-type",
    b"d": b"request-disposition",
    b"e": b"content-encoding",
    b"f": b"from",
    b"i": b"call-id",
    b"j": b"reject-contact",
    b"k": b"supported",
    b"l": b"content-length",
    b"m": b"contact",
    b"n": b"identity-info",
    b"o": b"event",
    b"r": b"refer-to",
    b"s": b"subject",
    b"t": b"to",
    b"u": b"allow-events",
    b"v": b"via",
    b"x": b"session-expires",
    b"y": b"identity",
}

#: Long names that do not come out right by capitals after each dash.
_SPELLING = {b"call-id": b"Call-ID", b"cseq": b"CSeq", b"www-authenticate": b"WWW-Authenticate"}

#: Names seen so far, as written, and the key of each; it stops growing at NAMES_KEPT, and longer ones are not kept.
_keys: dict[bytes, bytes] = {}
NAMES_KEPT = 1000
LONGEST_KEPT = 100

_TOKEN = re.compile(rb"[A-Za-z0-9\-.!%*_+`'~]+")


def key_of(name: bytes) -> bytes:
    """The lower-case long form of a name as it stands before its colon; b"" when it is none."""
    known = _keys.get(name)
    if known is not None:
        return known
    bare = name.rstrip(b" \t")
    if not _TOKEN.fullmatch(bare):
        return b""
    key = _COMPACT.get(bare.lower(), bare.lower())
    if len(_keys) < NAMES_KEPT and len(name) <= LONGEST_KEPT:
        _keys[name] = key
    return key


def long_name(key: bytes) -> bytes:
    """How a name is usually written."""
    return _SPELLING.get(key) or key.title()
