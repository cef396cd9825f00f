"""[sans-IO] What would become of a call to a number, by the settings alone: agent, engines, term codes, contacts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bridge.agents.open_hours import DAYS
from bridge.dialects.section import DialectSection
from bridge.settings import Agent, Settings
from bridge.settings.engines import (
    Engine,
    SipEngine,
    engine_kind,
    engine_secret_env,
    engine_url,
    is_local,
    is_local_url,
)
from bridge.settings.secrets import ENGINE_TOKEN
from bridge.settings.sections import DEFAULT_OUTCOME, FATES
from sip.errors import InvalidRequestURI
from sip.request_uri import RequestURI, agent_number


@dataclass(frozen=True)
class Explanation:
    """The text for a person, and whether a call would be taken."""

    taken: bool
    text: str


def explain(settings: Settings, asked: str) -> Explanation:
    """`asked` is a number as people write it, or a whole request URI."""
    try:
        number = _number(asked)
    except InvalidRequestURI as refused:
        return Explanation(False, f"Refused with 404, not ours: {refused.reason}.\n")
    agent = settings.agent(number)
    if agent is None:
        known = ", ".join(known.number for known in settings.agents[:3])
        more = ", …" if len(settings.agents) > 3 else ""
        return Explanation(False, f"Refused with 404: no agent has the number {number}. There are {known}{more}.\n")
    return Explanation(True, "\n".join(_lines(settings, agent)) + "\n")


def _number(asked: str) -> str:
    return agent_number(asked) or RequestURI.parse(asked if ":" in asked else f"tel:{asked}").number


def _lines(settings: Settings, agent: Agent) -> Iterator[str]:
    yield f"{agent.number} is the agent {agent.user_name} in service {agent.service_id}."
    yield ""
    yield f"An INVITE for sip:+1{agent.number}@{settings.sip.public_address}:{settings.sip.listen.port}"
    yield from _table(_invite(settings, agent))
    yield ""
    yield "The call ends, and LiveVox is told"
    yield from _table(_outcomes(settings, agent.service_id))
    yield ""
    yield "The bot asks for a human, and these contacts of the phonebook are tried"
    yield from _table(_targets(settings, agent.service_id) or [("(no [targets])", "the customer stays with the bot")])
    yield ""
    yield _failure(settings)


def _invite(settings: Settings, agent: Agent) -> Iterator[Sequence[str]]:
    others = "others get 403" if settings.sip.strangers == "refuse" else "others get no answer"
    yield "is taken from", f"{', '.join(map(str, settings.sip.allow))}; {others}"
    yield "while the agent is logged in", _hours(settings)
    for position, name in enumerate(agent.engines, start=1):
        yield f"engine {position}", f"{name}: {_engine(settings.engines[name])}"
    if settings.livevox.on_engine_unavailable == "transfer":
        yield "no engine answers", f"answered all the same, and handed over to {settings.livevox.on_failure}"
    else:
        yield "no engine answers", "503"
    dead_air_s = settings.media.dead_air_s
    if dead_air_s:
        yield "nobody says anything", f"the bot is told after {dead_air_s:g} s, and dead_air after {2 * dead_air_s:g} s"
    else:
        yield "nobody says anything", "nothing is done: media.dead_air_s is 0"
    yield (
        "audio",
        f"{' or '.join(settings.media.codecs)} to {settings.media.public_address}, ports {settings.media.ports}",
    )
    reached = ", from this machine only" if is_local_url(settings.admin.public_url) else ""
    yield "the HTTP API for bots", f"{settings.admin.public_url}{reached}, with the token in {ENGINE_TOKEN}"


def _engine(engine: Engine) -> str:
    """How it is reached, what is needed for that, and when it is given up."""
    words = [engine_url(engine)]
    if not isinstance(engine, SipEngine):
        words[0] = f"{engine_kind(engine)} {words[0]}"
        words.append(_secret(engine))
    words.append(f"passed over after {engine.connect_timeout_s:g} s")
    if isinstance(engine, DialectSection) and engine.reconnect_s:
        words.append(f"a lost connection is tried again for {engine.reconnect_s:g} s")
    return ", ".join(words)


def _secret(engine: Engine) -> str:
    variable = engine_secret_env(engine)
    if not variable:
        return "no secret"
    return f"secret in {variable}" + (" (not needed: it is on this machine)" if is_local(engine) else "")


def _hours(settings: Settings) -> str:
    if settings.livevox.hours is None:
        return "always"
    hours = settings.livevox.hours.open_hours()
    days = [f"{day} {' '.join(map(str, spans))}" for day, spans in zip(DAYS, hours.ranges, strict=True) if spans]
    return f"{', '.join(days)} ({hours.zone.key}), but for {len(hours.holidays)} holidays"


def _outcomes(settings: Settings, service_id: str) -> Iterator[Sequence[str]]:
    for name in dict.fromkeys((DEFAULT_OUTCOME, *FATES, *settings.outcomes)):
        outcome = settings.outcome(name)
        remarks = []
        if name not in settings.outcomes:
            remarks.append("as default")
        if outcome.notes:
            remarks.append(f"notes: {outcome.notes}")
        remarks.append("agent Not Ready" if outcome.move_to_not_ready else "agent Ready")
        yield name, f'"{outcome.term_code_for(service_id)}"', ", ".join(remarks)


def _targets(settings: Settings, service_id: str) -> list[Sequence[str]]:
    return [
        (
            ", ".join((name, *target.aliases)),
            ", then ".join(f'"{contact}"' for contact in target.contacts),
            f'"{settings.outcome(target.outcome).term_code_for(service_id)}" ({target.outcome})',
        )
        for name, target in settings.targets.items()
    ]


def _failure(settings: Settings) -> str:
    if not settings.livevox.on_failure:
        return "When the engine or the bridge fails, the call ends: livevox.on_failure names no target."
    return f"When the engine or the bridge fails, the customer is handed over to {settings.livevox.on_failure}."


def _table(rows: Iterator[Sequence[str]] | list[Sequence[str]]) -> Iterator[str]:
    """Rows in columns, two blanks before and between them."""
    cells = [list(row) for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    for row in cells:
        yield "".join(f"  {cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
