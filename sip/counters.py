"""[sans-IO] What the edge counts."""

import enum


class Count(enum.StrEnum):
    """Why a counter goes up; each value is a metric's label."""

    KEEPALIVES = "keepalives"
    #: Empty datagrams and line ends that hold a NAT open: ignored.
    UNREADABLE = "unreadable"
    #: Not SIP, or too little of it to be answered: ignored.
    STRANGERS = "strangers"
    #: From a source that is not allowed.
    RATE_LIMITED = "rate_limited"
    #: Over the rate of its source.
    MALFORMED = "malformed"
    #: 400.
    BAD_VERSION = "bad_version"
    #: 505.
    BAD_SCHEME = "bad_scheme"
    #: 416.
    BAD_EXTENSION = "bad_extension"
    #: 420.
    BAD_METHOD = "bad_method"
    #: 405.
    BAD_BODY = "bad_body"
    #: 415.
    TOO_LARGE = "too_large"
    #: 413 or 513; responses that would not fit a worker's buffer are dropped.
    TOO_MANY_HOPS = "too_many_hops"
    #: 483.
    LOOPS = "loops"
    #: 482: a merged request, or one of ours that came back.
    NO_DIALOG = "no_dialog"
    #: 481.
    DRAINING = "draining"
    #: 503 because no calls are taken.
    OVERLOADED = "overloaded"
    #: 503 because too many INVITEs came in half a minute.
    OPTIONS = "options"
    #: OPTIONS answered.
    INVITES = "invites"
    #: New INVITEs that admission was asked about.
    RETRANSMISSIONS = "retransmissions"
    #: Requests seen before: one more time on the wire, not one more call.
    ADMITTED = "admitted"
    REFUSED = "refused"
    #: By admission.
    CANCELLED = "cancelled"
    #: CANCEL before admission answered.
    TIMED_OUT = "timed_out"
    #: Admission did not answer.
    WORKER_LOST = "worker_lost"
    #: INVITEs and BYEs the edge ended in place of a dead worker.
    WORKER_SILENT = "worker_silent"
    #: INVITEs to which a living worker said nothing.
    INFO = "info"
    REFER = "refer"
    TO_WORKER = "to_worker"
    #: Datagrams forwarded from the network to a worker.
    FROM_WORKER = "from_worker"
    #: Datagrams forwarded from a worker to the network.
    UNMATCHED_RESPONSES = "unmatched_responses"
    #: Responses to no request of ours: dropped.
    NOT_A_WORKER = "not_a_worker"
    #: Datagrams on the inside socket that no living worker sent: dropped.
    UNDELIVERABLE = "undeliverable"
    #: Requests of workers whose target UDP over IPv4 cannot reach, or whose name has no address.
    FAULTS = "faults"
    #: Datagrams whose handling failed: a fault of the edge, logged with its trace.


Counters = dict[Count, int]


def new_counters() -> Counters:
    """Every counter at zero."""
    return dict.fromkeys(Count, 0)
