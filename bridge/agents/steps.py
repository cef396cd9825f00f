"""One step of a virtual agent: a command becomes a request to LiveVox, and its end a result."""

from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr

from bridge.agents.messages import (
    AgentCommand,
    GoNotReady,
    GoReady,
    JoinService,
    LeaveService,
    LoggedIn,
    LogIn,
    LoginRefused,
    LogOut,
    ReadStatus,
    StatusRead,
    StepDone,
    StepFailed,
    StepResult,
)
from bridge.livevox.agent_session import Features, Login
from bridge.livevox.agent_status import AgentStatus
from bridge.livevox.errors import CredentialsRefused, LiveVoxError, LoginUnexplained, SessionLost


class AgentClient(Protocol):
    """What the agents need of LiveVoxClient; each method raises a LiveVoxError."""

    async def login(self, client_name: str, user_name: str, password: SecretStr, *, urgent: bool = False) -> Login: ...

    async def logout(self, session: str) -> None: ...

    async def features(self, session: str, service_id: str) -> Features: ...

    async def join(self, session: str, service_id: str, phone_number: str | None = None) -> None: ...

    async def leave(self, session: str) -> None: ...

    async def ready(self, session: str) -> None: ...

    async def not_ready(self, session: str, reason_code: str | None = None) -> None: ...

    async def status(self, session: str, *, urgent: bool = False) -> AgentStatus | None: ...


@dataclass(frozen=True)
class AgentAccount:
    """What a virtual agent logs in with."""

    number: str
    """10 digits, "8990000001"."""
    user_name: str
    password: SecretStr
    service_id: str
    phone_number: str
    """Where LiveVox calls the agent; its 899 number."""


@dataclass(frozen=True)
class StepTexts:
    """What all agents say alike."""

    client_name: str
    not_ready_reason: str = ""
    """Only where LiveVox's administrator made reasons mandatory."""


async def carry_out(
    client: AgentClient, account: AgentAccount, texts: StepTexts, command: AgentCommand, session: str, *, urgent: bool
) -> StepResult:
    """Make the command's one request; `session` is "" for a log-in. `urgent`: a call of the agent waits for it."""
    try:
        match command:
            case LogIn():
                login = await client.login(texts.client_name, account.user_name, account.password, urgent=urgent)
                return LoggedIn(login.session_id, login.days_until_password_expires)
            case ReadStatus():
                return _status_read(await client.status(session, urgent=urgent))
        await _change(client, account, texts, command, session)
    except CredentialsRefused as exc:
        return LoginRefused(permanent=True, detail=str(exc))
    except LoginUnexplained as exc:
        return LoginRefused(permanent=False, detail=str(exc), retry_after_s=exc.retry_after_s)
    except LiveVoxError as exc:
        return StepFailed(exc.retryable, exc.maybe_done, isinstance(exc, SessionLost), str(exc), exc.retry_after_s)
    return StepDone()


async def _change(
    client: AgentClient, account: AgentAccount, texts: StepTexts, command: AgentCommand, session: str
) -> None:
    match command:
        case JoinService():
            await client.join(session, account.service_id, account.phone_number or None)
        case GoReady():
            await client.ready(session)
        case GoNotReady():
            await client.not_ready(session, texts.not_ready_reason or None)
        case LeaveService():
            await client.leave(session)
        case LogOut():
            await client.logout(session)


def _status_read(status: AgentStatus | None) -> StatusRead:
    if status is None:
        return StatusRead("")
    if status.call is None:
        return StatusRead(status.state)
    return StatusRead(status.state, status.call.call_transaction_id, status.call.call_session_id)
