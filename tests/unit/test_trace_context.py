"""The ids of a call's trace."""

import re
from secrets import token_hex

from bridge.trace_context import engine_span, is_sampled, span_id, trace_id, traceparent

CALLS = [token_hex(10) for _ in range(500)]


def test_ids_follow_from_the_call_and_differ_from_each_other() -> None:
    assert trace_id("c1") == trace_id("c1") != trace_id("c2")
    spans = {span_id(call, what) for call in CALLS for what in ("call", engine_span(1), engine_span(2))}
    assert len(spans) == 3 * len(CALLS)


def test_the_header_is_as_w3c_has_it() -> None:
    told = traceparent("c1", 2, 1.0)
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", told)
    assert told == f"00-{trace_id('c1'):032x}-{span_id('c1', engine_span(2)):016x}-01"


def test_a_call_that_is_not_sampled_says_so_to_its_engine() -> None:
    assert traceparent("c1", 1, 0.0).endswith("-00")


def test_a_share_of_the_calls_is_sampled_always_the_same() -> None:
    chosen = [call for call in CALLS if is_sampled(call, 0.3)]
    assert 0.2 * len(CALLS) < len(chosen) < 0.4 * len(CALLS)
    assert all(is_sampled(call, 0.5) for call in chosen)
    assert not any(is_sampled(call, 0.0) for call in CALLS)
    assert all(is_sampled(call, 1.0) for call in CALLS)
