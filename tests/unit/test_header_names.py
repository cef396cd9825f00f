"""Names of SIP headers."""

import pytest

from sip import header_names
from sip.header_names import key_of, long_name


@pytest.mark.parametrize("name", [b"Via", b"via", b"VIA", b"v", b"V", b"Via ", b"vIa\t "])
def test_a_name_has_one_key_however_it_is_written(name: bytes) -> None:
    assert key_of(name) == b"via"


@pytest.mark.parametrize(
    ("compact", "key"),
    [(b"f", b"from"), (b"i", b"call-id"), (b"l", b"content-length"), (b"r", b"refer-to"), (b"z", b"z")],
)
def test_compact_forms_are_known(compact: bytes, key: bytes) -> None:
    assert key_of(compact) == key


@pytest.mark.parametrize("name", [b"", b" ", b" Via", b"X Y", b"Via:", b"X\xff", b"X-Bridge-Call\0"])
def test_what_is_no_token_is_no_name(name: bytes) -> None:
    assert key_of(name) == b""


def test_a_key_is_written_as_usual() -> None:
    assert [long_name(key) for key in (b"via", b"call-id", b"cseq", b"max-forwards", b"x-bridge-call")] == [
        b"Via",
        b"Call-ID",
        b"CSeq",
        b"Max-Forwards",
        b"X-Bridge-Call",
    ]


def test_names_seen_do_not_grow_memory_without_end() -> None:
    for number in range(3 * header_names.NAMES_KEPT):
        assert key_of(b"X-Name-%d" % number) == b"x-name-%d" % number
    assert key_of(b"X" * 60_000) == b"x" * 60_000
    assert len(header_names._keys) <= header_names.NAMES_KEPT
    assert max(map(len, header_names._keys)) <= header_names.LONGEST_KEPT
    assert key_of(b"Via") == b"via"
