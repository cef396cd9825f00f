"""[sans-IO] What a call of the API is made of: method, path template, ids, query, body, and whose session it is for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """One call of the API."""

    method: str
    path: str
    """Template, category first: "contact/contacts/{account}"."""
    ids: Mapping[str, str] | None = field(default=None, repr=False)
    """What goes into the template."""
    query: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    session: str = field(default="", repr=False)
    """For the LV-Session header; empty: none is sent."""
    token: str = field(default="", repr=False)
    """For the LV-Access header, at login only; empty: none is sent."""
    urgent: bool = False
    """A customer waits for it: it goes before the agents' routine."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What must not appear in an error, beside session and token."""

    @property
    def endpoint(self) -> str:
        """Its name in errors and metrics, free of ids."""
        return f"{self.method} {self.path}"


def agent_request(
    method: str,
    resource: str,
    session: str,
    query: Mapping[str, str] | None = None,
    *,
    body: Mapping[str, Any] | None = None,
    urgent: bool = False,
) -> Request:
    """A call of callControl/agent/…."""
    return Request(method, f"callControl/agent/{resource}", query=query, body=body, session=session, urgent=urgent)


def line_request(resource: str, session: str, line: str, body: Mapping[str, Any] | None = None) -> Request:
    """A POST of callControl/agent/… about the call on a line: a customer waits for it."""
    return agent_request("POST", resource, session, {"lineNumber": line}, body=body, urgent=True)


def contact_request(method: str, session: str, account: str, body: Mapping[str, Any] | None = None) -> Request:
    """A call about one contact."""
    return Request(method, "contact/contacts/{account}", ids={"account": account}, body=body, session=session)


@dataclass(frozen=True)
class ContextOf:
    """The call whose context is meant."""

    call_session_id: str
    call_transaction_id: str
    account: str

    def request(
        self,
        method: str,
        session: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Request:
        """A call of context/call/…, for all keys or one."""
        path = "context/call/{call_session_id}/{call_transaction_id}/{account}"
        ids = {
            "call_session_id": self.call_session_id,
            "call_transaction_id": self.call_transaction_id,
            "account": self.account,
        }
        if key is not None:
            path, ids = path + "/{key}", ids | {"key": key}
        return Request(method, path, ids=ids, query=query, body=body, session=session)
