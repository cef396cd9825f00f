"""What an agent waits for, in words."""

from dataclasses import replace

import pytest

from bridge.admin.agent_words import waits_for
from bridge.agents.messages import AgentPhase
from bridge.agents.view import AgentView

P = AgentPhase
VIEW = AgentView(
    number="8990000001",
    user_name="VA0001",
    state=P.READY,
    session_id="s",
    service_id="46014",
    call=None,
    since=0.0,
    reason="Ready",
    days_until_password_expires=None,
    steps=1,
    takes_calls=True,
    paused=False,
    next_step_s=None,
)


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (VIEW, "a call"),
        (replace(VIEW, state=P.ON_CALL, call="c1"), "the end of call c1"),
        (replace(VIEW, state=P.ON_CALL, call="c1", paused=True), "the end of call c1, then to be paused"),
        (replace(VIEW, state=P.ON_CALL), "the INVITE of the call LiveVox shows, or its end"),
        (replace(VIEW, state=P.WRAP_UP, call="c1"), "LiveVox to take the disposition of call c1"),
        (
            replace(VIEW, state=P.WRAP_UP),
            "the wrap-up of a call that is none of ours: the bridge sets its term code",
        ),
        (replace(VIEW, state=P.PAUSED), "an operator to resume it"),
        (replace(VIEW, state=P.LOGGED_OUT, next_step_s=12.4), "its next log-in in 12 s"),
        (replace(VIEW, state=P.LOGGED_OUT), "nothing: the bridge stops"),
        (replace(VIEW, state=P.NOT_READY, next_step_s=5.0), "LiveVox to take it as Ready, tried again in 5 s"),
        (replace(VIEW, state=P.CLOSED), "the open hours"),
    ],
)
def test_an_agent_waits_for(view: AgentView, words: str) -> None:
    assert waits_for(view, None) == words


def test_who_is_locked_waits_for_an_operator() -> None:
    assert waits_for(replace(VIEW, state=P.LOCKED), None).startswith("an operator: LiveVox refused its credentials")


def test_closed_hours_say_when_they_open() -> None:
    words = waits_for(replace(VIEW, state=P.CLOSED), 1_700_000_000.0)
    assert words == "the open hours, which begin 2023-11-14T22:13:20.000Z"


@pytest.mark.parametrize("phase", AgentPhase)
def test_there_are_words_for_every_phase(phase: AgentPhase) -> None:
    assert waits_for(replace(VIEW, state=phase), None)
