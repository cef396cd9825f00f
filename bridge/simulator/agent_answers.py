"""[sans-IO] The agent's part of the REST API: what each endpoint of callControl/agent does."""

from collections.abc import Callable
from functools import partial

from bridge.simulator.agents import features
from bridge.simulator.disposition import TermCodeRequest
from bridge.simulator.endpoints import Endpoint
from bridge.simulator.errors import RequestRefused
from bridge.simulator.floor import Agent
from bridge.simulator.platform import Platform
from bridge.simulator.requests import NO_CONTENT, Reply, Request
from bridge.simulator.status import screen_pop, term_code_list

_E = Endpoint
AgentAnswer = Callable[[Agent, Request, float], Reply]


def agent_answers(platform: Platform) -> dict[Endpoint, AgentAnswer]:
    """What answers each endpoint that is for agents; the functions raise RequestRefused."""
    return {
        _E.SERVICE_ACCESS: lambda agent, _, __: Reply.of(200, platform.agents.access(agent)),
        _E.SERVICE_FEATURES: partial(_features, platform),
        _E.SERVICE_STATS: lambda agent, _, now: Reply.of(200, platform.agents.stats(agent, now)),
        _E.JOIN: partial(_join, platform),
        _E.LEAVE_SERVICE: _silent(platform.agents.leave),
        _E.READY: _silent(platform.agents.ready),
        _E.NOT_READY: partial(_not_ready, platform),
        _E.STATUS: partial(_status, platform),
        _E.SCREENPOP: lambda agent, _, __: Reply.of(200, screen_pop(agent.call)),
        _E.TERM_CODES: partial(_term_codes, platform),
        _E.SET_TERM_CODE: partial(_set_term_code, platform),
        _E.CALL_END: _silent(platform.calls.end),
        _E.OLD_CALL_END: partial(_old_call_end, platform),
        _E.HOLD: _silent(platform.calls.hold),
        _E.UNHOLD: _silent(platform.calls.unhold),
        _E.PHONEBOOK: partial(_phonebook, platform),
        _E.PHONEBOOK_EXT: partial(_phonebook, platform),
        _E.CONFERENCE_PHONEBOOK: partial(_conference_phonebook, platform),
        _E.CONFERENCE_MANUAL: partial(_conference_manual, platform),
        _E.CONFERENCE_CUSTOMER: _silent(platform.transfers.bring_customer),
        _E.CONFERENCE_LEAVE: _silent(platform.transfers.leave),
        _E.CONFERENCE_RECONNECT: _silent(platform.transfers.reconnect),
    }


def _silent(do: Callable[[Agent, float], None]) -> AgentAnswer:
    """An endpoint that needs nothing but the agent and answers nothing but 204."""

    def answer(agent: Agent, request: Request, now: float) -> Reply:
        do(agent, now)
        return NO_CONTENT

    return answer


def _features(platform: Platform, agent: Agent, request: Request, now: float) -> Reply:
    service = platform.agents.permitted(agent, request.asked("serviceId"))
    world = platform.floor.world
    return Reply.of(200, features((world.client_id, world.client_name), service))


def _join(platform: Platform, agent: Agent, request: Request, now: float) -> Reply:
    platform.agents.join(agent, request.asked("serviceId"), request.query.get("phoneNumber", ""), now)
    return NO_CONTENT


def _not_ready(platform: Platform, agent: Agent, request: Request, now: float) -> Reply:
    platform.agents.not_ready(agent, request.query.get("reasonCode", ""), now)
    return NO_CONTENT


def _status(platform: Platform, agent: Agent, request: Request, now: float) -> Reply:
    changed_after = request.integer("stateChangedAfter")
    return Reply.of(200, platform.agents.status(agent, changed_after, now))


def _term_codes(platform: Platform, agent: Agent, request: Request, now: float) -> Reply:
    service = platform.agents.permitted(agent, request.asked("serviceId"))
    return Reply.of(200, term_code_list(service, platform.faults.term_code_shape))


def _set_term_code(platform: Platform, agent: Agent, request: Request, now: float) -> Reply:
    term_code = TermCodeRequest(
        transaction_id=request.text("callTransactionId", ""),
        session_id=request.text("callSessionId", ""),
        term_code_id=request.text("termCodeId", ""),
        phone_dialed=request.text("phoneDialed", ""),
        move_to_not_ready=request.flag("moveAgentToNotReady"),
        payment=request.amount("paymentAmt"),
        account=request.text("account", ""),
        notes=request.text("notes", ""),
    )
    platform.calls.set_term_code(agent, term_code, now)
    return NO_CONTENT


def _old_call_end(platform: Platform, agent: Agent, request: Request, now: float) -> Reply:
    if not platform.faults.old_call_end:
        raise RequestRefused(404, "There is no such resource")
    platform.calls.end(agent, now)
    return NO_CONTENT


def _phonebook(platform: Platform, agent: Agent, request: Request, now: float) -> Reply:
    service = platform.agents.permitted(agent, request.asked("serviceId"))
    return Reply.of(200, platform.transfers.phonebook(service))


def _conference_phonebook(platform: Platform, agent: Agent, request: Request, now: float) -> Reply:
    book, contact = request.integer("phoneBookId"), request.integer("phoneBookContactId")
    if book is None or contact is None:
        raise RequestRefused(400, "phoneBookId and phoneBookContactId are required")
    platform.transfers.start(agent, book, contact, now)
    return NO_CONTENT


def _conference_manual(platform: Platform, agent: Agent, request: Request, now: float) -> Reply:
    number = request.text("supervisorNumber")
    platform.transfers.start_manual(agent, number, request.flag("putCallOnHold") is not False, now)
    return NO_CONTENT
