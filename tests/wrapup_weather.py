"""What may be between a wrap-up and LiveVox, and what LiveVox may be like: strategies for tests that try it all."""

from hypothesis import strategies as st

from bridge.livevox.errors import LiveVoxError, LiveVoxRefused, SessionLost, UnreadableAnswer
from bridge.simulator.faults import EndCall, Faults, LeaveEarly, MidCall, TermCodeInCall
from tests.wrapup_stage import LOST_AFTER, LOST_BEFORE, NOT_SENT

#: Whether LiveVox carries the request out, and the error seen instead of its answer.
BAD_WEATHER: list[tuple[bool, LiveVoxError]] = [
    LOST_BEFORE,
    LOST_AFTER,
    NOT_SENT,
    (False, LiveVoxRefused("X", 500, 500, "trouble")),
    (True, LiveVoxRefused("X", 502, 502, "trouble")),
    (False, LiveVoxRefused("X", 429, 429, "slowly", retry_after_s=3.0)),
    (False, SessionLost("X", 401, 401, "")),
    (True, UnreadableAnswer("X", 200, "cut off")),
]

contacts = st.lists(
    st.sampled_from(
        [
            "Collections Queue",
            "Billing",
            "After Hours Voicemail",
            "Overflow Queue",
            "Supervisor Desk",
            "Night Line",
            "Not In The Book",
        ]
    ),
    max_size=3,
    unique=True,
).map(tuple)

platforms = st.builds(
    Faults,
    require_end_call=st.sampled_from(EndCall),
    term_code_in_call=st.sampled_from(TermCodeInCall),
    status_lag_s=st.sampled_from([0.0, 0.0, 3.0]),
    conference_delay_s=st.sampled_from([0.0, 0.7, 3.0]),
    leave_needs_customer=st.booleans(),
    leave_early=st.sampled_from(LeaveEarly),
    bye_after_leave_s=st.sampled_from([None, 0.0, 0.2]),
    ready_in_call=st.sampled_from(MidCall),
)
