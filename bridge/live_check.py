"""Whether LiveVox and the speech engines are there as the settings say: logs an agent in, looks, and logs it out."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bridge.agents.portal import portal_faults
from bridge.livevox.agent_status import LineState
from bridge.livevox.client import LiveVoxClient
from bridge.livevox.errors import LiveVoxError, LiveVoxRefused
from bridge.settings import Agent, Settings
from bridge.settings.engines import Engine, SipEngine, engine_address, engine_kind, engine_url

#: A password that expires sooner is worth a word, in days.
PASSWORD_DAYS = 7


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    good: bool
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return (
            f"ok     {self.what}" if self.good else f"WRONG  {self.what}" + (f"; {self.remedy}" if self.remedy else "")
        )


async def check_live(settings: Settings, client: LiveVoxClient) -> AsyncIterator[Finding]:
    """What is found, as it is found: one agent of each service is logged in and looks at that service."""
    by_service: dict[str, Agent] = {}
    for agent in settings.agents:
        by_service.setdefault(agent.service_id, agent)
    for agent in by_service.values():
        async for finding in _check_agent(settings, client, agent):
            yield finding


async def check_engines(settings: Settings) -> AsyncIterator[Finding]:
    """Whether each engine that an agent has can be reached; no engine is told of a call."""
    used = dict.fromkeys(name for agent in settings.agents for name in agent.engines)
    for name in used:
        engine = settings.engines[name]
        what = f"engine {name} ({engine_kind(engine)}, {engine_url(engine)})"
        try:
            async with asyncio.timeout(engine.connect_timeout_s):
                said = await _reach(engine)
        except TimeoutError:
            yield Finding(
                False, f"{what}: no answer within {engine.connect_timeout_s:g} s", "is it reachable from here?"
            )
        except ssl.SSLError as exc:
            yield Finding(False, f"{what}: no TLS: {exc.reason or exc}", "is its certificate valid?")
        except OSError as exc:
            yield Finding(False, f"{what}: {exc.strerror or exc}", "is it running, and is the address right?")
        else:
            yield Finding(True, f"{what} {said}")


async def _reach(engine: Engine) -> str:
    """What could be seen of it; raises OSError. A SIP engine would have to be sent a request: its name is looked up."""
    host, port = engine_address(engine)
    if isinstance(engine, SipEngine):
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_DGRAM)
        return f"is at {found[0][4][0]}; whether it answers, a call shows"
    encrypted = engine.url.startswith(("wss:", "https:"))
    _, writer = await asyncio.open_connection(host, port, ssl=encrypted or None)
    writer.close()
    return "takes connections" + (", its certificate is valid" if encrypted else "")


async def _check_agent(settings: Settings, client: LiveVoxClient, agent: Agent) -> AsyncIterator[Finding]:
    name = f"agent {agent.user_name} ({agent.number})"
    try:
        login = await client.login(settings.livevox.client_name, agent.user_name, agent.password)
    except LiveVoxError as exc:
        yield Finding(False, f"{name} cannot log in: {exc}", "five bad passwords lock it: correct before trying again")
        return
    yield Finding(True, f"{name} is logged in")
    days = login.days_until_password_expires
    if days is not None and days < PASSWORD_DAYS:
        yield Finding(False, f"the password of {name} expires in {days} days", "have it changed in LiveVox")
    try:
        async for finding in _check_service(settings, client, login.session_id, agent):
            yield finding
    except LiveVoxError as exc:
        yield Finding(False, str(exc))
    try:
        yield await _log_out(client, login.session_id, name)
    except LiveVoxError as exc:
        yield Finding(False, f"{name} stays logged in: {exc}")


async def _check_service(
    settings: Settings, client: LiveVoxClient, session: str, agent: Agent
) -> AsyncIterator[Finding]:
    service = f"service {agent.service_id}"
    access = await client.service_access(session)
    if agent.service_id not in {known.service_id for known in access.services}:
        known = ", ".join(f"{known.service_id} {known.service_name}".strip() for known in access.services) or "none"
        yield Finding(False, f"{agent.user_name} may not join {service}; it may join: {known}", "correct service_id")
        return
    yield Finding(True, f"{agent.user_name} may join {service}")
    faults = portal_faults(await client.features(session, agent.service_id))
    for fault in faults:
        yield Finding(False, f"{service} does not suit virtual agents", f"in the portal {fault}")
    if not faults:
        yield Finding(True, f"{service} is Agent Call Out, with term codes and phonebook transfers")
    async for finding in _check_term_codes(settings, client, session, agent.service_id):
        yield finding
    async for finding in _check_contacts(settings, client, session, agent.service_id):
        yield finding


async def _check_term_codes(
    settings: Settings, client: LiveVoxClient, session: str, service_id: str
) -> AsyncIterator[Finding]:
    codes = await client.term_codes(session, service_id)
    for name, outcome in settings.outcomes.items():
        wanted = outcome.term_code_for(service_id)
        what = f'outcome {name}: term code "{wanted}" of service {service_id}'
        if codes.by_name(wanted) is not None:
            yield Finding(True, what)
        else:
            known = ", ".join(f'"{code.name}"' for code in codes.codes) or "none"
            yield Finding(False, f"{what} does not exist", f"correct it or add it in the portal; there are: {known}")


async def _check_contacts(
    settings: Settings, client: LiveVoxClient, session: str, service_id: str
) -> AsyncIterator[Finding]:
    if not settings.targets:
        return
    # The book the transfers themselves look contacts up in.
    book = await client.phonebook_ext(session, service_id)
    for name, target in settings.targets.items():
        for wanted in target.contacts:
            what = f'target {name}: phonebook contact "{wanted}" of service {service_id}'
            if book.contact(wanted) is not None:
                yield Finding(True, what)
            else:
                known = ", ".join(f'"{contact.name}"' for contact in book.contacts) or "none"
                yield Finding(
                    False, f"{what} does not exist", f"correct it or add it in the portal; there are: {known}"
                )


async def _log_out(client: LiveVoxClient, session: str, name: str) -> Finding:
    """LiveVox gives one login one session: where a running bridge works with it, ending it would end its call."""
    if await _is_at_work(client, session):
        return Finding(True, f"{name} is at work, so its session is left alone")
    await client.logout(session)
    return Finding(True, f"{name} is logged out")


async def _is_at_work(client: LiveVoxClient, session: str) -> bool:
    try:
        status = await client.status(session)
    except LiveVoxRefused as exc:
        if exc.retryable:
            raise
        # An agent that has joined no service has no status.
        return False
    states = {line.state for line in status.lines} if status is not None else set()
    return bool(states - {"", LineState.LOGOFF})
