"""[sans-IO] Settings that are each valid and cannot be true together."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bridge.section import is_loopback
from bridge.settings.document import nearest
from bridge.settings.draft import AgentDraft, Draft
from bridge.settings.engines import SipEngine, engine_address, sends_rtp
from bridge.settings.lines import KeyPath
from bridge.settings.sections import DEFAULT_OUTCOME, FATES, SipSection
from bridge.settings.values import WILDCARD, Endpoint

#: RTP ports of a call, all even: one towards LiveVox, one towards the engine.
PORTS_A_CALL = 2
LOCALHOST = "127.0.0.1"


@dataclass(frozen=True)
class Contradiction:
    """What is wrong where."""

    path: KeyPath
    what: str
    remedy: str
    agents_file_line: int | None = None
    """Set when the path is below agents_file: the line in that file."""


Findings = Iterator[Contradiction]


def contradictions(draft: Draft) -> Findings:
    """All there are, as far as the sections could be read."""
    for find in _ALL:
        yield from find(draft)


def announced_address(sip: SipSection, draft: Draft) -> str:
    """The address others reach us at; "" when only the user can know it.

    Behind 0.0.0.0 it is known only when nobody but this machine is to reach us by SIP or RTP.
    """
    if sip.public_address or sip.listen.host != WILDCARD:
        return sip.public_address or sip.listen.host
    engines = [engine for engine in draft.engines.values() if engine is not None and sends_rtp(engine)]
    hosts = [engine_address(engine)[0] for engine in engines]
    local = all(network.is_loopback for network in sip.allow) and all(is_loopback(host) for host in hosts)
    return "127.0.0.1" if local else ""


# addresses and ports


def _no_public_address(draft: Draft) -> Findings:
    if draft.sip is not None and not announced_address(draft.sip, draft):
        what = "is needed: sip.listen is 0.0.0.0, which nobody can send to"
        yield Contradiction(
            ("sip", "public_address"), what, "set it to the address LiveVox and the engines reach us at"
        )


def _media_elsewhere(draft: Draft) -> Findings:
    if draft.sip is None or draft.media is None:
        return
    listens, announced = draft.media.listen_address, announced_address(draft.sip, draft)
    said = draft.media.public_address or draft.sip.public_address
    if listens not in ("", WILDCARD, announced) and announced and not said:
        what = f"is needed: RTP is received on {listens}, but SDP would say {announced}"
        yield Contradiction(
            ("media", "public_address"), what, "set it to the address that reaches media.listen_address"
        )


def _too_few_ports(draft: Draft) -> Findings:
    if draft.sip is None or draft.media is None:
        return
    ports, calls = draft.media.ports, draft.sip.max_calls
    there = ports.last // 2 - (ports.first - 1) // 2
    if there < calls * PORTS_A_CALL:
        what = f"{ports} has {there} even ports, and {calls} calls (sip.max_calls) take {calls * PORTS_A_CALL}"
        remedy = "widen it, with some to spare for ports that rest, or lower sip.max_calls"
        yield Contradiction(("media", "ports"), what, remedy)


def _sip_port_among_rtp(draft: Draft) -> Findings:
    if draft.sip is None or draft.media is None:
        return
    ports = draft.media.ports
    if ports.first <= draft.sip.listen.port <= ports.last:
        what = f"{ports} holds the SIP port {draft.sip.listen.port}"
        yield Contradiction(("media", "ports"), what, "choose a range without it")


def _session_too_short(draft: Draft) -> Findings:
    if draft.sip is not None and draft.sip.session_expires_s < draft.sip.min_se_s:
        what = f"is {draft.sip.session_expires_s}, less than sip.min_se_s, which is {draft.sip.min_se_s}"
        yield Contradiction(("sip", "session_expires_s"), what, "raise it, or lower sip.min_se_s")


def _more_spare_than_calls(draft: Draft) -> Findings:
    if draft.sip is not None and draft.sip.spare_calls > draft.sip.max_calls:
        what = f"is {draft.sip.spare_calls}, more than sip.max_calls, which is {draft.sip.max_calls}"
        yield Contradiction(("sip", "spare_calls"), what, "lower it")


# agents and engines


def _agents_missing_or_twice(draft: Draft) -> Findings:
    if not draft.agents and draft.all_agents_read:
        yield Contradiction(("agents",), "there are none", "add an [[agents]] table for each, or name an agents_file")
    # One LiveVox login has one session: it cannot be two agents (livevox_api: same user and token, same session).
    for key in ("number", "user_name"):
        seen: set[str] = set()
        for agent in draft.agents:
            value = getattr(agent.entry, key)
            if value in seen:
                yield _of_agent(agent, key, f'"{value}" is another agent\'s too', "give each agent its own")
            seen.add(value)


def _agent_without_service(draft: Draft) -> Findings:
    if draft.livevox is None or draft.livevox.service_id:
        return
    for agent in draft.agents:
        if not agent.entry.service_id:
            remedy = "set it here, or livevox.service_id for all"
            yield _of_agent(agent, "service_id", f"agent {agent.entry.number} has no service to join", remedy)


def _agent_without_engine(draft: Draft) -> Findings:
    if draft.agent_defaults is None or draft.agent_defaults.engines:
        return
    for agent in draft.agents:
        if not agent.entry.engines:
            remedy = "set it here, or agent_defaults.engines for all"
            yield _of_agent(agent, "engines", f"agent {agent.entry.number} has no engine", remedy)


def _unknown_engines(draft: Draft) -> Findings:
    for name in draft.agent_defaults.engines if draft.agent_defaults else ():
        if name not in draft.engines:
            yield Contradiction(("agent_defaults", "engines"), *_unknown("engines", name, draft.engines))
    for agent in draft.agents:
        for name in agent.entry.engines:
            if name not in draft.engines:
                yield _of_agent(agent, "engines", *_unknown("engines", name, draft.engines))


def _unknown_recorded(draft: Draft) -> Findings:
    if draft.recording is None:
        return
    for name in draft.recording.engines:
        if name not in draft.engines:
            yield Contradiction(("recording", "engines"), *_unknown("engines", name, draft.engines))
    numbers = {agent.entry.number for agent in draft.agents}
    for number in draft.recording.agents:
        if number not in numbers and draft.all_agents_read:
            what = f"there is no agent {number}"
            yield Contradiction(("recording", "agents"), what, "write the number of one of the agents, or leave it out")


def _engine_is_the_bridge(draft: Draft) -> Findings:
    for name, engine in draft.engines.items():
        if engine is None:
            continue
        by_sip = isinstance(engine, SipEngine)
        section, key = ("sip", "uri") if by_sip else ("admin", "url")
        ours = draft.sip if by_sip else draft.admin
        host, port = engine_address(engine)
        if ours is not None and port == ours.listen.port and _is_here(draft, host, ours.listen):
            what = f"{host}:{port} is this bridge itself ({section}.listen)"
            yield Contradiction(("engines", name, key), what, "write the address of the speech engine")


def _is_here(draft: Draft, host: str, listen: Endpoint) -> bool:
    """A host is the address this socket of ours has."""
    public = draft.sip.public_address if draft.sip is not None else ""
    ours = {listen.host, public} - {""}
    return (LOCALHOST if host == "localhost" else host) in ours or (listen.host == WILDCARD and is_loopback(host))


# outcomes, targets, hours


def _no_default_outcome(draft: Draft) -> Findings:
    if DEFAULT_OUTCOME not in draft.outcomes:
        remedy = 'add [outcomes.default] with term_code = "…": it stands in for every outcome without a section'
        yield Contradiction(("outcomes", DEFAULT_OUTCOME), "is required", remedy)


def _unknown_outcomes(draft: Draft) -> Findings:
    known = list(dict.fromkeys((*draft.outcomes, DEFAULT_OUTCOME, *FATES)))
    for name, target in draft.targets.items():
        if target is not None and target.outcome not in known:
            what, remedy = _unknown("outcomes", target.outcome, known)
            yield Contradiction(("targets", name, "outcome"), what, remedy)


def _aliases_twice(draft: Draft) -> Findings:
    owners = {name: name for name in draft.targets}
    for name, target in draft.targets.items():
        for alias in target.aliases if target is not None else ():
            owner = owners.setdefault(alias.casefold(), name)
            if owner != name:
                what = f'"{alias}" stands for the target "{owner}" already'
                yield Contradiction(("targets", name, "aliases"), what, "keep it with one of them")


def _unknown_failure_target(draft: Draft) -> Findings:
    if draft.livevox is not None and draft.livevox.on_failure not in ("", *draft.targets):
        what, remedy = _unknown("targets", draft.livevox.on_failure, draft.targets)
        yield Contradiction(("livevox", "on_failure"), what, remedy)


def _nobody_to_transfer_to(draft: Draft) -> Findings:
    livevox = draft.livevox
    if livevox is not None and livevox.on_engine_unavailable == "transfer" and not livevox.on_failure:
        what = 'is "transfer", but livevox.on_failure names no target'
        remedy = 'name one of [targets] there, or write "refuse"'
        yield Contradiction(("livevox", "on_engine_unavailable"), what, remedy)


def _never_open(draft: Draft) -> Findings:
    hours = draft.livevox.hours if draft.livevox is not None else None
    if hours is not None and not any(hours.open_hours().ranges):
        remedy = 'add days, as in monday = ["08:00-20:00"], or remove the section to be always open'
        yield Contradiction(("livevox", "hours"), "no day has hours: the agents would never log in", remedy)


def _unknown(table: str, name: str, known: Iterable[str]) -> tuple[str, str]:
    return f"there is no [{table}.{name}]", nearest(name, known)


def _of_agent(agent: AgentDraft, key: str, what: str, remedy: str) -> Contradiction:
    return Contradiction((*agent.path, key), what, remedy, agent.line)


_ALL: tuple[Callable[[Draft], Findings], ...] = (
    _no_public_address,
    _media_elsewhere,
    _too_few_ports,
    _sip_port_among_rtp,
    _session_too_short,
    _more_spare_than_calls,
    _agents_missing_or_twice,
    _agent_without_service,
    _agent_without_engine,
    _unknown_engines,
    _unknown_recorded,
    _engine_is_the_bridge,
    _no_default_outcome,
    _unknown_outcomes,
    _aliases_twice,
    _unknown_failure_target,
    _nobody_to_transfer_to,
    _never_open,
)
