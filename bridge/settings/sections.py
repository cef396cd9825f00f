"""What each section of the settings may say: names, kinds, limits and defaults."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from bridge.agents.open_hours import OpenHours
from bridge.section import (
    Count,
    Days,
    EnvironmentName,
    Flag,
    NameValue,
    OptionalHttpUrl,
    OptionalText,
    Rate,
    Seconds,
    SecondsOrNever,
    SecondsOrZero,
    Section,
    Text,
)
from bridge.settings.values import (
    AddressValue,
    DayValue,
    Endpoint,
    EndpointValue,
    LiveVoxUrl,
    NetworkValue,
    NumberValue,
    PortRange,
    PortRangeValue,
    PublicAddressValue,
    SpanValue,
    TimeZoneValue,
)
from sip.messages import Codec

#: The outcome that stands in for every one that has no section of its own.
DEFAULT_OUTCOME = "default"
#: Outcomes the bridge itself gives to a call; each may have its section.
FATES = (
    "finished",
    "customer_hung_up",
    "transferred",
    "transfer_failed",
    "engine_lost",
    "engine_unavailable",
    "rtp_timeout",
    "dead_air",
    "bridge_failure",
    "drained",
)


class SipSection(Section):
    """[sip]: the socket that LiveVox sends INVITEs to."""

    listen: EndpointValue = Endpoint("0.0.0.0", 5070)
    """Address and UDP port to listen on."""
    public_address: PublicAddressValue = ""
    """The IPv4 address others reach us at; empty: the one of `listen`."""
    allow: Annotated[tuple[NetworkValue, ...], Field(min_length=1)] = (IPv4Network("127.0.0.0/8"),)
    """Networks that may send us requests: LiveVox's SIP proxies."""
    strangers: Literal["refuse", "silence"] = "refuse"
    """Others get 403 ("refuse") or no answer at all ("silence")."""
    rate_per_s: Rate = 50
    """New requests a second from one address."""
    burst: Count = 100
    """How many may come at once before the rate holds."""
    retry_after_s: Count = 5
    """Retry-After of a 503, in seconds."""
    max_calls: Count = 100
    """Calls at the same time; more get 503."""
    spare_calls: Count = 8
    """Calls for which workers wait, started ahead of need."""
    drain_s: SecondsOrZero = 300
    """How long calls may go on after the order to stop; then their customers go to `livevox.on_failure`."""
    session_expires_s: Annotated[int, Field(strict=True, ge=90, le=86_400)] = 1800
    """Session-Expires of the dialogs (RFC 4028)."""
    min_se_s: Annotated[int, Field(strict=True, ge=90, le=86_400)] = 90
    """Min-SE: the shortest session interval we take."""
    transaction_timeout_s: Annotated[float, Field(strict=True, ge=1, le=32)] = 6
    """A SIP peer that does not answer for so long is given up; the standard says 32."""


class MediaSection(Section):
    """[media]: RTP."""

    listen_address: AddressValue = ""
    """Address of the RTP sockets; empty: the one of sip.listen."""
    public_address: PublicAddressValue = ""
    """The address written into SDP; empty: sip.public_address."""
    ports: PortRangeValue = PortRange(20000, 29999)
    """UDP ports for RTP; a call takes two even ones. Keep clear of net.ipv4.ip_local_port_range."""
    codecs: Annotated[tuple[Codec, ...], Field(min_length=1)] = (Codec.PCMU, Codec.PCMA)
    """In order of preference."""
    rtp_timeout_s: Seconds = 30
    """A side that should send RTP and is silent for so long ends the call."""
    port_rest_s: Annotated[float, Field(strict=True, ge=0, le=3600)] = 10
    """How long the ports of an ended call stay unused."""
    follow: Literal["address", "any", "never"] = "address"
    """RTP that comes from elsewhere than the SDP says (NAT): follow it from the same address, from any, or never."""
    dead_air_s: SecondsOrNever = 15
    """Nobody says anything: the bot is told after so long, and after twice as long the outcome is dead_air; 0: never.

    A bot that leaves a speaking customer without an answer has twice the time.
    """
    wait_prompt: OptionalText = ""
    """WAV file the customer hears while an engine is replaced, beside this one; empty: a soft tone."""
    unavailable_prompt: OptionalText = ""
    """WAV file the customer hears when no engine can be had and a human will come; empty: the same tone."""


class HoursSection(Section):
    """[livevox.hours]: when the agents are logged in; a day without a line is closed."""

    timezone: TimeZoneValue
    """Name of the IANA list, for example "America/New_York"."""
    monday: tuple[SpanValue, ...] = ()
    tuesday: tuple[SpanValue, ...] = ()
    wednesday: tuple[SpanValue, ...] = ()
    thursday: tuple[SpanValue, ...] = ()
    friday: tuple[SpanValue, ...] = ()
    saturday: tuple[SpanValue, ...] = ()
    sunday: tuple[SpanValue, ...] = ()
    holidays: tuple[DayValue, ...] = ()
    """Days that are closed."""

    def open_hours(self) -> OpenHours:
        """The same as a value that can be asked."""
        week = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday, self.saturday, self.sunday)
        ranges = tuple(tuple(sorted(day, key=lambda span: span.opens)) for day in week)
        return OpenHours(ZoneInfo(self.timezone), ranges, frozenset(self.holidays))


class LiveVoxSection(Section):
    """[livevox]: the REST API and the agents' life in it."""

    url: LiveVoxUrl = "https://api.livevox.com"
    """The API host of your environment: api.livevox.com (NA3), api.na4.livevox.com, …"""
    client_name: Text
    """The client name LiveVox gave you."""
    service_id: OptionalText = ""
    """The service the agents join, unless an agent names its own."""
    api_version: Annotated[str, Field(pattern=r"^(v[0-9]+(\.[0-9]+)?)?$")] = ""
    """A version in the path, for example "v5.0"; empty: none."""
    timeout_s: Seconds = 10
    """A request that has no answer by then has failed."""
    rate_per_s: Rate = 20
    """Requests a second, all agents together."""
    burst: Count = 40
    """How many may go at once before the rate holds."""
    end_call: Literal["bye", "call_end", "term_code"] = "bye"
    """How a finished call ends: BYE and then the term code, customer/call/end first, or the term code alone."""
    screen_pop_timeout_s: Seconds = 10
    """A screen pop that has not come by then is given up; the call goes on."""
    not_ready_reason: OptionalText = ""
    """Reason code when an agent goes Not Ready; needed where LiveVox's administrator made it mandatory."""
    cycle_s: Annotated[float, Field(strict=True, ge=60, lt=7200)] = 3600
    """Idle agents go Not Ready and Ready again so often: sessions die after two hours without a change."""
    login_per_s: Rate = 2
    """Log-ins a second."""
    reconcile_s: Seconds = 300
    """How often an agent's state is compared with LiveVox's."""
    transfer_timeout_s: Seconds = 60
    """A phonebook transfer that no human has taken by then has failed."""
    give_up_after_s: Seconds = 3600
    """How long the steps after a call are tried again while LiveVox fails."""
    on_failure: OptionalText = ""
    """The target that gets the customer when something of ours breaks; empty: the call ends."""
    on_engine_unavailable: Literal["refuse", "transfer"] = "refuse"
    """No engine can be had: 503, so that LiveVox routes on, or answer and hand over to `on_failure`."""
    hours: HoursSection | None = None
    """Absent: always open."""


class AgentEntry(Section):
    """[[agents]]: one virtual agent; a line of agents_file says the same."""

    number: NumberValue
    """Its 899 number."""
    user_name: Text
    """Its LiveVox login."""
    password_env: EnvironmentName = ""
    """Environment variable with its password (or NAME_FILE with a file); empty: LIVEVOX_PASSWORD."""
    service_id: OptionalText = ""
    """The service it joins; empty: livevox.service_id."""
    engines: tuple[NameValue, ...] = ()
    """Names of [engines], the first is tried first; empty: those of [agent_defaults]."""


class AgentDefaults(Section):
    """[agent_defaults]: for agents that do not say it themselves."""

    engines: tuple[NameValue, ...] = ()
    """Names of [engines], the first is tried first."""


class Outcome(Section):
    """[outcomes.NAME]: what LiveVox is told when a call ends so."""

    term_code: Text
    """Name of the term code, as LiveVox lists it."""
    term_codes: Mapping[str, Text] = {}
    """Other names for single services: service id = name."""
    notes: OptionalText = ""
    """Notes for LiveVox, above those of the bot."""
    move_to_not_ready: Flag = False
    """True leaves the agent Not Ready after the call."""

    def term_code_for(self, service_id: str) -> str:
        """Name of the term code in a service."""
        return self.term_codes.get(service_id, self.term_code)


class Target(Section):
    """[targets.NAME]: where a customer can be handed over to."""

    contacts: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Names of phonebook contacts, the first is tried first."""
    aliases: tuple[Text, ...] = ()
    """Other names and numbers the bot may ask for it by."""
    outcome: NameValue = "transferred"
    """The outcome of a call handed over to it."""


class AdminSection(Section):
    """[admin]: the HTTP API."""

    listen: EndpointValue = Endpoint("127.0.0.1", 8080)
    """Address and TCP port to listen on."""
    public_url: OptionalHttpUrl = ""
    """The URL at which speech engines reach it; empty: http:// and the address of `listen`."""
    metrics: Literal["auto", "open", "token"] = "auto"
    """GET /metrics for all ("open") or with the view or admin token; "auto": open when `listen` is on loopback."""


class JournalSection(Section):
    """[journal]: the file from which calls are brought to their end after the bridge has died."""

    path: Text = "journal.db"
    """The file, beside this one; it is made if it is not there."""
    keep_days: Days = 30
    """Calls that ended longer ago are forgotten."""
    messages: Flag = True
    """SIP and REST messages of calls are kept, without secrets: their stories show them."""
    transcripts: Flag = False
    """What was said is kept, as far as the engine writes it down."""


class RecordingSection(Section):
    """[recording]: what is said, as WAV files: the customer on the left, the bot on the right."""

    enabled: Flag = False
    """Calls are recorded from the answer on."""
    folder: Text = "recordings"
    """Where, beside this file; it is made if it is not there."""
    keep_days: Days = 30
    """Recordings that are older are deleted."""
    agents: tuple[NumberValue, ...] = ()
    """Only calls of these agents; empty: of all."""
    engines: tuple[NameValue, ...] = ()
    """Only calls that one of these engines answers; empty: all."""


class LogSection(Section):
    """[log]: what goes to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that is written."""
    format: Literal["auto", "json", "console"] = "auto"
    """"json", "console" (coloured), or by whether stderr is a terminal."""
    mask: Flag = True
    """Customers' numbers and names are masked."""
