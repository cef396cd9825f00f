"""What of a SIP message goes into the journal."""

import pytest

from bridge.capture.sip_text import MAX_TEXT, sip_text


def message(*lines: str, body: str = "") -> bytes:
    return "\r\n".join(("INFO sip:bridge@192.0.2.1 SIP/2.0", *lines, "", body)).encode()


def test_a_message_is_kept_as_it_was_with_plain_line_ends() -> None:
    text = sip_text(message("Call-ID: a", "Content-Type: application/sdp", body="v=0\r\ns=-\r\n"))
    assert text == "INFO sip:bridge@192.0.2.1 SIP/2.0\nCall-ID: a\nContent-Type: application/sdp\n\nv=0\ns=-\n"


@pytest.mark.parametrize(
    "line",
    [
        'Authorization: Digest username="u", response="SESAME"',
        "Proxy-Authorization: Basic SESAME",
        "authorization : SESAME",
        "X-Api-Key: SESAME",
        "X-Tenant-Token: SESAME",
        "X-Secret: SESAME",
        "Cookie: SESAME",
        'Authorization: Digest username="u",\r\n response="SESAME"',
        "Contact: <sip:user:SESAME@192.0.2.7>",
        "Contact: <SIPS:user:SESAME@192.0.2.7>",
        "Contact: sip:user:SESAME@192.0.2.7;x=a:b",
    ],
)
def test_secrets_are_not_kept(line: str) -> None:
    text = sip_text(message(line, "Max-Forwards: 70"))
    assert "SESAME" not in text
    assert "[secret]" in text and "Max-Forwards: 70" in text


@pytest.mark.parametrize(
    "kind", ["application/dtmf-relay", "application/dtmf", "text/plain", "application/octet-stream"]
)
def test_keys_that_were_pressed_and_what_nobody_can_tell_the_meaning_of_are_not_kept(kind: str) -> None:
    text = sip_text(message(f"Content-Type: {kind}", body="Signal=7\r\nDuration=160"))
    assert text.endswith("\n\n[not kept: 22 bytes]")


def test_of_a_screen_pop_only_the_labels_are_kept() -> None:
    body = '{"event": "screen_pop", "fields": {"firstname": "Jane"}, "rows": [{"key": "FIRST NAME", "value": "Jane"}]}'
    text = sip_text(message("Content-Type: application/json", body=body))
    assert "Jane" not in text
    assert '"FIRST NAME"' in text and '"firstname"' in text


def test_the_keys_of_srtp_are_not_kept() -> None:
    body = "v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:SESAME\r\nk=clear:SESAME\r\na=sendrecv\r\n"
    text = sip_text(message("c: application/sdp", body=body))
    assert "SESAME" not in text and "a=sendrecv" in text


def test_a_long_message_is_cut_and_says_so() -> None:
    text = sip_text(message("Subject: " + "x" * 20_000))
    assert len(text) < MAX_TEXT + 50 and "characters more" in text


@pytest.mark.parametrize(
    "datagram", [b"", b"\r\n\r\n", b"\xff\xfe\0", b"INVITE\r\n\r\n" + b"\xff" * 100, b"Content-Type: json"]
)
def test_whatever_is_sent_becomes_text(datagram: bytes) -> None:
    assert "\0" not in sip_text(datagram)


def test_a_hostile_message_takes_no_longer_than_it_is_long() -> None:
    for part in (b"token", b"sip:a@", b"sips:", b"Content-Type ", b"\r\n ", b"a:", b"k=\r\n"):
        assert len(sip_text(b"INVITE sip:a SIP/2.0\r\n" + part * (60_000 // len(part)))) < MAX_TEXT + 50


def test_the_folded_lines_of_other_headers_stay() -> None:
    text = sip_text(message("X-Token: SESAME\r\n SESAME", "Subject: a\r\n b"))
    assert "SESAME" not in text and "Subject: a\n b" in text
