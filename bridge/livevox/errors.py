"""How LiveVox's REST API can fail us.

BridgeError
└── LiveVoxError          it did not do what was asked
    ├── LiveVoxRefused        it answered with an error: status, code, message
    │   ├── SessionLost           the session is not valid any more (401 in status or body)
    │   ├── CredentialsRefused    a login was denied; trying again may lock the account
    │   └── LoginUnexplained      a login failed (400, 599) and LiveVox does not say whose fault it is
    ├── NoAgentSession        the virtual agent has no session to make the request with
    ├── LiveVoxUnreachable    no answer came; says whether the request may have been carried out
    └── UnreadableAnswer      the answer is not what the API describes
"""

from bridge.errors import BridgeError


class LiveVoxError(BridgeError):
    """LiveVox's REST API did not do what was asked."""

    def __init__(
        self,
        endpoint: str,
        sentence: str,
        *,
        retryable: bool,
        maybe_done: bool,
        retry_after_s: float | None = None,
    ) -> None:
        self.endpoint = endpoint
        """Method and path template, without ids: "POST callControl/agent/status/ready"."""
        self.retryable = retryable
        """The same request may succeed later, without anything else being done first."""
        self.maybe_done = maybe_done
        """LiveVox may have carried the request out all the same: look before repeating it."""
        self.retry_after_s = retry_after_s
        """What LiveVox asked us to wait, in seconds."""
        super().__init__(f"{endpoint}: {sentence}")


class LiveVoxRefused(LiveVoxError):
    """LiveVox answered with an error."""

    def __init__(
        self,
        endpoint: str,
        status: int,
        code: int,
        message: str,
        *,
        retry_after_s: float | None = None,
        advice: str = "",
    ) -> None:
        self.status = status
        """The HTTP status."""
        self.code = code
        """The code in the body; the HTTP status where there was none."""
        self.message = message
        """LiveVox's own words, secrets removed; may be empty."""
        kind = 401 if code == 401 else status if status >= 400 else code
        said = f"refused with {status}" + (f" (code {code})" if code != status else "")
        super().__init__(
            endpoint,
            ": ".join(filter(None, (said, message, advice))),
            retryable=kind == 429 or kind >= 500,
            maybe_done=kind >= 500,
            retry_after_s=retry_after_s,
        )


class SessionLost(LiveVoxRefused):
    """The session is not valid any more: log in again, look at the agent's state, then repeat the request."""


class CredentialsRefused(LiveVoxRefused):
    """A login was denied; trying again may lock the account (LiveVox locks after five bad passwords)."""

    def __init__(self, endpoint: str, status: int, code: int, message: str) -> None:
        advice = "check client name, user name, password and token"
        if 401 in (status, code):
            advice += "; wrong host? (each customer lives on one: api.livevox.com, api.na4.livevox.com, …)"
        super().__init__(endpoint, status, code, message, advice=advice)


class LoginUnexplained(LiveVoxRefused):
    """A login failed and LiveVox does not say whose fault it is: try again, but slowly and a few times only."""

    def __init__(
        self, endpoint: str, status: int, code: int, message: str, *, retry_after_s: float | None = None
    ) -> None:
        advice = "wrong client name, user name, password or token, or trouble at LiveVox"
        super().__init__(endpoint, status, code, message, retry_after_s=retry_after_s, advice=advice)
        self.retryable = True
        self.maybe_done = False


class NoAgentSession(LiveVoxError):
    """The virtual agent has no session to make the request with; nothing was sent."""

    def __init__(self, number: str, phase: str, *, retryable: bool) -> None:
        self.number = number
        self.phase = phase
        """Where the agent is instead."""
        remedy = "it may have one later" if retryable else "correct its log-in, then resume it"
        sentence = f"agent {number} has no session, it is {phase}: {remedy}"
        super().__init__("agent session", sentence, retryable=retryable, maybe_done=False)


class LiveVoxUnreachable(LiveVoxError):
    """No answer came."""

    def __init__(self, endpoint: str, cause: str, *, maybe_done: bool) -> None:
        self.cause = cause
        super().__init__(endpoint, f"no answer: {cause}", retryable=True, maybe_done=maybe_done)


class UnreadableAnswer(LiveVoxError):
    """LiveVox answered 2xx, but not with what the API describes."""

    def __init__(self, endpoint: str, status: int, detail: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(endpoint, f"unreadable answer ({status}): {detail}", retryable=True, maybe_done=True)
