"""[sans-IO] TwiML as orders for a call: hang up, hand over to a human, press keys."""

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from bridge.errors import InvalidTwiml

#: What Twilio itself takes in the parameter Twiml (https://www.twilio.com/docs/voice/api/call-resource).
MAX_CHARACTERS = 4_000

# Numbers of https://www.twilio.com/docs/api/errors
_TOO_LONG = 20422
_NOT_XML = 12100
_NOT_TWIML = 12102
_NO_SUCH_VERB = 13750
_NO_SUCH_NUMBER = 13224
_NOT_KEYS = 13430

#: Verbs the bridge has no word for, and that a call can do without.
_IGNORED = frozenset({"Say", "Play", "Pause", "Redirect", "Stop"})
_SUPPORTED = "send Dial, Refer, Hangup or Play with digits"
_NOUNS = ("Number", "Sip", "Client")
_KEYS = re.compile(r"[0-9A-D*#W]{1,64}", re.IGNORECASE)
_FORMATTED_NUMBER = re.compile(r"\+?[0-9][0-9 ().-]*")


@dataclass(frozen=True)
class TwimlOrders:
    """What a document wants of the call, in this order: keys, then the end or a human."""

    digits: str = ""
    """Keys for the customer's side."""
    hang_up: bool = False
    targets: tuple[str, ...] = ()
    """Names of a human: the first that is a target of the settings gets the customer."""
    ignored: tuple[str, ...] = ()
    """Verbs that are not carried out."""


class _NoDoctype(TreeBuilder):
    """Builds elements, and refuses a document type: entities could grow without end."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        """There is a <!DOCTYPE>."""
        raise InvalidTwiml(_NOT_XML, "a document type is not allowed")


def read_twiml(text: str) -> TwimlOrders:
    """The orders in a <Response>, up to the verb that ends the bot's part; raises InvalidTwiml when there are none."""
    digits = ""
    ignored: list[str] = []
    for verb in _response(text):
        match verb.tag:
            case "Hangup":
                return TwimlOrders(digits, hang_up=True, ignored=tuple(ignored))
            case "Dial" | "Refer":
                return TwimlOrders(digits, targets=_targets(verb), ignored=tuple(ignored))
            case "Play" if "digits" in verb.attrib:
                digits += _keys(verb.attrib["digits"])
            case tag if tag in _IGNORED:
                ignored.append(tag)
            case tag:
                raise InvalidTwiml(_NO_SUCH_VERB, f"<{tag[:40]}> is not supported: {_SUPPORTED}")
    if not digits:
        raise InvalidTwiml(_NO_SUCH_VERB, f"nothing in it can be done: {_SUPPORTED}")
    return TwimlOrders(digits, ignored=tuple(ignored))


def _response(text: str) -> Element:
    if len(text) > MAX_CHARACTERS:
        raise InvalidTwiml(_TOO_LONG, f"it has {len(text)} characters, more than {MAX_CHARACTERS}")
    parser = XMLParser(target=_NoDoctype())
    try:
        parser.feed(text.strip())
        root = parser.close()
    except (ParseError, ValueError) as exc:
        raise InvalidTwiml(_NOT_XML, f"it is not XML: {exc}") from exc
    if root.tag != "Response":
        raise InvalidTwiml(_NOT_TWIML, "the root element must be Response")
    return root


def _keys(text: str) -> str:
    """Keys; a "w" is half a second's pause at Twilio, and none here."""
    if not _KEYS.fullmatch(text):
        raise InvalidTwiml(_NOT_KEYS, "the digits of Play must be 0-9, A-D, *, # or w, 64 at most")
    return text.upper().replace("W", "")


def _targets(verb: Element) -> tuple[str, ...]:
    """Whom <Dial> and <Refer> name, in their own text or in their nouns; a formatted number also as plain digits."""
    named = [noun for noun in verb if noun.tag in _NOUNS]
    said = [" ".join("".join(noun.itertext()).split()) for noun in named or [verb]]
    names = [name for text in said if text for name in (text, _plain_number(text)) if name]
    if not names:
        raise InvalidTwiml(_NO_SUCH_NUMBER, f"<{verb.tag}> names nobody: give it a number, or {', '.join(_NOUNS)}")
    return tuple(dict.fromkeys(names))


def _plain_number(text: str) -> str:
    return re.sub(r"[^+0-9]", "", text) if _FORMATTED_NUMBER.fullmatch(text) else ""
