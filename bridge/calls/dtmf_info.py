"""[sans-IO] Keys that come as INFO: application/dtmf-relay, as Cisco began it, and application/dtmf."""

import re

#: More than this is no key that somebody pressed.
MAX_BODY = 200

_SIGNAL = re.compile(rb"^[ \t]*Signal[ \t]*[=:][ \t]*([0-9A-Da-d*#]|1[0-5])[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_KEY = re.compile(rb"[0-9A-Da-d*#]|1[0-5]")
#: Some write the code of the event (RFC 4733 section 3.2) instead of the key.
_BY_CODE = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D"}


def key_of_info(content_type: str, body: bytes) -> str | None:
    """The key an INFO says was pressed: one of 0-9 * # A-D; "" for one that cannot be read; None: it is no DTMF."""
    kind = content_type.split(";")[0].strip().lower()
    if kind not in ("application/dtmf-relay", "application/dtmf"):
        return None
    if len(body) > MAX_BODY:
        return ""
    if kind == "application/dtmf-relay":
        found = _SIGNAL.search(body)
        said = found[1] if found else b""
    else:
        bare = body.strip()
        said = bare if _KEY.fullmatch(bare) else b""
    key = said.decode("ascii").upper()
    return _BY_CODE.get(key, key)
