"""How an engine knows that a request is from the bridge."""

from bridge.engines.signing import signature, signed_headers

BODY = b'{"event":"answered"}'
#: printf '1700000000.{"event":"answered"}' | openssl dgst -sha256 -hmac 'top secret'
SIGNED = "sha256=5002d5211df9a087fe25b1638cec94676e20f134b2fa031e24019d9cd5ade792"


def test_the_signature_is_what_openssl_makes_of_time_and_body() -> None:
    assert signature("top secret", 1_700_000_000, BODY) == SIGNED


def test_another_time_body_or_secret_is_another_signature() -> None:
    others = {
        signature("top secret", 1_700_000_001, BODY),
        signature("top secret", 1_700_000_000, BODY + b" "),
        signature("top secreT", 1_700_000_000, BODY),
    }
    assert len(others) == 3
    assert SIGNED not in others


def test_the_headers_carry_time_and_signature() -> None:
    assert signed_headers("top secret", 1_700_000_000, BODY) == {
        "Content-Type": "application/json",
        "X-Bridge-Timestamp": "1700000000",
        "X-Bridge-Signature": SIGNED,
    }


def test_without_a_secret_nothing_is_signed() -> None:
    assert "X-Bridge-Signature" not in signed_headers("", 1_700_000_000, BODY)
