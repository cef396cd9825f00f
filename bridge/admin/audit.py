"""What operators did, for good: every endpoint that acts notes it here."""

from time import time

import structlog

from bridge.admin.caller import Caller
from bridge.journal import RecordKeeper
from bridge.journal.records import ActionTaken

log = structlog.get_logger()


class Audit:
    """Writes to the journal's audit table and to the log."""

    def __init__(self, journal: RecordKeeper) -> None:
        self._journal = journal

    def note(self, caller: Caller | str, did: str, about: str = "", result: str = "done", *, call: str = "") -> None:
        """Somebody did something, by the API or by a signal, which is named then.

        `did` names it (pause_agent, drain, hang_up, …), `about` says to what (an agent's number, a call's id),
        `result` what came of it: done, or why not. `call`: the id of the call it was about, if it was.
        """
        self._journal.note(ActionTaken(call, time(), str(caller), did, about, result))
        log.info("operator_acted", who=str(caller), did=did, about=about, result=result)
