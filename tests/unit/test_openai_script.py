import pytest

from bridge.simulator.openai_script import ModelScript
from bridge.simulator.stream_bot import BotScriptLine, StreamBotSettings


def script(line: str, **settings: object) -> ModelScript:
    chosen = StreamBotSettings(**{"speak_s": 0.5, **settings})  # type: ignore[arg-type]
    return ModelScript(chosen, BotScriptLine.parse(line))


def acts(model: ModelScript, turns: int) -> list[tuple[int, list[tuple[str, dict[str, object]]]]]:
    """Milliseconds of speech and functions of the next replies."""
    replies = [model.reply() for _ in range(turns)]
    return [
        (len(reply.audio) // 8, [(name, dict(told)) for name, told in reply.functions]) for reply in replies if reply
    ]


@pytest.mark.parametrize(
    ("line", "first", "second"),
    [
        ("finish", (500, [("end_call", {"outcome": "completed"})]), (1000, [])),
        ("finish:paid", (500, [("end_call", {"outcome": "paid"})]), (1000, [])),
        ("slow:1", (500, [("end_call", {"outcome": "completed"})]), (1000, [])),
        ("nonsense", (500, [("end_call", {"outcome": "completed"})]), (1000, [])),
        ("wait", (500, []), (1000, [])),
        ("dtmf:12", (500, [("send_digits", {"digits": "12"})]), (1000, [])),
        ("barge-in", (30_000, []), (1000, [])),
        ("flood:20", (20_000, []), (1000, [])),
        (
            "transfer:billing",
            (500, [("transfer_call", {"target": "billing"})]),
            (1000, [("end_call", {"outcome": "transfer_failed"})]),
        ),
    ],
)
def test_a_script_says_what_each_turn_is(line: str, first: object, second: object) -> None:
    assert acts(script(line), 2) == [first, second]


def test_the_outcome_comes_with_its_remarks() -> None:
    ((_, functions),) = acts(script("finish", notes="in full", payment_amount="12.50"), 1)
    assert functions == [("end_call", {"outcome": "completed", "notes": "in full", "payment_amount": "12.50"})]


@pytest.mark.parametrize("line", ["silent", "echo"])
def test_some_models_make_no_response_at_all(line: str) -> None:
    assert script(line).reply() is None


def test_some_models_go_away() -> None:
    bye, drop = script("bye", after_s=0.25).reply(), script("drop").reply()
    assert bye is not None and drop is not None
    assert (bye.close_after_s, bye.vanish_after_s) == (0.75, None)
    assert (drop.close_after_s, drop.vanish_after_s) == (None, 0.25)


def test_a_key_starts_another_script() -> None:
    model = script("wait", digits={"9": BotScriptLine.parse("finish:paid")})
    model.reply()
    model.pressed("19")
    assert acts(model, 1) == [(500, [("end_call", {"outcome": "paid"})])]


def test_what_a_reply_meant_to_do_is_done_in_the_next_turn_when_the_customer_cut_it_off() -> None:
    model = script("finish")
    cut = model.reply()
    assert cut is not None
    model.cut_off(cut)
    assert acts(model, 2) == [(500, [("end_call", {"outcome": "completed"})]), (1000, [])]


def test_speech_that_was_cut_off_is_not_said_again() -> None:
    model = script("wait")
    cut = model.reply()
    assert cut is not None
    model.cut_off(cut)
    assert acts(model, 1) == [(1000, [])]
