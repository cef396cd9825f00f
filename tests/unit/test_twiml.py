import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.admin.twiml import MAX_CHARACTERS, TwimlOrders, read_twiml
from bridge.errors import InvalidTwiml


def refusal(text: str) -> InvalidTwiml:
    with pytest.raises(InvalidTwiml) as caught:
        read_twiml(text)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "<Response><Hangup/></Response>",
        '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>',
        '\n <?xml version="1.0" encoding="UTF-16"?>\n<Response>\n  <!-- bye -->\n  <Hangup></Hangup>\n</Response>\n',
    ],
)
def test_hangup_ends_the_call(text: str) -> None:
    assert read_twiml(text) == TwimlOrders(hang_up=True)


@pytest.mark.parametrize(
    ("verb", "targets"),
    [
        ("<Dial>collections</Dial>", ("collections",)),
        ("<Dial>+15551230000</Dial>", ("+15551230000",)),
        ("<Dial> +1 (555) 123-0000\n</Dial>", ("+1 (555) 123-0000", "+15551230000")),
        ('<Dial callerId="+1222" timeout="10"><Number>+15551230000</Number></Dial>', ("+15551230000",)),
        (
            "<Dial><Sip>sip:collections@example.com;transport=tls</Sip></Dial>",
            ("sip:collections@example.com;transport=tls",),
        ),
        ("<Dial><Client>desk</Client></Dial>", ("desk",)),
        ("<Dial><Client><Identity>desk</Identity><Parameter name='a' value='b'/></Client></Dial>", ("desk",)),
        ("<Dial><Number>1</Number><Client>desk</Client></Dial>", ("1", "desk")),
        ("<Refer><Sip>sip:collections@example.com</Sip></Refer>", ("sip:collections@example.com",)),
        ("<Dial>A &amp; B &lt;x&gt;</Dial>", ("A & B <x>",)),
    ],
)
def test_dial_and_refer_name_a_human(verb: str, targets: tuple[str, ...]) -> None:
    assert read_twiml(f"<Response>{verb}</Response>") == TwimlOrders(targets=targets)


def test_what_comes_before_and_has_no_word_here_is_left_out_by_name() -> None:
    text = "<Response><Say>One moment.</Say><Pause length='1'/><Play>http://x/y.mp3</Play><Dial>desk</Dial></Response>"
    assert read_twiml(text) == TwimlOrders(targets=("desk",), ignored=("Say", "Pause", "Play"))


def test_what_comes_after_the_end_of_the_bots_part_is_not_looked_at() -> None:
    assert read_twiml("<Response><Dial>desk</Dial><Gather/></Response>") == TwimlOrders(targets=("desk",))


def test_play_with_digits_presses_keys() -> None:
    assert read_twiml('<Response><Play digits="ww12w#*d"/></Response>') == TwimlOrders(digits="12#*D")


def test_keys_are_pressed_before_the_hand_over_and_the_bot_may_go_on_after_them() -> None:
    text = '<Response><Play digits="1"/><Play digits="2"/><Redirect>/next</Redirect></Response>'
    assert read_twiml(text) == TwimlOrders(digits="12", ignored=("Redirect",))
    assert read_twiml('<Response><Play digits="1"/><Dial>desk</Dial></Response>') == TwimlOrders("1", targets=("desk",))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 12100),
        ("hang up", 12100),
        ("<Response>", 12100),
        ("<Response><Dial>1</Response></Dial>", 12100),
        ("<Response><Hangup/></Response>\0", 12100),
        ("<Response>\ud800</Response>", 12100),
        ("<Response>&unknown;</Response>", 12100),
        ("<response><Hangup/></response>", 12102),
        ('<Response xmlns="urn:x"><Hangup/></Response>', 12102),
        ("<Hangup/>", 12102),
        ("<Response/>", 13750),
        ("<Response><Say>Goodbye</Say></Response>", 13750),
        ('<Response><Play digits="w"/></Response>', 13750),
        ("<Response><Connect><Stream url='wss://x'/></Connect><Dial>desk</Dial></Response>", 13750),
        ("<Response><hangup/></Response>", 13750),
        ('<Response><Play digits=""/></Response>', 13430),
        ('<Response><Play digits="1;2"/></Response>', 13430),
        (f'<Response><Play digits="{"1" * 65}"/></Response>', 13430),
        ("<Response><Dial/></Response>", 13224),
        ("<Response><Dial>  </Dial></Response>", 13224),
        ("<Response><Dial><Number/></Dial></Response>", 13224),
        ("<Response><Refer/></Response>", 13224),
        (f"<Response>{' ' * MAX_CHARACTERS}<Hangup/></Response>", 20422),
    ],
)
def test_what_cannot_be_done_is_refused_with_twilios_number(text: str, code: int) -> None:
    assert refusal(text).code == code


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE Response><Response><Hangup/></Response>",
        '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Response><Dial>&b;</Dial></Response>',
        '<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><Response><Dial>&f;</Dial></Response>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd"><Response><Hangup/></Response>',
    ],
)
def test_a_document_type_is_refused_before_an_entity_is_looked_at(text: str) -> None:
    refused = refusal(text)
    assert (refused.code, refused.detail) == (12100, "a document type is not allowed")


def test_depth_is_no_trouble() -> None:
    assert refusal("<a>" * 1_300).code == 12100
    assert refusal("<Response>" + "<a>" * 500 + "</a>" * 500 + "</Response>").code == 13750


@given(st.text() | st.text(st.sampled_from('<>/"= &;DialResponseHangupPlaydigits![]1')))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        read_twiml(text)
        read_twiml(f"<Response>{text}</Response>")
    except InvalidTwiml:
        pass
