"""Who hears of calls from outside of them: a fault there must not cost a call."""

import structlog

from bridge.calls.timeline import Entry, Listener

log = structlog.get_logger()


def guarded(listener: Listener) -> Listener:
    """The listener, its faults logged and kept from those it hears of."""

    def listen(entry: Entry) -> None:
        try:
            listener(entry)
        except Exception:  # the listener's outermost level
            log.exception("listener_fault", call=entry.call, entry=entry.what)

    return listen
