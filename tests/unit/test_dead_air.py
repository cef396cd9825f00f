"""When nobody says anything, and who should."""

from bridge.media.dead_air import DeadAirWatch, FoundDeadAir
from bridge.media.messages import Side

BOT, CUSTOMER = Side.ENGINE, Side.CUSTOMER


def watched(
    until: float, said: dict[float, Side] | None = None, *, limit: float = 10.0, apart: range = range(0)
) -> list[FoundDeadAir]:
    """What is found by looking each half second; `said` who spoke when, `apart` the seconds of hold."""
    watch = DeadAirWatch(limit)
    found = []
    for half in range(int(until * 2) + 1):
        now = half / 2
        if said and now in said:
            watch.spoke(said[now], now)
        report = watch.look(int(now) not in apart, now)
        if report is not None:
            found.append(report)
    return found


def test_a_bot_that_never_speaks_owes_the_first_word() -> None:
    assert watched(30) == [FoundDeadAir(BOT, 10, last=False), FoundDeadAir(BOT, 20, last=True)]


def test_whoever_did_not_speak_last_owes_the_next_word() -> None:
    assert watched(13, {1: BOT, 2: CUSTOMER}) == [FoundDeadAir(BOT, 10, last=False)]
    assert watched(13, {1: CUSTOMER, 2: BOT}) == [FoundDeadAir(CUSTOMER, 10, last=False)]


def test_a_bot_that_does_not_answer_a_customer_who_goes_on_is_found_after_twice_the_limit() -> None:
    said = {second: CUSTOMER for second in range(1, 60)} | {0.5: BOT}
    assert watched(45, said) == [FoundDeadAir(BOT, 20, last=False), FoundDeadAir(BOT, 40, last=True)]


def test_a_customer_who_does_not_answer_has_until_the_bot_has_asked_in_vain() -> None:
    said: dict[float, Side] = {second: BOT for second in range(1, 100, 4)}
    assert watched(100, said) == []


def test_speech_ends_dead_air_and_it_can_be_found_again() -> None:
    found = watched(30, {0: BOT, 12: BOT})
    assert found == [FoundDeadAir(CUSTOMER, 10, last=False), FoundDeadAir(CUSTOMER, 10, last=False)]


def test_after_the_last_finding_there_is_none_until_somebody_speaks() -> None:
    assert len(watched(500)) == 2


def test_hold_and_silence_count_for_nothing() -> None:
    assert watched(40, apart=range(5, 35)) == []
    assert watched(46, apart=range(5, 35)) == [FoundDeadAir(BOT, 10, last=False)]


def test_speech_before_both_were_there_counts_for_who_spoke_but_gives_no_time_away() -> None:
    found = watched(36, {1: CUSTOMER}, apart=range(0, 25))
    assert found == [FoundDeadAir(BOT, 10, last=False)]


def test_a_limit_of_0_means_never() -> None:
    assert watched(500, limit=0) == []


def test_a_late_look_finds_the_first_and_leaves_half_the_limit_until_the_last() -> None:
    watch = DeadAirWatch(10)
    watch.look(True, 0)
    found = [report for now in (25, 25.5, 29.5, 30) if (report := watch.look(True, now))]
    assert found == [FoundDeadAir(BOT, 25, last=False), FoundDeadAir(BOT, 30, last=True)]


def test_a_bot_that_asks_again_and_again_holds_no_line_on_which_nobody_is_left() -> None:
    asks: dict[float, Side] = {0: BOT, 12: BOT, 24: BOT, 36: BOT}
    assert [each.last for each in watched(40, asks)] == [False, False, True]


def test_a_word_of_the_customer_gives_the_bot_new_tries() -> None:
    asks: dict[float, Side] = {0: BOT, 12: BOT, 23: CUSTOMER, 24: BOT, 36: BOT, 48: BOT}
    assert [each.last for each in watched(59, asks)] == [False, False, False, False, True]
