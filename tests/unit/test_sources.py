"""Who may send to the edge, and how much."""

from ipaddress import IPv4Network

from sip.sources import PEER_TIME, PEERS_KEPT, SOURCES_KEPT, Sources, Standing, TokenBucket, Verdict

ALLOW = (IPv4Network("192.0.2.0/24"), IPv4Network("198.51.100.7/32"))


def sources(rate: float = 10, burst: int = 2) -> Sources:
    return Sources(ALLOW, rate, burst)


def test_only_sources_in_an_allowed_network_may_call() -> None:
    table = sources()
    hosts = ["192.0.2.255", "192.0.3.0", "198.51.100.7", "198.51.100.8", "192.0.2.255"]
    standings = [table.standing(host, 0.0) for host in hosts]
    allowed, stranger = Standing.ALLOWED, Standing.STRANGER
    assert standings == [allowed, stranger, allowed, stranger, allowed]


def test_no_network_allows_nobody() -> None:
    assert Sources((), 1, 1).standing("127.0.0.1", 0.0) is Standing.STRANGER


def test_an_address_that_is_none_is_a_stranger() -> None:
    assert sources().standing("::1", 0.0) is Standing.STRANGER


def test_who_our_requests_went_to_is_a_peer_for_a_while() -> None:
    table = sources()
    table.sent_to("203.0.113.9", 100.0)
    assert table.standing("203.0.113.9", 100.0 + PEER_TIME - 1) is Standing.PEER
    assert table.standing("203.0.113.9", 100.0 + 2 * PEER_TIME - 2) is Standing.PEER
    assert table.standing("203.0.113.9", 100.0 + 3 * PEER_TIME) is Standing.STRANGER


def test_an_allowed_source_stays_allowed_when_we_send_to_it() -> None:
    table = sources()
    table.sent_to("192.0.2.1", 0.0)
    assert table.standing("192.0.2.1", 1.0) is Standing.ALLOWED


def test_a_burst_is_served_then_some_are_refused_then_silence() -> None:
    table = sources(burst=2)
    verdicts = [table.charge("192.0.2.1", 5.0) for _ in range(20)]
    assert verdicts == [Verdict.SERVE] * 2 + [Verdict.REFUSE] * 10 + [Verdict.IGNORE] * 8


def test_one_source_over_its_rate_costs_another_nothing() -> None:
    table = sources(burst=1)
    assert [table.charge("192.0.2.1", 0.0) for _ in range(3)][-1] is Verdict.REFUSE
    assert table.charge("192.0.2.2", 0.0) is Verdict.SERVE


def test_a_source_at_twice_its_rate_is_served_half_the_time() -> None:
    table = sources(rate=10, burst=5)
    served = sum(table.charge("192.0.2.1", number * 0.05) is Verdict.SERVE for number in range(400))
    assert 195 <= served <= 210


def test_tokens_never_exceed_the_burst() -> None:
    bucket = TokenBucket(10, 2, 2, 0.0)
    assert [bucket.take(1000.0) for _ in range(3)] == [True, True, False]


def test_strangers_are_told_so_only_so_often_all_together() -> None:
    table = sources()
    assert sum(table.answer_stranger(0.0) for _ in range(100)) == 10
    assert table.answer_stranger(0.5)
    assert not table.answer_stranger(0.5)


def test_memory_is_bounded_whatever_arrives() -> None:
    table = Sources((IPv4Network("0.0.0.0/1"),), 1, 1)
    for number in range(3 * SOURCES_KEPT):
        host = f"{number % 250 + 1}.{number // 250 % 256}.{number // 64_000}.7"
        table.standing(host, 0.0)
        table.charge(host, 0.0)
        table.sent_to(host, 0.0)
    assert len(table._allowed) <= SOURCES_KEPT
    assert len(table._buckets) == SOURCES_KEPT
    assert len(table._peers) == PEERS_KEPT


def test_the_source_heard_least_recently_is_forgotten_first() -> None:
    table = Sources((IPv4Network("10.0.0.0/8"),), 0.001, 1)
    table.charge("10.0.0.1", 0.0)
    for number in range(SOURCES_KEPT):
        table.charge("10.0.0.1", 0.0)
        table.charge(f"10.{number // 250}.{number % 250}.9", 0.0)
    assert table.charge("10.0.0.1", 0.0) is Verdict.IGNORE


def test_other_networks_and_rates_hold_at_once() -> None:
    table = sources(rate=1, burst=1)
    assert table.standing("192.0.2.1", 0.0) is Standing.ALLOWED
    assert [table.charge("192.0.2.1", 0.0) for _ in range(2)] == [Verdict.SERVE, Verdict.REFUSE]
    table.change((IPv4Network("203.0.113.0/24"),), 100.0, 3)
    assert table.standing("192.0.2.1", 0.0) is Standing.STRANGER
    assert table.standing("203.0.113.1", 0.0) is Standing.ALLOWED
    assert [table.charge("192.0.2.1", 0.02) for _ in range(3)] == [Verdict.SERVE, Verdict.SERVE, Verdict.REFUSE]
    assert [table.charge("203.0.113.1", 1.0) for _ in range(4)] == [Verdict.SERVE] * 3 + [Verdict.REFUSE]


def test_a_source_is_ignored_once_it_is_over_its_rate_and_has_been_told_so() -> None:
    table = sources(rate=1, burst=2)
    assert not table.is_ignored("192.0.2.1", 0.0)
    verdicts = []
    while not table.is_ignored("192.0.2.1", 0.0):
        verdicts.append(table.charge("192.0.2.1", 0.0))
    assert verdicts == [Verdict.SERVE] * 2 + [Verdict.REFUSE] * 10
    assert table.charge("192.0.2.1", 0.0) is Verdict.IGNORE
    assert not table.is_ignored("192.0.2.2", 0.0)
    assert not table.is_ignored("192.0.2.1", 1.0)
    assert table.charge("192.0.2.1", 1.0) is Verdict.SERVE
