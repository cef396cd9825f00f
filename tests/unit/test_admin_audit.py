from time import time

from structlog.testing import capture_logs

from bridge.admin.access import Scope
from bridge.admin.audit import Audit
from bridge.admin.caller import Caller
from bridge.journal.records import ActionTaken
from tests.kept_records import KeptRecords


def test_what_an_operator_did_is_a_record_that_names_the_token_and_the_address() -> None:
    kept, before = KeptRecords(), time()
    Audit(kept).note(Caller(Scope.ADMIN, "192.0.2.7"), "hang_up", "0123", "refused: the call is over", call="0123")
    (record,) = kept.records
    assert isinstance(record, ActionTaken)
    assert before <= record.at <= time()
    told = (record.call, record.who, record.did, record.about, record.result)
    assert told == ("0123", "admin from 192.0.2.7", "hang_up", "0123", "refused: the call is over")


def test_the_log_has_it_too() -> None:
    with capture_logs() as logs:
        Audit(KeptRecords()).note(Caller(Scope.ADMIN, "192.0.2.7"), "drain")
    assert logs == [
        {
            "event": "operator_acted",
            "log_level": "info",
            "who": "admin from 192.0.2.7",
            "did": "drain",
            "about": "",
            "result": "done",
        }
    ]


def test_only_the_admin_sees_customers_as_they_are() -> None:
    assert [Caller(scope, "").sees_all for scope in (Scope.ADMIN, Scope.VIEW)] == [True, False]
