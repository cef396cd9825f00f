"""[sans-IO] Logins: sessions that expire, accounts that lock (livevox_api sections 1.6 and 2.1)."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from bridge.simulator.errors import RequestRefused
from bridge.simulator.faults import SessionLostAs
from bridge.simulator.floor import Floor
from bridge.simulator.ledger import Kind


@dataclass
class _Account:
    login: str
    password: str = field(repr=False)
    user_id: int
    is_agent: bool
    bad_passwords: int = 0


@dataclass
class Session:
    """One login by one account with one access token."""

    id: str = field(repr=False)
    login: str
    is_agent: bool
    token: str = field(repr=False)
    used_at: float


@dataclass(frozen=True)
class Login:
    """The body of session/login."""

    client_name: str
    user_name: str
    password: str = field(repr=False)
    as_agent: bool


class Sessions:
    """Opens, finds and ends sessions."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._sessions: dict[str, Session] = {}
        world = floor.world
        # Agents' names are stored in upper case and not told apart by case; users' names are.
        accounts = [_Account(seed.login, seed.password, 5551000 + n, True) for n, seed in enumerate(world.agents)]
        accounts += [_Account(user.login, user.password, 5552000 + n, False) for n, user in enumerate(world.users)]
        self._accounts = {(account.is_agent, account.login): account for account in accounts}

    @property
    def ids(self) -> tuple[str, ...]:
        """Of all that are open."""
        return tuple(self._sessions)

    def log_in(self, token: str, login: Login, now: float) -> dict[str, Any]:
        """session/login: a session, the same one as long as it is valid. Raises RequestRefused."""
        account = self._credited(token, login, now)
        self.expire_due(now)
        session = next(
            (s for s in self._sessions.values() if (s.login, s.token) == (account.login, token)),
            None,
        )
        if session is None:
            session = Session(str(uuid.uuid4()), account.login, account.is_agent, token, now)
            self._sessions[session.id] = session
            self._note(session, "opened", now)
        session.used_at = now
        answer = {"sessionId": session.id, "clientId": self._floor.world.client_id, "userId": account.user_id}
        days = self._floor.faults.days_until_password_expires
        return answer if days is None else answer | {"daysUntilPasswordExpires": days}

    def find(self, session_id: str, now: float) -> Session | None:
        """The valid session with this id; asking counts as use."""
        self.expire_due(now)
        session = self._sessions.get(session_id)
        if session is not None:
            session.used_at = now
        return session

    def required(self, session_id: str, now: float) -> Session:
        """The valid session with this id. Raises RequestRefused."""
        session = self.find(session_id, now)
        if session is not None:
            return session
        in_body = self._floor.faults.session_lost_as is SessionLostAs.BODY
        raise RequestRefused(200 if in_body else 401, "Session is not valid", code=401)

    def log_out(self, session_id: str, now: float) -> Session:
        """session/logout. Raises RequestRefused."""
        self.expire_due(now)
        session = self._sessions.pop(session_id, None)
        if session is None:
            raise RequestRefused(404, "Session does not exist")
        self._note(session, "closed", now)
        return session

    def change_password(self, login: Login, new_password: str, now: float) -> None:
        """session/password; ends the account's sessions. Raises RequestRefused."""
        account = self._known(login, now)
        if len(new_password) < 8:
            raise RequestRefused(400, "The new password is too short")
        account.password = new_password
        self.expire(account.login, now)

    def expire(self, login: str, now: float) -> list[Session]:
        """End the sessions of an account, of all accounts if the login is empty."""
        ended = [session for session in self._sessions.values() if login in ("", session.login)]
        for session in ended:
            del self._sessions[session.id]
            self._note(session, "expired", now)
        return ended

    def expire_due(self, now: float) -> list[Session]:
        """End the sessions that nobody used for too long."""
        limit = now - self._floor.faults.session_ttl_s
        stale = [session for session in self._sessions.values() if session.used_at <= limit]
        for session in stale:
            del self._sessions[session.id]
            self._note(session, "expired", now)
        return stale

    def unlock(self, login: str) -> None:
        """Forget an account's bad passwords."""
        for account in self._accounts.values():
            if account.login == login:
                account.bad_passwords = 0

    def count(self, login: str) -> int:
        """How many sessions an account has."""
        return sum(1 for session in self._sessions.values() if session.login == login)

    def login_of(self, session_id: str) -> str:
        """Whose session this is; empty when nobody's. No use of the session."""
        session = self._sessions.get(session_id)
        return session.login if session else ""

    # Private.

    def _credited(self, token: str, login: Login, now: float) -> _Account:
        if token not in self._floor.world.tokens:
            raise self._denied("The access token is not valid for this host")
        if self._floor.faults.logins_closed:
            raise self._denied("Logins are closed")
        return self._known(login, now)

    def _known(self, login: Login, now: float) -> _Account:
        name = login.user_name.upper() if login.as_agent else login.user_name
        account = self._accounts.get((login.as_agent, name))
        if login.client_name != self._floor.world.client_name or account is None:
            raise self._denied("clientName, userName or password is wrong")
        if account.bad_passwords >= self._floor.faults.lock_after:
            raise self._denied("The account is locked")
        if login.password != account.password:
            account.bad_passwords += 1
            if account.bad_passwords == self._floor.faults.lock_after:
                self._floor.ledger.note(now, Kind.SESSION, "locked", agent=account.login)
            raise self._denied("clientName, userName or password is wrong")
        account.bad_passwords = 0
        return account

    def _denied(self, message: str) -> RequestRefused:
        return RequestRefused(self._floor.faults.login_denied_status, message)

    def _note(self, session: Session, name: str, now: float) -> None:
        self._floor.ledger.note(now, Kind.SESSION, name, agent=session.login)
