"""[sans-IO] The request URI of LiveVox's INVITE: which virtual agent it is for."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address

from sip.errors import InvalidRequestURI

#: A URI parameter: name in lower case, value unescaped; None where it has none (";lr").
Parameter = tuple[str, str | None]

MAX_LENGTH = 1024
#: URIs that are not read again: LiveVox says those of the same agents all day.
_REMEMBERED = 1024
AGENT_PREFIX = "899"
COUNTRY = "+1"

# ASCII, because without case the Kelvin sign is a "k" and the long s an "s".
_URI = re.compile(r"(?P<scheme>sips?|tel):(?P<rest>.*)", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"(?:\+?1)?(?P<number>[0-9]{10})")
_ANY_NUMBER = re.compile(r"\+?[0-9]+")
_HOST_PORT = re.compile(r"(?P<host>[^:\[\]]*)(?::(?P<port>[0-9]{1,5}))?")
# RFC 3261 section 25.1: hostname, with a label and no IPv4-like top label.
_HOST_NAME = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?\.?", re.IGNORECASE | re.ASCII
)
_IPV4_LIKE = re.compile(r"[0-9.]+")
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_PARAMETER_NAME = re.compile(r"[A-Za-z0-9\-_.!~*'+]+")
_PARAMETER_VALUE = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()\[\]/:&+$]|%[0-9a-fA-F]{2})+")
# Written escaped: what no parameter may hold, and ":", which would begin a password in the user part.
_WRITTEN_ESCAPED = re.compile(r"[^A-Za-z0-9\-_.!~*'()/&+$]")
_VISUAL_SEPARATORS = re.compile(r"[-.()]")


@dataclass(frozen=True)
class RequestURI:
    """A sip:, sips: or tel: URI that names a virtual agent by its 899 number.

    `str()` is the inverse of `parse()`. It writes the number as +1 and ten digits, however it was written before.
    """

    scheme: str
    """"sip", "sips" or "tel"."""
    number: str
    """Ten digits: 8990000001."""
    host: str = ""
    """IPv4 address or host name in lower case; "" in a tel: URI."""
    port: int | None = None
    user_parameters: tuple[Parameter, ...] = ()
    """Those before the @ of a sip: URI (RFC 3261 section 19.1.1, telephone-subscriber)."""
    parameters: tuple[Parameter, ...] = ()
    """Those after the host; in a tel: URI all of them."""

    @classmethod
    def parse(cls, text: str) -> "RequestURI":
        """Read a request URI (RFC 3261 section 19.1, RFC 3966); raises InvalidRequestURI, with the reason."""
        try:
            return _parse(text)
        except ValueError as reason:
            raise InvalidRequestURI(text, str(reason)) from None

    def __str__(self) -> str:
        if self.scheme == "tel":
            return f"tel:{COUNTRY}{self.number}{_format_parameters(self.parameters)}"
        port = "" if self.port is None else f":{self.port}"
        user = f"{COUNTRY}{self.number}{_format_parameters(self.user_parameters)}"
        return f"{self.scheme}:{user}@{self.host}{port}{_format_parameters(self.parameters)}"


def agent_number(text: str) -> str | None:
    """The ten digits of an 899 number written as 8990000001, 18990000001 or +18990000001; None for anything else."""
    matched = _NUMBER.fullmatch(text)
    if matched is None or not matched["number"].startswith(AGENT_PREFIX):
        return None
    return matched["number"]


@lru_cache(_REMEMBERED)
def _parse(text: str) -> RequestURI:
    if len(text) > MAX_LENGTH:
        raise ValueError(f"longer than {MAX_LENGTH} characters")
    matched = _URI.fullmatch(text)
    if matched is None:
        raise ValueError("not a sip:, sips: or tel: URI")
    scheme, rest = matched["scheme"].lower(), matched["rest"]
    if "?" in rest:
        raise ValueError("a request URI may not carry headers")
    if scheme == "tel":
        subscriber, _, raw = rest.partition(";")
        parameters = _parse_parameters(raw, present=";" in rest)
        return RequestURI(scheme, _parse_number(subscriber, parameters, separators=True), parameters=parameters)
    return _parse_sip(scheme, rest)


def _parse_sip(scheme: str, rest: str) -> RequestURI:
    user, at, location = rest.rpartition("@")
    if not at or not user:
        raise ValueError("no user part")
    if ":" in user:
        raise ValueError("a password in the user part")
    host_port, _, raw = location.partition(";")
    host, port = _parse_host_port(host_port)
    parameters = _parse_parameters(raw, present=";" in location)
    subscriber, _, raw_user = user.partition(";")
    user_parameters = _parse_parameters(raw_user, present=";" in user)
    # With user=phone the user part is a telephone number as tel: has it, separators included (RFC 3261 section 19.1.1).
    phone = ("user", "phone") in parameters
    number = _parse_number(subscriber, user_parameters + parameters, separators=phone)
    return RequestURI(scheme, number, host, port, user_parameters, parameters)


def _parse_number(subscriber: str, parameters: tuple[Parameter, ...], *, separators: bool) -> str:
    text = _unescape(subscriber)
    if separators:
        text = _VISUAL_SEPARATORS.sub("", text)
    if _ANY_NUMBER.fullmatch(text) is None:
        raise ValueError("the user part is no number")
    if text.startswith("+") and not text.startswith(COUNTRY):
        raise ValueError("a number of another country")
    matched = _NUMBER.fullmatch(text)
    if matched is None:
        raise ValueError("wrong length for a number")
    if not matched["number"].startswith(AGENT_PREFIX):
        raise ValueError(f"not an {AGENT_PREFIX} number")
    context = dict(parameters).get("phone-context") or COUNTRY
    if len(text) == len(matched["number"]) and context.startswith("+") and context != COUNTRY:
        raise ValueError("a number of another country")
    return matched["number"]


def _parse_host_port(text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        raise ValueError("an IPv6 host")
    matched = _HOST_PORT.fullmatch(text)
    if matched is None:
        raise ValueError("the host or port is not valid")
    port = None if matched["port"] is None else int(matched["port"])
    if port is not None and not 1 <= port <= 65535:
        raise ValueError("the port is not between 1 and 65535")
    if not _is_host(matched["host"]):
        raise ValueError("the host is neither an IPv4 address nor a host name")
    return matched["host"].lower(), port


def _is_host(text: str) -> bool:
    if not _IPV4_LIKE.fullmatch(text):
        return len(text) <= 255 and _HOST_NAME.fullmatch(text) is not None
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def _parse_parameters(text: str, *, present: bool) -> tuple[Parameter, ...]:
    if not present:
        return ()
    parameters = tuple(_parse_parameter(part) for part in text.split(";"))
    if len({name for name, _ in parameters}) < len(parameters):
        raise ValueError("a parameter is given twice")
    return parameters


def _parse_parameter(text: str) -> Parameter:
    name, equals, value = text.partition("=")
    if not _PARAMETER_NAME.fullmatch(name):
        raise ValueError("a parameter's name is not valid")
    if not equals:
        return name.lower(), None
    unescaped = _unescape(value)
    if not _PARAMETER_VALUE.fullmatch(value):
        raise ValueError("a parameter's value is not valid")
    return name.lower(), unescaped


def _unescape(text: str) -> str:
    if _BAD_ESCAPE.search(text):
        raise ValueError("a bad escape: % must be followed by two hexadecimal digits")
    # One character a byte: what is not ASCII stays one unusable character and can be written back as it was.
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)


def _format_parameters(parameters: tuple[Parameter, ...]) -> str:
    return "".join(f";{name}" if value is None else f";{name}={_escape(value)}" for name, value in parameters)


def _escape(text: str) -> str:
    return _WRITTEN_ESCAPED.sub(lambda character: f"%{ord(character[0]):02X}", text)
