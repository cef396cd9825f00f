"""[sans-IO] Every switch for what is unknown of the real platform, and every lasting fault, in one value."""

import ast
import dataclasses
import enum
import inspect
import textwrap
import typing
from dataclasses import dataclass

from bridge.simulator.errors import FaultUnusable


class StatusUnchanged(enum.StrEnum):
    """agent/status when nothing changed since stateChangedAfter."""

    EMPTY = "empty"
    MISSING = "missing"


class StatusShape(enum.StrEnum):
    """The outer shape of agentStatus."""

    LIST = "list"
    OBJECT = "object"


class SessionLostAs(enum.StrEnum):
    """How a lost session is said."""

    HTTP = "http"
    """HTTP 401."""
    BODY = "body"
    """HTTP 200 with code 401 in the body."""


class PhonebookShape(enum.StrEnum):
    """The outer shape of the phonebook."""

    BOOKS = "books"
    """{"phoneBook": [{..., "phoneContact": [contact, ...]}]}"""
    LIST = "list"
    """[{..., "phoneContact": [contact, ...]}]"""
    SINGLE = "single"
    """{..., "phoneContact": [contact, ...]}: all contacts in one book."""
    ROWS = "rows"
    """{"phoneBook": [{..., "phoneContact": contact}]}: a row a contact."""


class TermCodeShape(enum.StrEnum):
    """The outer shape of the term code list."""

    CATEGORIES = "categories"
    BARE = "bare"
    """An array of term codes."""


class MidCall(enum.StrEnum):
    """What becomes of ready or notReady while a call is on the line or in wrap-up."""

    REFUSED = "refused"
    IGNORED = "ignored"
    """204, and nothing happens."""
    DEFERRED = "deferred"
    """204, and the state comes when the call is over."""


class TermCodeInCall(enum.StrEnum):
    """What a term code does while the customer is still on the line."""

    HANGS_UP = "hangs_up"
    REFUSED = "refused"
    WAITS = "waits"
    """It is saved; the agent is freed when the call ends."""


class LeaveEarly(enum.StrEnum):
    """What conference/leave does before the second party is in the conference."""

    REFUSED = "refused"
    DROPS = "drops"
    """204, and the customer is dropped."""
    BLIND = "blind"
    """204, and the customer goes through when the second party answers."""


class EndCall(enum.StrEnum):
    """How the platform wants a finished call ended."""

    ANY = "any"
    BYE = "bye"
    CALL_END = "call_end"
    TERM_CODE = "term_code"


@dataclass(frozen=True)
class Faults:
    """The platform's behaviour; the defaults are the best reading of what is known (livevox_api section 6)."""

    # Sessions.

    session_ttl_s: float = 7200.0
    """Seconds without a request after which a session is lost."""
    session_lost_as: SessionLostAs = SessionLostAs.HTTP
    """How a request on a lost session is answered."""
    expiry_leaves_service: bool = True
    """An idle agent whose session expires is also logged off its service."""
    logout_leaves_service: bool = True
    """session/logout also logs an idle agent off its service."""
    validate_status: int = 200
    """Status of session/validate for a valid session: 200 or 204."""
    login_denied_status: int = 401
    """Status of a refused login: 401, 403, 404 or 599."""
    logins_closed: bool = False
    """Every login is refused."""
    lock_after: int = 5
    """Bad passwords in a row that lock an account."""
    days_until_password_expires: int | None = 90
    """What login says of the password; None: nothing."""
    json_required: bool = True
    """Requests without Content-Type: application/json are refused with 400."""
    rate_limit_rps: float | None = None
    """Requests a second, over all sessions, above which 429 is answered; None: no limit."""
    contact_role_403: bool = False
    """Agents' sessions may not use the Contact API."""

    # Agents.

    registration_polls: int = 0
    """After join, so many status or ready requests fail before the agent is in the system."""
    unregistered_status: int = 400
    """Status of requests for an agent that is not in the system."""
    logoff_is_shown: bool = False
    """agent/status of an agent in no service says LOGOFF instead of failing."""
    ready_after_join: bool = False
    """The agent is Ready as soon as it is in the system."""
    status_shape: StatusShape = StatusShape.LIST
    """Whether agentStatus is an array or an object."""
    status_unchanged: StatusUnchanged = StatusUnchanged.EMPTY
    """What agent/status says when nothing changed: an empty agentStatus or none."""
    ready_in_call: MidCall = MidCall.REFUSED
    """ready while INCALL or in WRAPUP."""
    not_ready_in_call: MidCall = MidCall.REFUSED
    """notReady when a call has just been assigned, or is on the line, or in wrap-up."""
    mid_call_status: int = 400
    """Status of such a request when it is refused; 409 is as likely."""

    # Calls.

    status_lag_s: float = 0.0
    """Seconds by which agent/status shows the call later than the bridge has answered it."""
    call_while_reserved: bool = False
    """agent/status names the call before it is answered."""
    ready_after_failed_invite: bool = False
    """An agent whose INVITE was refused stays Ready; otherwise it is put into Not Ready."""
    require_end_call: EndCall = EndCall.ANY
    """The one way in which the bridge may end a call, or any."""
    term_code_in_call: TermCodeInCall = TermCodeInCall.HANGS_UP
    """What a term code does while the customer is on the line."""
    strict_phone_dialed: bool = False
    """phoneDialed is mandatory in a term code."""
    term_code_shape: TermCodeShape = TermCodeShape.CATEGORIES
    """The outer shape of the term code list."""
    old_call_end: bool = False
    """callControl/agent/call/end exists as well."""

    # Transfers.

    phonebook_shape: PhonebookShape = PhonebookShape.BOOKS
    """The outer shape of the phonebook."""
    leave_early: LeaveEarly = LeaveEarly.REFUSED
    """conference/leave before the second party answered."""
    leave_needs_customer: bool = False
    """Every transfer needs conference/customer before conference/leave."""
    conference_delay_s: float = 0.0
    """Seconds from the second party's answer to callConferenced, where the customer joins by itself."""
    bye_after_leave_s: float | None = 0.2
    """Seconds after conference/leave until the platform hangs up the bridge's leg; None: it waits for the BYE."""

    # Time.

    latency_s: float = 0.0
    """Seconds every answer takes."""
    latency_jitter_s: float = 0.0
    """Random seconds on top, evenly spread from 0 to this."""
    seed: int = 1
    """Seed of all that is random here."""

    def changed(self, changes: dict[str, object]) -> "Faults":
        """These faults with the given fields changed; values may be the fields' own or text that says them.

        Raises FaultUnusable for a name that is no switch and a value that does not fit.
        """
        types = typing.get_type_hints(Faults)
        for name in changes:
            if name not in types:
                raise FaultUnusable(name, "no switch has this name")
        return dataclasses.replace(self, **{name: parsed(name, types[name], value) for name, value in changes.items()})


def parsed(name: str, kind: typing.Any, value: object) -> typing.Any:
    """The value of a field of the given type, from itself, from JSON or from the text of a command line.

    Raises FaultUnusable.
    """
    options = typing.get_args(kind)
    if typing.get_origin(kind) is typing.Literal:
        if value not in options:
            raise FaultUnusable(name, "say one of: " + ", ".join(options))
        return value
    if type(None) in options:
        if value is None or str(value).lower() in ("none", "null", ""):
            return None
        kind = next(option for option in options if option is not type(None))
    try:
        if kind is bool:
            return {"true": True, "false": False}[str(value).lower()]
        return kind(value)
    except KeyError:
        raise FaultUnusable(name, "say true or false") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise FaultUnusable(name, _expected(kind)) from error


def notes(cls: type) -> dict[str, str]:
    """The string under each field of a dataclass, by the field's name."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for statement, following in zip(body.body, body.body[1:], strict=False):
        match statement, following:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = text
    return found


def _expected(kind: typing.Any) -> str:
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return "say one of: " + ", ".join(str(member.value) for member in kind)
    return f"say a value of type {kind.__name__}"
