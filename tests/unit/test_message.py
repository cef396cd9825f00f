"""Messages as lines of bytes."""

import time

import pytest

from sip.errors import InvalidMessage
from sip.message import MAX_LINES, Message


def message(*lines: str, start: str = "INVITE sip:a@b SIP/2.0", body: str = "") -> Message:
    return Message.parse("\r\n".join([start, *lines, "", body]).encode())


def test_what_nobody_changes_stays_byte_for_byte() -> None:
    datagram = (
        b"INVITE sip:a@b SIP/2.0\r\nv : SIP/2.0/UDP h\r\nSUBJECT:\t odd \xff\xfe\r\n  folded\r\n"
        b"t: <sip:a@b>\r\nl:4\r\n\r\n\xff\x00\r\n"
    )
    assert Message.parse(datagram).to_bytes() == datagram


def test_a_request_line_has_method_uri_and_version() -> None:
    parsed = message()
    assert (parsed.method, parsed.uri, parsed.version, parsed.status) == (b"INVITE", b"sip:a@b", b"SIP/2.0", 0)


def test_a_status_line_has_a_status() -> None:
    parsed = message(start="SIP/2.0 486 Busy Here")
    assert (parsed.method, parsed.status) == (b"", 486)


def test_a_status_line_may_lack_its_phrase() -> None:
    assert message(start="SIP/2.0 200").status == 200


@pytest.mark.parametrize("start", ["", "hello", "GET / HTTP/1.1", "SIP/2.0 99 Low", "SIP/2.0 700 High", "\x00\x01\x02"])
def test_without_a_sip_start_line_there_is_no_message(start: str) -> None:
    with pytest.raises(InvalidMessage):
        message(start=start)


@pytest.mark.parametrize(
    "start", ["INVITE  sip:a@b SIP/2.0", "INVITE sip:a@b; lr SIP/2.0", "INVITE sip:a@b", "BYE x y SIP/2.0"]
)
def test_an_odd_request_line_is_a_fault_that_can_be_answered(start: str) -> None:
    parsed = message(start=start)
    assert parsed.fault == "the request line is not METHOD URI SIP/2.0"
    assert parsed.method in (b"INVITE", b"BYE")


def test_line_ends_before_the_start_line_are_skipped() -> None:
    assert Message.parse(b"\r\n\r\nBYE sip:a SIP/2.0\r\nTo: x\r\n\r\n").value(b"to") == b"x"


@pytest.mark.parametrize("line", ["v: here", "V:here", "Via:here ", "VIA\t:  here", "vIa :\r\n here"])
def test_a_header_is_found_in_any_form_and_case(line: str) -> None:
    assert message(line).value(b"via") == b"here"


def test_a_folded_header_is_read_as_one_line() -> None:
    assert message("Subject: one \r\n\t two\r\n   three").value(b"subject") == b"one two three"


def test_a_fold_inside_a_quoted_string_can_be_taken_out() -> None:
    parsed = message(
        'From: "Ann\r\n  \\"Lee\\"" <sip:a@b>\r\n\t;tag=1', 'Subject: "\r\n open', body="v=0\r\n folded\r\n"
    )
    parsed.unfold_quoted()
    assert parsed.lines == [b'From: "Ann \\"Lee\\"" <sip:a@b>\r\n\t;tag=1', b'Subject: "\r\n open']
    assert parsed.body == b"v=0\r\n folded\r\n"


def test_values_on_one_line_are_separated_outside_quotes_and_brackets() -> None:
    parsed = message('Route: <sip:a;x=1,2>, "b, \\" c" <sip:b>', "Subject: no", "route: <sip:c>")
    assert parsed.values(b"route") == [b"<sip:a;x=1,2>", b'"b, \\" c" <sip:b>', b"<sip:c>"]
    assert parsed.first(b"route") == b"<sip:a;x=1,2>"


def test_a_quote_that_never_closes_takes_the_rest_of_the_line() -> None:
    assert message('Route: <sip:a>, "open, <sip:b>').values(b"route") == [b"<sip:a>", b'"open, <sip:b>']


def test_a_missing_header_has_no_value() -> None:
    parsed = message("To: x")
    assert (parsed.value(b"via"), parsed.first(b"via"), parsed.values(b"via")) == (None, None, [])
    assert parsed.pop_first(b"via") is None


def test_headers_have_long_names() -> None:
    parsed = message("i: 1", "X-Transaction-id : 2", "f: 3")
    assert parsed.headers() == [(b"Call-ID", b"1"), (b"X-Transaction-id", b"2"), (b"From", b"3")]


def test_popping_takes_one_value_of_a_line_and_then_the_line() -> None:
    parsed = message("v: one,\r\n two", "To: x")
    assert parsed.pop_first(b"via") == b"one"
    assert parsed.lines == [b"v: two", b"To: x"]
    assert parsed.pop_first(b"via") == b"two"
    assert parsed.lines == [b"To: x"]


def test_replacing_the_topmost_value_leaves_the_others() -> None:
    parsed = message("Via: one , two", "Via: three")
    parsed.replace_first(b"via", b"new")
    assert parsed.lines == [b"Via: new, two", b"Via: three"]


def test_a_pushed_value_stands_above_its_like_or_above_all() -> None:
    parsed = message("To: x", "Via: one")
    parsed.push(b"via", b"zero")
    parsed.push(b"record-route", b"<sip:r>")
    assert parsed.lines == [b"Record-Route: <sip:r>", b"To: x", b"Via: zero", b"Via: one"]


def test_an_appended_value_stands_below_its_like_or_below_all() -> None:
    parsed = message("Record-Route: <sip:a>", "Record-Route: <sip:b>", "To: x")
    parsed.append(b"record-route", b"<sip:c>")
    parsed.append(b"max-forwards", b"70")
    assert parsed.lines[2:] == [b"Record-Route: <sip:c>", b"To: x", b"Max-Forwards: 70"]


def test_a_value_is_removed_wherever_it_stands_and_other_lines_stay() -> None:
    parsed = message(
        "rr: x", "Record-Route: <sip:me;lr> , <sip:a>", "Record-route:<sip:b>", "Record-Route: <sip:me;lr>"
    )
    parsed.remove_value(b"record-route", b"<sip:me;lr>")
    assert parsed.lines == [b"rr: x", b"Record-Route: <sip:a>", b"Record-route:<sip:b>"]


def test_headers_are_removed_by_their_prefix_in_any_case() -> None:
    parsed = message("X-BRIDGE-Call : a", "x-bridge-media:\r\n b", "X-Bridges: kept")
    parsed.remove_prefixed(b"x-bridge-")
    assert parsed.lines == [b"X-Bridges: kept"]


def test_what_follows_the_body_is_cut_off() -> None:
    assert message("Content-Length: 3", body="abcdef").body == b"abc"


def test_without_content_length_the_body_is_the_rest() -> None:
    assert message("To: x", body="abcdef").body == b"abcdef"


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (("Content-Length: 7", "To: x"), "the body is shorter than Content-Length says"),
        (("l: -1",), "Content-Length is not a number"),
        (("l: 9999999",), "Content-Length is not a number"),
        (("l: 1", "Content-Length: 1"), "more than one content-length header"),
        (("i: 1", "Call-ID: 1"), "more than one call-id header"),
        (("no colon here",), "a header line without a name"),
        ((": x",), "a header line without a name"),
        (("X Y: x",), "a header line without a name"),
        ((" To: folded onto nothing",), "a header line without a name"),
        (("Subject: a\nX-Bridge-Call: b",), "a lone CR, LF or NUL in a header"),
        (("Subject: a\rX-Bridge-Call: b",), "a lone CR, LF or NUL in a header"),
        (("Subject: a\0b",), "a lone CR, LF or NUL in a header"),
        (("Subject: x",) * (MAX_LINES + 1), "too many header lines"),
    ],
)
def test_a_faulty_message_says_what_is_wrong(lines: tuple[str, ...], fault: str) -> None:
    assert message(*lines).fault == fault


def test_headers_without_an_empty_line_after_them_are_a_fault() -> None:
    assert Message.parse(b"BYE sip:a SIP/2.0\r\nTo: x\r\n").fault == "no empty line after the headers"


@pytest.mark.parametrize(
    "value",
    [
        b" " * 60_000 + b"x",
        b"," * 60_000,
        b'"' * 60_000,
        b"<" * 60_000,
        b"a\r\n " * 15_000,
        b'\\"' * 30_000,
        b"x" + b" \t" * 30_000 + b"\r\n y",
    ],
)
def test_no_header_value_costs_more_than_its_length(value: bytes) -> None:
    datagram = b"INVITE sip:a@b SIP/2.0\r\nRoute: " + value + b"\r\nTo: x\r\n\r\n"
    begin = time.process_time()
    parsed = Message.parse(datagram)
    parsed.values(b"route")
    parsed.headers()
    parsed.pop_first(b"route")
    assert time.process_time() - begin < 0.25
