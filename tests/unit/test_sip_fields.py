"""The structured values of SIP headers, as the simulator reads and writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.simulator.errors import InvalidDatagram
from bridge.simulator.sip_fields import NameAddress, SipUri, Via, parse_parameters, split_values


@pytest.mark.parametrize(
    "text",
    [
        "sip:192.0.2.1",
        "sip:bridge@192.0.2.1:5070;w=3",
        "sip:+18990000001@192.0.2.1:5070;user=phone;lr",
        "sips:a@example.org",
    ],
)
def test_a_uri_is_written_as_it_was_read(text: str) -> None:
    assert str(SipUri.parse(text)) == text


def test_a_uri_without_port_is_reached_at_5060() -> None:
    assert SipUri.parse("sip:a@192.0.2.1").address == ("192.0.2.1", 5060)
    assert SipUri.parse("sip:a@192.0.2.1:5070").address == ("192.0.2.1", 5070)


def test_the_headers_part_of_a_uri_is_left_out() -> None:
    assert str(SipUri.parse("sip:a@192.0.2.1;lr?Replaces=x")) == "sip:a@192.0.2.1;lr"


@pytest.mark.parametrize("text", ["", "sip:", "http://192.0.2.1", "sip:a@192.0.2.1:99999", "sip:a@192.0.2.1:0"])
def test_what_is_no_uri_is_refused(text: str) -> None:
    with pytest.raises(InvalidDatagram):
        SipUri.parse(text)


def test_a_display_name_may_hold_what_an_address_is_made_of() -> None:
    read = NameAddress.parse(r'"Smith, <J> \"Jo\"" <sip:a@192.0.2.1;lr>;tag=x;y')
    assert read.display_name == 'Smith, <J> "Jo"'
    assert read.uri == SipUri.parse("sip:a@192.0.2.1;lr")
    assert read.tag == "x"
    assert NameAddress.parse(str(read)) == read


def test_parameters_after_a_bare_uri_belong_to_the_header() -> None:
    read = NameAddress.parse("sip:a@192.0.2.1;tag=x")
    assert (read.tag, str(read.uri)) == ("x", "sip:a@192.0.2.1")


def test_a_tag_replaces_the_one_that_was_there() -> None:
    assert NameAddress.parse("<sip:a@192.0.2.1>;Tag=x;y=1").with_tag("z").parameters == (("y", "1"), ("tag", "z"))


def test_an_address_without_its_closing_bracket_is_refused() -> None:
    with pytest.raises(InvalidDatagram):
        NameAddress.parse("<sip:a@192.0.2.1")


def test_a_via_is_read_with_spaces_where_the_grammar_allows_them() -> None:
    via = Via.parse("SIP / 2.0 / UDP 192.0.2.1 : 5070 ;branch= z9hG4bKa ;received=192.0.2.9")
    assert (via.host, via.port, via.branch) == ("192.0.2.1", 5070, "z9hG4bKa")


@pytest.mark.parametrize("text", ["SIP/2.0/UDP 192.0.2.1:99999", "SIP/2.0/UDP", "SIP/1.0/UDP a", "SIP/2.0/UDP a b"])
def test_what_is_no_via_is_refused(text: str) -> None:
    with pytest.raises(InvalidDatagram):
        Via.parse(text)


def test_a_response_goes_to_the_via_unless_something_else_was_noted() -> None:
    assert Via.parse("SIP/2.0/UDP 192.0.2.1").return_address == ("192.0.2.1", 5060)
    assert Via.parse("SIP/2.0/UDP 192.0.2.1:5070;received=192.0.2.9").return_address == ("192.0.2.9", 5070)
    assert Via.parse("SIP/2.0/UDP a:5070;rport=6000;received=192.0.2.9").return_address == ("192.0.2.9", 6000)


def test_the_source_is_noted_only_where_it_differs_or_rport_asks() -> None:
    source = ("192.0.2.9", 6000)
    assert str(Via.parse("SIP/2.0/UDP 192.0.2.9:5070;branch=b").seen_from(source)).endswith(":5070;branch=b")
    assert Via.parse("SIP/2.0/UDP 192.0.2.1;branch=b").seen_from(source).return_address == ("192.0.2.9", 5060)
    assert Via.parse("SIP/2.0/UDP 192.0.2.9;rport;branch=b").seen_from(source).return_address == source


def test_a_source_that_the_sender_claims_is_not_believed() -> None:
    claimed = Via.parse("SIP/2.0/UDP 192.0.2.9:5070;received=192.0.2.66;rport=1;branch=b")
    assert claimed.seen_from(("192.0.2.9", 6000)).return_address == ("192.0.2.9", 6000)


def test_commas_inside_quotes_and_brackets_do_not_separate() -> None:
    assert split_values(r'"a, \", b" <sip:x,y@192.0.2.1>, sip:b , ,c') == [
        r'"a, \", b" <sip:x,y@192.0.2.1>',
        "sip:b",
        "c",
    ]


def test_parameters_begin_with_a_semicolon() -> None:
    assert parse_parameters(' ;a=1; b ;c="x;y"') == (("a", "1"), ("b", None), ("c", '"x;y"'))
    with pytest.raises(InvalidDatagram):
        parse_parameters("a=1")


@given(st.text())
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    for reader in (SipUri.parse, NameAddress.parse, Via.parse):
        try:
            written = str(reader(text))
        except InvalidDatagram:
            continue
        assert written
