"""The 899 request URI: every way to write it, and every reason to refuse it."""

import dataclasses

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sip.errors import InvalidRequestURI
from sip.request_uri import RequestURI, agent_number

HOST = "192.0.2.10"


def refusal(text: str) -> str:
    with pytest.raises(InvalidRequestURI) as raised:
        RequestURI.parse(text)
    assert raised.value.text == text
    return raised.value.reason


def test_the_guides_own_request_uri() -> None:
    assert RequestURI.parse("sip:+18990000001@192.0.2.10:5070") == RequestURI("sip", "8990000001", HOST, 5070)


@pytest.mark.parametrize("user", ["+18990000001", "18990000001", "8990000001", "%2B18990000001", "%38990000001"])
def test_a_number_with_or_without_plus_and_country_escaped_or_not(user: str) -> None:
    assert RequestURI.parse(f"sip:{user}@{HOST}") == RequestURI("sip", "8990000001", HOST)


@pytest.mark.parametrize("scheme", ["sip", "SIP", "sips", "SipS"])
def test_sip_and_sips_in_any_case(scheme: str) -> None:
    assert RequestURI.parse(f"{scheme}:+18990000001@{HOST}") == RequestURI(scheme.lower(), "8990000001", HOST)


@pytest.mark.parametrize(
    ("location", "host", "port"),
    [
        ("192.0.2.10", "192.0.2.10", None),
        ("192.0.2.10:5070", "192.0.2.10", 5070),
        ("bridge", "bridge", None),
        ("Bridge-1.Example.COM:65535", "bridge-1.example.com", 65535),
        ("example.com.", "example.com.", None),
        ("1st.example.com", "1st.example.com", None),
    ],
)
def test_a_host_is_an_ipv4_address_or_a_name_with_or_without_a_port(location: str, host: str, port: int | None) -> None:
    uri = RequestURI.parse(f"sip:+18990000001@{location}")
    assert (uri.host, uri.port) == (host, port)


def test_parameters_of_the_uri_and_of_the_user_are_kept_apart() -> None:
    uri = RequestURI.parse("sip:+18990000001;phone-context=+1;Agent=7@192.0.2.10:5070;user=phone;LR;x=a%20b")
    assert uri.user_parameters == (("phone-context", "+1"), ("agent", "7"))
    assert uri.parameters == (("user", "phone"), ("lr", None), ("x", "a b"))


@pytest.mark.parametrize(
    "text",
    ["tel:+18990000001", "tel:+1-899-000-0001", "TEL:+1.899.000.0001", "tel:1(899)000-0001", "tel:8990000001"],
)
def test_a_tel_uri_with_or_without_visual_separators(text: str) -> None:
    assert RequestURI.parse(text) == RequestURI("tel", "8990000001")


def test_a_tel_uris_parameters() -> None:
    uri = RequestURI.parse("tel:8990000001;phone-context=+1;ext=5")
    assert uri == RequestURI("tel", "8990000001", parameters=(("phone-context", "+1"), ("ext", "5")))


def test_visual_separators_in_a_sip_uri_count_only_with_user_phone() -> None:
    assert RequestURI.parse("sip:+1-899-000-0001@h;user=phone").number == "8990000001"
    assert refusal("sip:+1-899-000-0001@h") == "the user part is no number"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("sip:8990000001@192.0.2.10", "sip:+18990000001@192.0.2.10"),
        ("SIPS:%2b18990000001;a=1@H:5061;b", "sips:+18990000001;a=1@h:5061;b"),
        ("tel:1-899-000-0001;X=a%3Bb", "tel:+18990000001;x=a%3Bb"),
    ],
)
def test_a_uri_is_written_in_one_way_however_it_came(text: str, canonical: str) -> None:
    assert str(RequestURI.parse(text)) == canonical


def test_it_cannot_be_changed() -> None:
    uri = RequestURI("sip", "8990000001", HOST)
    with pytest.raises(dataclasses.FrozenInstanceError):
        uri.number = "8990000002"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a sip:, sips: or tel: URI"),
        ("+18990000001", "not a sip:, sips: or tel: URI"),
        ("http://192.0.2.10/", "not a sip:, sips: or tel: URI"),
        ("<sip:+18990000001@h>", "not a sip:, sips: or tel: URI"),
        ("sip:+18990000001@h\n", "not a sip:, sips: or tel: URI"),
        ("sip:" + "9" * 1100 + "@h", "longer than 1024 characters"),
        ("sip:+18990000001@h?Subject=x", "a request URI may not carry headers"),
        ("sip:192.0.2.10", "no user part"),
        ("sip:@192.0.2.10", "no user part"),
        ("sip:", "no user part"),
        ("sip:+18990000001:secret@h", "a password in the user part"),
        ("sip:+18990000001@h@h", "the user part is no number"),
        ("sip:alice@h", "the user part is no number"),
        ("sip:+1899000000l@h", "the user part is no number"),
        ("sip:٨٩٩٠٠٠٠٠٠١@h", "the user part is no number"),
        ("sip:+18990000001%20@h", "the user part is no number"),
        ("tel:", "the user part is no number"),
        ("tel:+1-899-000-0001@h", "the user part is no number"),
        ("sip:+1899000001@h", "wrong length for a number"),
        ("sip:+189900000011@h", "wrong length for a number"),
        ("sip:+8990000001@h", "a number of another country"),
        ("sip:+12134634007@h", "not an 899 number"),
        ("sip:8000000001@h", "not an 899 number"),
        ("sip:8990000001;phone-context=+44@h", "a number of another country"),
        ("sip:%2G18990000001@h", "a bad escape: % must be followed by two hexadecimal digits"),
        ("sip:+18990000001%@h", "a bad escape: % must be followed by two hexadecimal digits"),
        ("sip:+18990000001@h;a=%4", "a bad escape: % must be followed by two hexadecimal digits"),
        ("sip:+18990000001@[2001:db8::1]", "an IPv6 host"),
        ("sip:+18990000001@h:", "the host or port is not valid"),
        ("sip:+18990000001@h:sip", "the host or port is not valid"),
        ("sip:+18990000001@h:123456", "the host or port is not valid"),
        ("sip:+18990000001@h:0", "the port is not between 1 and 65535"),
        ("sip:+18990000001@h:65536", "the port is not between 1 and 65535"),
        ("sip:+18990000001@", "the host is neither an IPv4 address nor a host name"),
        ("sip:+18990000001@256.0.0.1", "the host is neither an IPv4 address nor a host name"),
        ("sip:+18990000001@1.2.3", "the host is neither an IPv4 address nor a host name"),
        ("sip:+18990000001@-bridge", "the host is neither an IPv4 address nor a host name"),
        ("sip:+18990000001@bri_dge", "the host is neither an IPv4 address nor a host name"),
        ("sip:+18990000001@h#x", "the host is neither an IPv4 address nor a host name"),
        ("sip:+18990000001@" + "a." * 150 + "b", "the host is neither an IPv4 address nor a host name"),
        ("sip:+18990000001@h;", "a parameter's name is not valid"),
        ("sip:+18990000001@h;a b=c", "a parameter's name is not valid"),
        ("sip:+18990000001;@h", "a parameter's name is not valid"),
        ("sip:+18990000001@h;a=", "a parameter's value is not valid"),
        ("sip:+18990000001@h;a=b c", "a parameter's value is not valid"),
        ("sip:+18990000001@h;a=1;A=2", "a parameter is given twice"),
    ],
)
def test_anything_else_is_not_ours_and_the_reason_is_given(text: str, reason: str) -> None:
    assert refusal(text) == reason


def test_the_refusal_is_a_sentence_that_shows_how_it_is_done_and_not_what_came() -> None:
    with pytest.raises(InvalidRequestURI) as raised:
        RequestURI.parse("sip:+12134634007@h")
    expected = "request URI not ours: not an 899 number; an agent is named as sip:+18990000001@host"
    assert str(raised.value) == expected


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("8990000001", "8990000001"),
        ("18990000001", "8990000001"),
        ("+18990000001", "8990000001"),
        ("+8990000001x", None),
        ("2134634007", None),
        ("", None),
    ],
)
def test_a_bare_number_as_people_write_it(text: str, number: str | None) -> None:
    assert agent_number(text) == number


names = st.from_regex(r"[a-z0-9\-_.!~*'+]{1,12}", fullmatch=True)
# A parameter's value is bytes once it is unescaped: any character up to 255.
values = st.none() | st.text(st.characters(max_codepoint=255), min_size=1, max_size=12)
# "user" and "phone-context" change what the number may be: they have their own tests.
parameter_lists = st.lists(
    st.tuples(names.filter(lambda name: name not in ("user", "phone-context")), values),
    max_size=4,
    unique_by=lambda parameter: parameter[0],
).map(tuple)
labels = st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
hosts = st.ip_addresses(v=4).map(str) | st.lists(labels, min_size=1, max_size=4).map(".".join)
numbers = st.integers(0, 9_999_999).map(lambda number: f"899{number:07}")
sip_uris = st.builds(
    RequestURI,
    st.sampled_from(["sip", "sips"]),
    numbers,
    hosts,
    st.none() | st.integers(1, 65535),
    parameter_lists,
    parameter_lists,
)
tel_uris = st.builds(RequestURI, st.just("tel"), numbers, parameters=parameter_lists)


@given(sip_uris | tel_uris)
def test_what_is_written_reads_back_as_the_same(uri: RequestURI) -> None:
    assert RequestURI.parse(str(uri)) == uri


@given(st.text() | st.text("sip:tel+1890%@;=.?<>[]-ABab\n", max_size=60).map(lambda text: "sip:+18990000001" + text))
@example("sip:\ud800@h")
def test_no_text_raises_anything_but_the_named_error(text: str) -> None:
    try:
        uri = RequestURI.parse(text)
    except InvalidRequestURI as refused:
        assert refused.reason
    else:
        assert RequestURI.parse(str(uri)) == uri
