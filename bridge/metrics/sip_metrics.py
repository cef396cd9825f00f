"""[sans-IO] What the edge counts, sorted by what it means to whoever looks at it."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import Metric as Family

from bridge.metrics import catalogue
from bridge.metrics.metric import Metric
from sip.counters import Count, Counters

C = Count

_REQUESTS = (C.INVITES, C.RETRANSMISSIONS, C.OPTIONS, C.INFO, C.REFER, C.CANCELLED, C.ADMITTED)
_REFUSALS = (
    C.STRANGERS,
    C.RATE_LIMITED,
    C.MALFORMED,
    C.BAD_VERSION,
    C.BAD_SCHEME,
    C.BAD_EXTENSION,
    C.BAD_METHOD,
    C.BAD_BODY,
    C.TOO_LARGE,
    C.TOO_MANY_HOPS,
    C.LOOPS,
    C.NO_DIALOG,
    C.DRAINING,
    C.OVERLOADED,
    C.REFUSED,
    C.TIMED_OUT,
    C.WORKER_LOST,
    C.WORKER_SILENT,
)
_DROPPED = (C.KEEPALIVES, C.UNREADABLE, C.UNMATCHED_RESPONSES, C.NOT_A_WORKER, C.UNDELIVERABLE, C.FAULTS)
_FORWARDED = (C.TO_WORKER, C.FROM_WORKER)

#: Each of the edge's counters is a series of one of these.
SORTED: Mapping[Metric, tuple[Count, ...]] = {
    catalogue.SIP_REQUESTS: _REQUESTS,
    catalogue.SIP_REFUSALS: _REFUSALS,
    catalogue.SIP_DROPPED: _DROPPED,
    catalogue.SIP_FORWARDED: _FORWARDED,
}


def sip_families(counters: Counters) -> Iterator[Family]:
    """The counters as they are."""
    for metric, counts in SORTED.items():
        family = metric.family()
        for count in counts:
            family.add_metric([count], counters[count])
        yield family
