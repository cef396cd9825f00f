"""Performs a wrap-up's requests with the LiveVox client, and keeps the lists of each service for a while."""

import asyncio
from dataclasses import dataclass
from typing import Generic, TypeVar

from bridge.livevox.client import LiveVoxClient
from bridge.livevox.phonebook import Phonebook
from bridge.livevox.term_codes import TermCodes
from bridge.wrapup.steps import (
    Answer,
    EndCall,
    JoinCustomer,
    LeaveConference,
    ListPhonebook,
    ListTermCodes,
    ReadStatus,
    ReadyAgent,
    Reconnect,
    Request,
    SetTermCode,
    StartTransfer,
)

ListT = TypeVar("ListT")


@dataclass(frozen=True)
class _Kept(Generic[ListT]):
    content: ListT
    read_at: float


class WrapUpRequests:
    """One for all calls: term codes and phonebooks belong to services, not to agents."""

    def __init__(self, *, keep_s: float = 600.0, limit_s: float = 20.0) -> None:
        """A list is asked for anew when it is older than `keep_s`, or when a step wants it fresh."""
        self.limit_s = limit_s
        """How long one step may take, the wait for the agent's session included: a customer may be waiting for it."""
        self._keep_s = keep_s
        self._term_codes: dict[str, _Kept[TermCodes]] = {}
        self._phonebooks: dict[str, _Kept[Phonebook]] = {}

    def keeps(self, step: Request, now: float) -> bool:
        """The answer to this step is kept: LiveVox will not be asked."""
        match step:
            case ListTermCodes(service_id, fresh=False):
                return self._is_young(self._term_codes.get(service_id), now)
            case ListPhonebook(service_id, fresh=False):
                return self._is_young(self._phonebooks.get(service_id), now)
        return False

    async def perform(self, step: Request, client: LiveVoxClient, session: str) -> Answer:
        """The answer that the step's docstring names; raises LiveVoxError."""
        match step:
            case ReadStatus():
                return await client.status(session, urgent=True)
            case ListTermCodes(service_id, fresh):
                return await self._list_term_codes(client, session, service_id, fresh)
            case ListPhonebook(service_id, fresh):
                return await self._list_phonebook(client, session, service_id, fresh)
            case SetTermCode(choice=choice):
                await client.set_term_code(session, choice)
            case StartTransfer(book_id, contact_id):
                await client.transfer_to_contact(session, book_id, contact_id)
            case EndCall():
                await client.end_customer_call(session)
            case ReadyAgent():
                await client.ready(session, urgent=True)
            case _:
                await self._in_conference(step, client, session)
        return None

    async def _in_conference(
        self, step: JoinCustomer | LeaveConference | Reconnect, client: LiveVoxClient, session: str
    ) -> None:
        match step:
            case JoinCustomer():
                await client.conference_customer(session)
            case LeaveConference():
                await client.conference_leave(session)
            case Reconnect():
                await client.conference_reconnect(session)

    def _is_young(self, kept: _Kept[TermCodes] | _Kept[Phonebook] | None, now: float) -> bool:
        return kept is not None and now - kept.read_at <= self._keep_s

    async def _list_term_codes(self, client: LiveVoxClient, session: str, service_id: str, fresh: bool) -> TermCodes:
        kept, now = self._term_codes.get(service_id), asyncio.get_running_loop().time()
        if kept is None or fresh or not self._is_young(kept, now):
            kept = self._term_codes[service_id] = _Kept(await client.term_codes(session, service_id), now)
        return kept.content

    async def _list_phonebook(self, client: LiveVoxClient, session: str, service_id: str, fresh: bool) -> Phonebook:
        kept, now = self._phonebooks.get(service_id), asyncio.get_running_loop().time()
        if kept is None or fresh or not self._is_young(kept, now):
            kept = self._phonebooks[service_id] = _Kept(await client.phonebook_ext(session, service_id), now)
        return kept.content
