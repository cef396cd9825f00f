"""Values of From, To, Via, CSeq and Route."""

import time

import pytest

from sip.address import Address, Hop, Via, parse_cseq, scheme, stamped


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (b"sip:a@b", Address(b"", b"sip:a@b", b"")),
        (b"sip:a@b;tag=1;x", Address(b"", b"sip:a@b", b"1")),
        (b"<sip:a@b;user=phone>;tag=1", Address(b"", b"sip:a@b;user=phone", b"1")),
        (b"Ann Lee <sip:a@b> ; tag=1", Address(b"Ann Lee", b"sip:a@b", b"1")),
        (b'"A, \\"B\\" <c>" <sip:a@b>', Address(b'A, "B" <c>', b"sip:a@b", b"")),
        (b'"" <tel:+12135550100>', Address(b"", b"tel:+12135550100", b"")),
        (b"\xff <sip:a@b>", Address(b"\xff", b"sip:a@b", b"")),
    ],
)
def test_an_address_has_name_uri_and_parameters(value: bytes, address: Address) -> None:
    assert Address.parse(value) == address


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b'"open <sip:a@b>',
        b"<sip:a@b",
        b"a b",
        b"<sip:a@b> junk",
        b"<sip:a@b>;x,;tag=1",
        b"<sip:a@b>;tag=",
        b"<sip:a@b>;",
        b"a, b",
        b"sip:a@b c",
    ],
)
def test_anything_else_is_no_address(value: bytes) -> None:
    assert Address.parse(value) is None


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        (b"<sip:a@b;tag=no>;x=1; TAG = yes ;y", b"yes"),
        (b"<sip:a@b;tag=no>", b""),
        (b"<sip:a@b>;notag=1;tags=2;tag-x", b""),
        (b'<sip:a@b>;x="y;tag=no"', b""),
        (b'<sip:a@b>;x="y;tag=no";tag=yes', b"yes"),
    ],
)
def test_a_tag_is_a_parameter_of_the_header_not_of_the_uri(value: bytes, tag: bytes) -> None:
    address = Address.parse(value)
    assert address is not None
    assert address.tag == tag


@pytest.mark.parametrize(
    "parameters",
    [
        b";tag",
        b";tag=",
        b";tag=1;tag=2",
        b";tag=1;tag",
        b";tag=1;%74ag",
        b";tag=1;Tag =",
        b';tag=""',
        b";tag=(",
        b";",
        b";x,;tag=1",
    ],
)
def test_a_tag_that_pjsip_might_read_otherwise_is_no_tag(parameters: bytes) -> None:
    assert Address.parse(b"<sip:a@b>" + parameters) is None
    assert Address.parse(b"sip:a@b" + parameters) is None


@pytest.mark.parametrize(
    ("uri", "user"),
    [
        (b"sip:+1213@b", b"+1213"),
        (b"SIPS:a%20b;x=1@b", b"a%20b;x=1"),
        (b"tel:+1213;phone-context=x", b"+1213"),
        (b"sip:b", b""),
        (b"mailto:a@b", b""),
    ],
)
def test_the_user_of_a_uri_keeps_its_escapes(uri: bytes, user: bytes) -> None:
    assert Address(b"", uri, b"").user == user


def test_a_via_has_host_port_and_branch() -> None:
    via = Via.parse(b"SIP / 2.0 / udp  h.example : 5070 ; x=y;BRANCH = z9hG4bK1 ;rport")
    assert via is not None
    assert (via.host, via.port, via.branch) == (b"h.example", 5070, b"z9hG4bK1")


def test_a_via_may_lack_port_and_branch() -> None:
    via = Via.parse(b"SIP/2.0/UDP 192.0.2.1")
    assert via is not None
    assert (via.port, via.branch) == (5060, b"")


@pytest.mark.parametrize(
    "value", [b"", b"SIP/3.0/UDP a", b"SIP/2.0/UDP", b"SIP/2.0/UDP a:0", b"SIP/2.0/UDP a:99999", b"SIP/2.0/UDP -"]
)
def test_anything_else_is_no_via(value: bytes) -> None:
    assert Via.parse(value) is None


@pytest.mark.parametrize(
    ("via", "noted"),
    [
        (b"SIP/2.0/UDP 192.0.2.7:5060;branch=b", b"SIP/2.0/UDP 192.0.2.7:5060;branch=b;received=192.0.2.7"),
        (b"SIP/2.0/UDP inner:5060;branch=b", b"SIP/2.0/UDP inner:5060;branch=b;received=192.0.2.7"),
        (b"SIP/2.0/UDP 192.0.2.7;rport;branch=b", b"SIP/2.0/UDP 192.0.2.7;branch=b;received=192.0.2.7;rport=6000"),
        (
            b"SIP/2.0/UDP 192.0.2.7;rport=1;received=198.51.100.1;branch=b",
            b"SIP/2.0/UDP 192.0.2.7;branch=b;received=192.0.2.7;rport=6000",
        ),
        (b"SIP/2.0/UDP 192.0.2.7;received=198.51.100.1", b"SIP/2.0/UDP 192.0.2.7;received=192.0.2.7"),
    ],
)
def test_the_source_is_noted_and_what_the_sender_claimed_is_not_believed(via: bytes, noted: bytes) -> None:
    assert stamped(via, ("192.0.2.7", 6000)) == noted


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [(b";rport", True), (b"; RPORT = 5;x", True), (b";x;rport=", True), (b";xrport", False), (b"", False)],
)
def test_a_via_may_want_the_source_port(parameters: bytes, wanted: bool) -> None:
    via = Via.parse(b"SIP/2.0/UDP h" + parameters)
    assert via is not None
    assert via.wants_source_port is wanted


@pytest.mark.parametrize(
    ("uri", "hop"),
    [
        (b"sip:192.0.2.1", Hop("192.0.2.1", 5060, False)),
        (b"sip:+1;x=?@bot.example:5092;transport=udp;lr?a=b", Hop("bot.example", 5092, True)),
        (b"SIP:192.0.2.1;LR=on", Hop("192.0.2.1", 5060, True)),
        (b"sip:192.0.2.1;xlr;lrx", Hop("192.0.2.1", 5060, False)),
        (b"sip:bot.example;transport=tcp", Hop("bot.example", 5060, False)),
    ],
)
def test_a_sip_uri_leads_somewhere(uri: bytes, hop: Hop) -> None:
    assert Hop.parse(uri) == hop


@pytest.mark.parametrize(
    "uri",
    [b"sips:a@b", b"sip:a@b;transport=TLS", b"sip:a@[2001:db8::1]", b"tel:+1", b"sip:", b"sip:a@b:0", b"sip:a b", b""],
)
def test_what_udp_over_ipv4_cannot_reach_leads_nowhere(uri: bytes) -> None:
    assert Hop.parse(uri) is None


def test_a_uri_has_a_scheme() -> None:
    assert [scheme(uri) for uri in (b"SIP:x", b"tel:1", b"a+b-c.d:x", b"<sip:x>", b"x", b"sip:")] == [
        b"sip",
        b"tel",
        b"a+b-c.d",
        b"",
        b"",
        b"",
    ]


def test_cseq_has_number_and_method() -> None:
    assert parse_cseq(b"0013 \t INVITE") == (13, b"INVITE")
    assert parse_cseq(b"2147483647 BYE") == (2**31 - 1, b"BYE")


@pytest.mark.parametrize("value", [b"", b"INVITE", b"1", b"1INVITE", b"-1 BYE", b"2147483648 BYE", b"1 B Y"])
def test_anything_else_is_no_cseq(value: bytes) -> None:
    assert parse_cseq(value) is None


@pytest.mark.parametrize("unit", [b" ", b";", b";rport ", b"; ", b'"', b"<", b"@", b";received=", b"a:", b"\\", b"1"])
def test_no_value_costs_more_than_its_length(unit: bytes) -> None:
    many = unit * (60_000 // len(unit))
    begin = time.process_time()
    for value in (many, b"SIP/2.0/UDP h" + many, b"sip:" + many, b'"' + many, b"<sip:a>;" + many):
        address = Address.parse(value)
        via = Via.parse(value)
        assert address is None or isinstance(address.tag + address.user, bytes)
        assert via is None or isinstance(via.branch, bytes)
        stamped(value, ("192.0.2.1", 1))
        Hop.parse(value)
        parse_cseq(value)
        scheme(value)
    assert time.process_time() - begin < 0.5
