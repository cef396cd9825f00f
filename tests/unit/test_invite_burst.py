"""Whether INVITEs come so fast that what can wait should wait."""

from bridge.invite_burst import InviteBurst


def burst(rate: float, calls: int = 40) -> InviteBurst:
    told = InviteBurst()
    for call in range(calls):
        told.came(call / rate)
    return told


def test_a_hundred_calls_a_second_are_no_burst_and_two_hundred_are_one() -> None:
    assert not burst(100).goes_on(39 / 100)
    assert burst(200).goes_on(39 / 200)


def test_a_few_calls_at_once_are_no_burst() -> None:
    assert not burst(10_000, calls=7).goes_on(0.0007)


def test_it_is_over_when_no_more_calls_come() -> None:
    assert burst(200).goes_on(39 / 200 + 0.02)
    assert not burst(200).goes_on(39 / 200 + 0.06)
