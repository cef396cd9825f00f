"""What can go wrong in the bridge. LiveVox's and the simulator's own errors stand beside what raises them.

BridgeError
├── InvalidSettings       the settings cannot be used; says file, key and remedy
├── InvalidSettingsFile   a file that a setting names cannot be used: key, what, remedy
├── InvalidOpenHours      open hours cannot be read: key, value, remedy
├── LiveVoxError          LiveVox's REST API did not do what was asked: bridge/livevox/errors.py
├── InvalidVerdict        what a bot said of its call cannot be understood
├── OrderRefused          a call cannot do what the API or a bot orders: code, message
├── InvalidEngineMessage  a speech engine sent what its dialect does not know
├── WebSocketNotOpened    no WebSocket to an engine could be opened: why, fit for a log
├── EngineUnreachable     an engine's HTTP gives no answer; says whether the request may have been carried out
├── EngineDeclined        an engine answered, and does not take the call
├── ApiRefused            a request to the HTTP API is answered with an error: status, code, message
├── InvalidTwiml          TwiML that cannot be carried out: Twilio's code for it, what is wrong
├── InvalidTransition     an event came in a state that has no place for it
├── SimulationError       the simulator cannot do what it was asked: bridge/simulator/errors.py
├── InvalidDatagram       the simulator cannot use what arrived: bridge/simulator/errors.py
├── UnusablePrompt        a prompt's file cannot be played: which, why
├── JournalUnusable       the journal's file cannot be opened, read or written: which, why
├── MediaUnavailable      the media process cannot open a session
├── BridgeUnreachable     no bridge answers where an operator's command looks for one
├── BridgeRefused         a bridge answers an operator's command with an error: status, code, message
├── ReloadRefused         the bridge goes on by the settings it has: code, message, problems
├── TracingNotInstalled   spans are wanted, and the extra that makes them is not there
└── CommandUnusable       a command line cannot be carried out (a port in use, a file missing)
"""

from collections.abc import Sequence
from dataclasses import dataclass


class BridgeError(Exception):
    """Base of all errors of the package bridge."""


class InvalidVerdict(BridgeError):
    """What a bot said of its call cannot be understood."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"the bot's verdict cannot be used: {detail}")


class OrderRefused(BridgeError):
    """A call cannot do what it is ordered to."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        """unknown_target, unknown_outcome, call_over, transfer_running or not_recorded; of the customer's record also
        unknown_contact_field, unknown_context_key, invalid_contact_value, no_account, no_call_ids, no_contact,
        too_many_writes, livevox_refused and livevox_silent; of retries: see bridge.calls.repeats."""
        self.message = message
        super().__init__(message)


class InvalidEngineMessage(BridgeError):
    """A speech engine sent what its dialect does not know. What it sent is not shown: it may be a customer's."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"the engine's message cannot be used: {detail}")


class WebSocketNotOpened(BridgeError):
    """No WebSocket to an engine could be opened."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        """Fit for a log: neither the URL nor a header is in it."""
        super().__init__(reason)


class EngineUnreachable(BridgeError):
    """An engine's HTTP gives no answer."""

    def __init__(self, cause: str, *, maybe_done: bool) -> None:
        self.cause = cause
        self.maybe_done = maybe_done
        """The engine may have carried the request out all the same."""
        super().__init__(f"the engine cannot be reached: {cause}")


class EngineDeclined(BridgeError):
    """An engine answered, and does not take the call: by its own word, or because its answer cannot be used."""

    def __init__(self, reason: str, *, maybe_taken: bool) -> None:
        self.reason = reason
        self.maybe_taken = maybe_taken
        """It may believe that it has the call: it should be told that it has not."""
        super().__init__(f"the engine {reason}")


class ApiRefused(BridgeError):
    """A request to the HTTP API is answered with an error."""

    def __init__(self, status: int, code: str | int, message: str) -> None:
        self.status = status
        """The HTTP status."""
        self.code = code
        """A snake_case name; a number of Twilio's list where the API speaks as Twilio does."""
        self.message = message
        super().__init__(f"{status} {code}: {message}")


class InvalidTwiml(BridgeError):
    """TwiML that is none, or that cannot be carried out."""

    def __init__(self, code: int, detail: str) -> None:
        self.code = code
        """Twilio's number for what is wrong."""
        self.detail = detail
        super().__init__(f"the TwiML cannot be used: {detail}")


class InvalidTransition(BridgeError):
    """An event came in a state that has no place for it."""

    def __init__(self, state: str, event: str) -> None:
        self.state = state
        self.event = event
        super().__init__(f"{event} has no place in state {state}")


class InvalidOpenHours(BridgeError):
    """Open hours cannot be read."""

    def __init__(self, key: str, value: str, remedy: str) -> None:
        self.key = key
        self.value = value
        self.remedy = remedy
        super().__init__(f"{key}: {value!r} cannot be used as open hours: {remedy}")


class UnusablePrompt(BridgeError):
    """A prompt's file cannot be played."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path} {why}: a prompt is a WAV file with 8000 Hz, mono, PCM of 16 bits, A-law or µ-law")


class JournalUnusable(BridgeError):
    """The journal's file cannot be opened, read or written."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"the journal {path} cannot be used: {reason}; check [journal] path, its folder and the disk")


class MediaUnavailable(BridgeError):
    """The media process cannot open a session."""

    def __init__(self, reason: str, call: str = "") -> None:
        self.reason = reason
        self.call = call
        subject = f"no media session for call {call}" if call else "no media process"
        super().__init__(f"{subject}: {reason}; check [media] first_port, last_port and listen_address")


@dataclass(frozen=True)
class SettingProblem:
    """One thing that is wrong with the settings."""

    file: str
    """Path of the file, or "environment"."""
    line: int | None
    key: str
    """As the file writes it: sip.listen, agents[2].number."""
    what: str
    remedy: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        subject = f"{self.key}: " if self.key else ""
        return f"{place}: {subject}{self.what}; {self.remedy}"


class InvalidSettings(BridgeError):
    """The settings cannot be used."""

    def __init__(self, problems: Sequence[SettingProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


class InvalidSettingsFile(BridgeError):
    """A file that a setting names cannot be used."""

    def __init__(self, key: str, what: str, remedy: str) -> None:
        self.key = key
        """The setting, without its section."""
        self.what = what
        self.remedy = remedy
        super().__init__(f"{key}: {what}; {remedy}")


class BridgeUnreachable(BridgeError):
    """No bridge answers where an operator's command looks for one."""

    def __init__(self, url: str, cause: str, *, slow: bool = False) -> None:
        self.url = url
        self.cause = cause
        self.slow = slow
        """Something is there, and has not answered in time."""
        super().__init__(f"no bridge answers at {url}: {cause}; does it run, and is this its [admin] listen?")


class BridgeRefused(BridgeError):
    """A bridge answers an operator's command with an error."""

    def __init__(self, url: str, status: int, code: str, message: str, problems: Sequence[str] = ()) -> None:
        self.status = status
        self.code = code
        self.problems = tuple(problems)
        """All that is wrong, a sentence each, where there may be more than one thing."""
        remedy = "; it must be the BRIDGE_ADMIN_TOKEN that the bridge was started with" if status == 401 else ""
        first = f"the bridge at {url} answers {status} {code}: {message}{remedy}"
        super().__init__("\n".join((first, *self.problems)))


class ReloadRefused(BridgeError):
    """Settings were not taken over; nothing has changed."""

    def __init__(self, code: str, message: str, problems: Sequence[str] = ()) -> None:
        self.code = code
        """invalid_settings, restart_needed, or draining."""
        self.message = message
        self.problems = tuple(problems)
        """A sentence each."""
        super().__init__("\n".join((message, *self.problems)))


class CommandUnusable(BridgeError):
    """A command line cannot be carried out: a port is in use, a file is missing."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


class TracingNotInstalled(BridgeError):
    """[tracing] wants spans, and OpenTelemetry is not there."""

    def __init__(self) -> None:
        super().__init__(
            "tracing.endpoint is set, and OpenTelemetry is not installed: "
            "unset it, or pip install 'livevox-bridge[tracing]'"
        )
