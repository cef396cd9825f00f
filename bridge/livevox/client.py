"""LiveVox's REST API, one typed method an endpoint; it sends each request once and repeats none."""

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from pydantic import SecretStr

from bridge.livevox.agent_session import Features, Login, ServiceAccess
from bridge.livevox.agent_status import ACD_LINE, AgentStatus, AgentStatusAnswer
from bridge.livevox.answers import RawAnswer
from bridge.livevox.call_context import CallContext, context_body
from bridge.livevox.contacts import Contact, ContactDetails, ContactSearch, CreatedContact, FoundContacts
from bridge.livevox.errors import CredentialsRefused, LiveVoxRefused, LoginUnexplained, SessionLost
from bridge.livevox.phonebook import Phonebook
from bridge.livevox.requests import ContextOf, Request, agent_request, contact_request, line_request
from bridge.livevox.screen_pop import ScreenPop
from bridge.livevox.term_codes import TermCodeChoice, TermCodes
from bridge.livevox.transport import Exchange, Transport
from bridge.livevox.turnstile import Turnstile

#: Answers to a login that mean no (livevox_api 1.4).
DENIALS = frozenset({401, 403, 404})
#: Answers to a login that may mean no, or trouble at LiveVox.
UNEXPLAINED = frozenset({400, 599})


class LiveVoxClient:
    """Every method raises a LiveVoxError; `session` is the id that `login` gave, for the LV-Session header.

    Make it inside the event loop. All requests share one token bucket (`rate` a second, `burst` at once) and one pool
    of `connections`; `timeout_s` is for each request, from its turn to the end of the answer. Requests for a call at
    hand go before the agents' routine; `login`, `status` and `ready` belong to both and take `urgent`.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        rate: float,
        burst: int,
        timeout_s: float,
        api_version: str | None = None,
        connections: int = 100,
        on_exchange: Callable[[Exchange], None] | None = None,
        gives_way: Callable[[float], bool] = lambda now: False,
    ) -> None:
        """`url` is the host ("https://api.na4.livevox.com"), `api_version` goes after the category ("v6.0").

        While `gives_way` says so at a time of the loop's clock no request begins, for a second at most.
        """
        self._token = _header_token(token)
        self._transport = Transport(
            url,
            turnstile=Turnstile(rate, burst, gives_way),
            timeout_s=timeout_s,
            api_version=api_version,
            connections=connections,
            on_exchange=on_exchange,
        )

    def change(self, token: str, *, rate: float, burst: int, timeout_s: float) -> None:
        """Another token for log-ins, and other limits, from now on; sessions that there are stay."""
        self._token = _header_token(token)
        self._transport.change(rate=rate, burst=burst, timeout_s=timeout_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    # session

    async def login(
        self, client_name: str, user_name: str, password: SecretStr, agent: bool = True, *, urgent: bool = False
    ) -> Login:
        """POST session/login; raises CredentialsRefused (never repeat it) and LoginUnexplained (slowly) among others.

        The same user and token get the same session id while one is valid.
        """
        body = {"clientName": client_name, "userName": user_name, "password": password.get_secret_value()}
        body |= {"agent": "true"} if agent else {}
        token, secrets = self._token.get_secret_value(), (password.get_secret_value(),)
        request = Request("POST", "session/login", body=body, token=token, secrets=secrets, urgent=urgent)
        try:
            return (await self._perform(request)).read(Login)
        except LiveVoxRefused as exc:
            said = {exc.status, exc.code}
            if said & DENIALS:
                raise CredentialsRefused(exc.endpoint, exc.status, exc.code, exc.message) from None
            if said & UNEXPLAINED:
                raise LoginUnexplained(
                    exc.endpoint, exc.status, exc.code, exc.message, retry_after_s=exc.retry_after_s
                ) from None
            raise

    async def is_session_valid(self, session: str) -> bool:
        """GET session/validate/{sessionId}."""
        request = Request("GET", "session/validate/{session}", ids={"session": session}, secrets=(session,))
        return await self._is_known(request)

    async def logout(self, session: str) -> None:
        """DELETE session/logout/{sessionId}; a session that is gone already is fine. Leave the service first."""
        request = Request("DELETE", "session/logout/{session}", ids={"session": session}, secrets=(session,))
        await self._is_known(request)

    # services

    async def service_access(self, session: str) -> ServiceAccess:
        """GET agent/service/access: the services the agent may join."""
        return (await self._perform(agent_request("GET", "service/access", session))).read(ServiceAccess)

    async def features(self, session: str, service_id: str) -> Features:
        """GET agent/service/features: the ACD mode, and what the service allows."""
        return (await self._perform(agent_request("GET", "service/features", session, {"serviceId": service_id}))).read(
            Features
        )

    async def join(self, session: str, service_id: str, phone_number: str | None = None) -> None:
        """POST agent/service/join; `phone_number` is the agent's 899 number. Its status may fail for a while after."""
        query = {"serviceId": service_id} | ({"phoneNumber": phone_number} if phone_number else {})
        await self._perform(agent_request("POST", "service/join", session, query))

    async def leave(self, session: str) -> None:
        """POST agent/service/leave."""
        await self._perform(agent_request("POST", "service/leave", session))

    # state

    async def ready(self, session: str, *, urgent: bool = False) -> None:
        """POST agent/status/ready."""
        await self._perform(agent_request("POST", "status/ready", session, urgent=urgent))

    async def not_ready(self, session: str, reason_code: str | None = None) -> None:
        """POST agent/status/notReady; LiveVox asks for a reason only where the manager enabled them."""
        query = {"reasonCode": reason_code} if reason_code else None
        await self._perform(agent_request("POST", "status/notReady", session, query))

    async def status(
        self, session: str, changed_after_ms: int | None = None, *, urgent: bool = False
    ) -> AgentStatus | None:
        """POST agent/status; None: nothing changed since `changed_after_ms`, or LiveVox says nothing of the agent."""
        body = {} if changed_after_ms is None else {"stateChangedAfter": str(changed_after_ms)}
        request = agent_request("POST", "status", session, body=body, urgent=urgent)
        raw = await self._perform(request)
        return next(iter(raw.read_or(AgentStatusAnswer()).agent_status), None)

    # the call at hand

    async def screen_pop(self, session: str, line: str = ACD_LINE) -> ScreenPop:
        """GET agent/screenpop; empty where the service shows nothing."""
        request = agent_request("GET", "screenpop", session, {"lineNumber": line}, urgent=True)
        return (await self._perform(request)).read_or(ScreenPop())

    async def term_codes(self, session: str, service_id: str) -> TermCodes:
        """GET agent/termCode: the dispositions of a service."""
        request = agent_request("GET", "termCode", session, {"serviceId": service_id}, urgent=True)
        return (await self._perform(request)).find(TermCodes.read)

    async def set_term_code(self, session: str, choice: TermCodeChoice, line: str = ACD_LINE) -> None:
        """PUT agent/call/termCode: saves the disposition and makes the agent Ready (or Not Ready, if asked).

        During a call it is believed to hang up.
        """
        await self._perform(
            agent_request("PUT", "call/termCode", session, {"lineNumber": line}, body=choice.body(), urgent=True)
        )

    async def end_customer_call(self, session: str, line: str = ACD_LINE) -> None:
        """POST agent/customer/call/end: the line goes to wrap-up."""
        await self._perform(line_request("customer/call/end", session, line))

    # transfer

    async def phonebook(self, session: str, service_id: str) -> Phonebook:
        """GET agent/phonebook."""
        request = agent_request("GET", "phonebook", session, {"serviceId": service_id}, urgent=True)
        return (await self._perform(request)).find(Phonebook.read)

    async def phonebook_ext(self, session: str, service_id: str) -> Phonebook:
        """GET agent/phonebook/ext, the one the integration guide uses."""
        request = agent_request("GET", "phonebook/ext", session, {"serviceId": service_id}, urgent=True)
        return (await self._perform(request)).find(Phonebook.read)

    async def transfer_to_contact(self, session: str, book_id: str, contact_id: str, line: str = ACD_LINE) -> None:
        """POST agent/conference/phonebook: calls the contact; how it goes is seen in `status` only."""
        body = {"phoneBookId": book_id, "phoneBookContactId": contact_id}
        await self._perform(line_request("conference/phonebook", session, line, body))

    async def conference_customer(self, session: str, line: str = ACD_LINE) -> None:
        """POST agent/conference/customer: brings the held customer into the conference."""
        await self._perform(line_request("conference/customer", session, line))

    async def conference_leave(self, session: str, line: str = ACD_LINE) -> None:
        """POST agent/conference/leave: the agent drops out, customer and human stay; the line goes to wrap-up."""
        await self._perform(line_request("conference/leave", session, line))

    async def conference_reconnect(self, session: str, line: str = ACD_LINE) -> None:
        """POST agent/conference/reconnect: drops the second party, back to the customer."""
        await self._perform(line_request("conference/reconnect", session, line))

    # contacts

    async def read_contact(self, session: str, account: str) -> Contact:
        """GET contact/contacts/{account}; LiveVoxRefused with status 404 where there is none."""
        return (await self._perform(contact_request("GET", session, account))).read(Contact)

    async def update_contact(self, session: str, account: str, details: ContactDetails) -> None:
        """PUT contact/contacts/{account}: changes the fields given and no others."""
        await self._perform(contact_request("PUT", session, account, {"updateContactDetails": dict(details)}))

    async def create_contact(self, session: str, details: ContactDetails) -> CreatedContact:
        """POST contact/contacts; `existed` in the answer: there was one with that account, nothing was created."""
        body = {"createContactDetails": dict(details)}
        request = Request("POST", "contact/contacts", body=body, session=session)
        raw = await self._perform(request)
        created = raw.read_or(CreatedContact())
        return created.model_copy(update={"code": 202}) if raw.status == 202 else created

    async def search_contacts(
        self,
        session: str,
        search: ContactSearch,
        *,
        count: int = 100,
        offset: int = 0,
        sort: Sequence[tuple[str, str]] = (),
    ) -> FoundContacts:
        """POST contact/contacts/search; at most 1,000 a page, `sort` as (field, "ASC" or "DESC")."""
        body: dict[str, Any] = {"search": search.body()}
        if sort:
            body["sort"] = [{"field": field, "order": order} for field, order in sort]
        query = {"count": str(count), "offset": str(offset)}
        request = Request("POST", "contact/contacts/search", query=query, body=body, session=session)
        return (await self._perform(request)).read_or(FoundContacts())

    # call context

    async def read_context(self, session: str, call: ContextOf) -> CallContext:
        """GET context/call/…: what is kept with the call."""
        return (await self._perform(call.request("GET", session))).read_or(CallContext())

    async def write_context(
        self, session: str, call: ContextOf, values: Mapping[str, str], client: str | None = None
    ) -> None:
        """POST context/call/…: adds and replaces keys; `client` is the client code where a user session writes."""
        query = {"client": client} if client else None
        await self._perform(call.request("POST", session, body=context_body(values), query=query))

    async def delete_context(self, session: str, call: ContextOf, key: str | None = None) -> None:
        """DELETE context/call/…: one key, or all of it."""
        await self._perform(call.request("DELETE", session, key=key))

    async def _perform(self, request: Request) -> RawAnswer:
        return await self._transport.perform(request)

    async def _is_known(self, request: Request) -> bool:
        """False where LiveVox does not know the session in the path."""
        try:
            await self._perform(request)
        except SessionLost:
            return False
        except LiveVoxRefused as exc:
            if 404 not in (exc.status, exc.code):
                raise
            return False
        return True


def _header_token(token: str) -> SecretStr:
    if not token.isascii() or not token.isprintable():
        raise ValueError("the API token has characters that cannot stand in a header")
    return SecretStr(token)
