"""Values that settings are made of, each read from its text; what is wrong is said with a remedy."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Annotated, Any

from pydantic import BeforeValidator

from bridge.agents.open_hours import DailyRange, OpenHours
from bridge.errors import InvalidOpenHours
from bridge.section import is_loopback, text_of, unusable
from sip.request_uri import agent_number

WILDCARD = "0.0.0.0"

_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")  # RFC 3261 section 25.1
_API_HOST = re.compile(r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?")
_ENGINE_URI = re.compile(
    r"sip:(?:[^@\s;?<>]+@)?(?P<host>[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?(?P<rest>(?:;[^\s?<>]+)?)"
)
_OTHER_TRANSPORT = re.compile(r";transport=(?!udp(?:;|$))", re.IGNORECASE)
#: Headers of an INVITE that a dialog or the bridge itself writes.
_RESERVED_HEADERS = frozenset(
    "via from to call-id cseq contact max-forwards route record-route content-type content-length supported require "
    "session-expires min-se allow x-call-id x-agent-number x-caller".split()
)


@dataclass(frozen=True)
class Endpoint:
    """An IPv4 address and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class PortRange:
    """UDP ports, both ends included."""

    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def _port(text: str) -> int | None:
    number = int(text) if re.fullmatch(r"[0-9]{1,5}", text) else 0
    return number if 1 <= number <= 65535 else None


def _endpoint(value: Any) -> Endpoint:
    if isinstance(value, Endpoint):
        return value
    host, _, port = text_of(value, "0.0.0.0:5070").rpartition(":")
    number = _port(port)
    if number is None:
        raise unusable(f'"{value}" has no port from 1 to 65535', 'write address and port, as in "0.0.0.0:5070"')
    return Endpoint(_address(host), number)


def _address(value: Any) -> str:
    text = text_of(value, "192.0.2.10")
    try:
        return str(IPv4Address(text))
    except AddressValueError:
        raise unusable(f'"{text}" is not an IPv4 address', 'write four numbers, as in "192.0.2.10"') from None


def _address_or_none(value: Any) -> str:
    """Like _address, but "" is good too: it stands for a default."""
    return "" if value == "" else _address(value)


def _public_address(value: Any) -> str:
    address = _address_or_none(value)
    if address == WILDCARD:
        raise unusable("0.0.0.0 cannot be reached by anyone", "write the address that others send to")
    return address


def _network(value: Any) -> IPv4Network:
    if isinstance(value, IPv4Network):
        return value
    text = text_of(value, "192.0.2.0/24")
    try:
        around = IPv4Network(text, strict=False)
    except ValueError:
        raise unusable(f'"{text}" is not an IPv4 network', 'write it as "192.0.2.0/24" or "192.0.2.10"') from None
    try:
        return IPv4Network(text)
    except ValueError:
        what, remedy = f'"{text}" has bits set below its length', f'write "{around}", or the single address'
        raise unusable(what, remedy) from None


def _port_range(value: Any) -> PortRange:
    if isinstance(value, PortRange):
        return value
    first, _, last = text_of(value, "20000-29999").partition("-")
    ends = (_port(first.strip()), _port(last.strip()))
    if ends[0] is None or ends[1] is None or ends[0] >= ends[1]:
        raise unusable(f'"{value}" is not a range of ports', 'write the first and the last, as in "20000-29999"')
    return PortRange(ends[0], ends[1])


def _span(value: Any) -> DailyRange:
    if isinstance(value, DailyRange):
        return value
    try:
        return DailyRange.parse("", text_of(value, "08:00-20:00"))
    except InvalidOpenHours as exc:
        raise unusable(f'"{value}" is not a span of time', exc.remedy) from None


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise unusable("is not a date", 'write it as "2026-12-25"') from None


def _time_zone(value: Any) -> str:
    try:
        return OpenHours.parse(text_of(value, "America/New_York"), {}).zone.key
    except InvalidOpenHours as exc:
        raise unusable(f'"{value}" is not a time zone', exc.remedy) from None


def _number(value: Any) -> str:
    number = agent_number(text_of(value, "8990000001"))
    if number is None:
        raise unusable(f'"{value}" is not an 899 number', 'write its ten digits, as in "8990000001"')
    return number


def _livevox_url(value: Any) -> str:
    text = text_of(value, "https://api.livevox.com").rstrip("/")
    matched = _API_HOST.fullmatch(text)
    if matched is None or (matched["port"] and _port(matched["port"]) is None):
        raise unusable("is not the URL of an API host", 'write scheme and host, as in "https://api.na4.livevox.com"')
    if matched["scheme"] == "http" and not is_loopback(matched["host"]):
        raise unusable(f'"{text}" would send passwords unencrypted', "write https; http is for a simulator on loopback")
    return text


def is_simulated(url: str) -> bool:
    """Plain http to this machine: a simulator."""
    matched = _API_HOST.fullmatch(url)
    return matched is not None and matched["scheme"] == "http" and is_loopback(matched["host"])


def _engine_uri(value: Any) -> str:
    text = text_of(value, "sip:bot@127.0.0.1:5092")
    matched = _ENGINE_URI.fullmatch(text)
    if matched is None or (matched["port"] and _port(matched["port"]) is None):
        raise unusable(f'"{text}" is not a sip: URI', 'write it as "sip:bot@127.0.0.1:5092"')
    if _OTHER_TRANSPORT.search(matched["rest"]):
        raise unusable("the transport is not udp", "remove ;transport=, SIP goes over UDP")
    return text


def engine_endpoint(uri: str) -> tuple[str, int]:
    """Host and port of an engine's URI that has been read as a setting."""
    matched = _ENGINE_URI.fullmatch(uri)
    if matched is None:
        return "", 0
    return matched["host"].lower(), int(matched["port"] or 5060)


def _header_name(value: Any) -> str:
    text = text_of(value, "X-Tenant")
    if not _TOKEN.fullmatch(text):
        raise unusable(f'"{text}" cannot be the name of a SIP header', 'write it as "X-Tenant"')
    if text.lower() in _RESERVED_HEADERS or text.lower().startswith("x-bridge-"):
        raise unusable(f'"{text}" is written by the bridge itself', "use another name")
    return text


def _header_value(value: Any) -> str:
    text = text_of(value, "north")
    if not text.isprintable():
        raise unusable("has a line break or another control character", "write it on one line")
    return text


EndpointValue = Annotated[Endpoint, BeforeValidator(_endpoint)]
AddressValue = Annotated[str, BeforeValidator(_address_or_none)]
PublicAddressValue = Annotated[str, BeforeValidator(_public_address)]
NetworkValue = Annotated[IPv4Network, BeforeValidator(_network)]
PortRangeValue = Annotated[PortRange, BeforeValidator(_port_range)]
SpanValue = Annotated[DailyRange, BeforeValidator(_span)]
DayValue = Annotated[date, BeforeValidator(_day)]
TimeZoneValue = Annotated[str, BeforeValidator(_time_zone)]
NumberValue = Annotated[str, BeforeValidator(_number)]
LiveVoxUrl = Annotated[str, BeforeValidator(_livevox_url)]
EngineUri = Annotated[str, BeforeValidator(_engine_uri)]
HeaderName = Annotated[str, BeforeValidator(_header_name)]
HeaderValue = Annotated[str, BeforeValidator(_header_value)]
