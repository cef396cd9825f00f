"""Keys that come as INFO."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.calls.dtmf_info import key_of_info
from bridge.media.dtmf import KEYS

RELAY = "application/dtmf-relay"


@pytest.mark.parametrize(
    ("content_type", "body", "key"),
    [
        (RELAY, b"Signal=5\r\nDuration=160\r\n", "5"),
        (RELAY, b"Signal= #\nDuration= 250\n", "#"),
        ("Application/DTMF-Relay; charset=utf-8", b"Duration=100\r\nsignal=*", "*"),
        (RELAY, b"Signal=d", "D"),
        (RELAY, b"Signal=11\r\n", "#"),
        (RELAY, b"Signal=16\r\n", ""),  # flash is no key
        (RELAY, b"Signal=55\r\n", ""),
        (RELAY, b"Signal=\r\n", ""),
        (RELAY, b"", ""),
        (RELAY, b"Signal=5" + b"\r\nX=" * 100, ""),
        ("application/dtmf", b"9\r\n", "9"),
        ("application/dtmf", b"10", "*"),
        ("application/dtmf", b"Signal=5", ""),
        ("application/json", b"Signal=5", None),
        ("", b"5", None),
    ],
)
def test_the_key_is_read(content_type: str, body: bytes, key: str | None) -> None:
    assert key_of_info(content_type, body) == key


@given(st.sampled_from([RELAY, "application/dtmf"]), st.binary(max_size=300))
def test_whatever_comes_it_is_one_key_or_none(content_type: str, body: bytes) -> None:
    key = key_of_info(content_type, body)
    assert key == "" or (key is not None and len(key) == 1 and key in KEYS)
