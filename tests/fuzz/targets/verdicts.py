"""What a bot says of its call: in headers, in JSON, as a function, over HTTP, as TwiML, and keys that come as INFO."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote_plus

from bridge.admin.bodies import read_digits, read_nothing, read_verdict
from bridge.admin.twilio_resource import read_update
from bridge.admin.twiml import TwimlOrders, read_twiml
from bridge.calls.dtmf_info import key_of_info
from bridge.dialects.verdict_functions import verdict_of_function
from bridge.errors import ApiRefused, InvalidTwiml, InvalidVerdict
from bridge.verdicts import verdict_of_headers, verdict_of_json
from sip.messages import Header
from tests.fuzz.choices import Choices
from tests.fuzz.engine_stage import TERMS
from tests.fuzz.json_values import RAW, text_of
from tests.fuzz.target import Target
from tests.fuzz.verdict_rules import check_verdict

_KEYS = frozenset("0123456789*#ABCD")
_LONGEST_REFUSAL = 1_000

EXAMPLES: tuple[Any, ...] = (
    {"action": "complete", "outcome": "paid", "notes": "Paid.\r\nAll of it.", "payment_amount": "12.50"},
    {"action": "transfer", "target": "collections", "outcome": "refused", "notes": "x", "payment_amount": 5},
    {"outcome": "paid", "notes": "Paid.", "payment_amount": 12.5},
    {"target": "billing", "notes": "Wants a person."},
    {"digits": "12#aB"},
    {},
)
_TWIML = (
    b"<Response><Say>Bye</Say><Hangup/></Response>",
    b"<?xml version='1.0' encoding='UTF-8'?><Response><Dial><Number>+1 (415) 839-5494</Number></Dial></Response>",
    b"<Response><Play digits='1w2#'/><Dial timeout='5'>sales<!-- x --></Dial></Response>",
    b"<Response><Refer><Sip>sip:sales@pbx</Sip><![CDATA[&]]></Refer></Response>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]><Response>&b;</Response>",
)


def _json(body: bytes) -> None:
    try:
        check_verdict(verdict_of_json(body))
    except InvalidVerdict as exc:
        _check_refusal(exc.detail)


def _function(body: bytes) -> None:
    for name in ("end_call", "transfer_call", "other"):
        try:
            verdict = verdict_of_function(name, body.decode("utf-8", "replace"), TERMS)
        except InvalidVerdict as exc:
            _check_refusal(exc.detail)
            continue
        check_verdict(verdict)
        assert verdict.outcome in ("", *TERMS.outcomes)


def _headers(body: bytes) -> None:
    """Name, colon, value, a line each."""
    lines = body.decode("utf-8", "replace").split("\n")
    headers = [Header(name, value) for name, _, value in (line.partition(":") for line in lines)]
    verdict = verdict_of_headers(headers)
    if verdict is not None:
        check_verdict(verdict)


def _bodies(body: bytes) -> None:
    readers: tuple[Callable[[], None], ...] = (
        lambda: check_verdict(read_verdict("complete", body)),
        lambda: check_verdict(read_verdict("transfer", body)),
        lambda: _check_keys(read_digits(body)),
        lambda: read_nothing(body),
    )
    for read in readers:
        try:
            read()
        except ApiRefused as exc:
            assert exc.status == 400
            _check_refusal(exc.message)


def _twiml(body: bytes) -> None:
    try:
        _check_orders(read_twiml(body.decode("utf-8", "replace")))
    except InvalidTwiml as exc:
        _check_refusal(exc.detail)
    for form in (body, b"Twiml=" + quote_plus(body).encode()):
        try:
            _check_orders(read_update("application/x-www-form-urlencoded", form))
        except ApiRefused as exc:
            assert exc.status == 400
            _check_refusal(exc.message)


def _info(body: bytes) -> None:
    for kind in ("application/dtmf-relay; x=y", "application/DTMF", body[:40].decode("utf-8", "replace")):
        key = key_of_info(kind, body)
        assert not key or key in _KEYS


_READERS = (_json, _function, _headers, _bodies, _twiml, _info)


def _check_orders(orders: TwimlOrders) -> None:
    _check_keys(orders.digits)
    assert orders.digits or orders.hang_up or orders.targets or orders.ignored
    assert all(orders.targets) and not (orders.hang_up and orders.targets)


def _check_keys(digits: str) -> None:
    assert set(digits) <= _KEYS


def _check_refusal(said: str) -> None:
    """It is logged, or told to the bot."""
    said.encode()
    assert len(said) < _LONGEST_REFUSAL


def run(data: bytes) -> None:
    """One body, read by one of the readers."""
    choices = Choices(data)
    read, which = choices.one_of(_READERS), choices.below(256)
    if which < RAW:
        read(text_of(EXAMPLES[which % len(EXAMPLES)], choices).encode("utf-8", "surrogatepass"))
    else:
        read(choices.piece(len(data)))


def seeds() -> Iterable[bytes]:
    """Each example as it is, and raw bytes for each reader."""
    for number, example in enumerate(EXAMPLES):
        for reader in (0, 1, 3):
            yield bytes([reader, number, 0])
            yield bytes([reader, RAW]) + json.dumps(example).encode()
    raw = bytes([RAW])
    yield b"\x02" + raw + b"X-Outcome: paid\nX-Notes: all of it\nX-Payment-Amount: 12.50"
    yield from (b"\x04" + raw + twiml for twiml in _TWIML)
    yield from (b"\x04" + raw + form for form in (b"Status=completed", b"Url=http://x", b"a=1&b=2"))
    yield from (b"\x05" + raw + body for body in (b"Signal=5\r\nDuration=160\r\n", b" Signal: 11 ", b"#", b"12"))


WORDS = (
    *(b"<Response>", b"</Response>", b"<Dial>", b"</Dial>", b"<Number>", b"<Hangup/>", b"<Play digits='1'/>", b"<a>"),
    *(b"<!DOCTYPE", b"<!ENTITY", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml", b"encoding='", b"&lt;", b"&#xD800;"),
    *(b"&#0;", b"xmlns='a'", b"a:b", b'"action"', b'"transfer"', b'"target"', b'"notes"', b"Infinity", b"\\ud800"),
    *(
        b"\xed\xa0\x80",
        b"\xff\xfe",
        b"\xfe\xff",
        b"Twiml=",
        b"Status=",
        b"%00",
        b"&",
        b"Signal=",
        b"X-Outcome:",
        b"\r\n",
    ),
)

TARGET = Target(run, seeds, WORDS)
