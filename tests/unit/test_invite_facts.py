"""The facts of LiveVox's INVITE."""

import pytest

from bridge.calls.invite_facts import InviteFacts, invite_facts
from sip.messages import Header


@pytest.mark.parametrize("prefix", ["LV-", "X-", "lv-", "x-"])
def test_ids_are_read_from_either_family_of_headers_in_any_case(prefix: str) -> None:
    headers = [
        Header(f"{prefix}agent-login-id", "VA0001"),
        Header(f"{prefix}transaction-id", "147516594361"),
        Header("Session-ID", "UF200T64DE3A63@10.1.21.2"),
        Header(f"{prefix}Service-Id", "46014"),
    ]
    assert invite_facts(headers) == InviteFacts(
        "147516594361", "UF200T64DE3A63@10.1.21.2", "46014", agent_login="VA0001"
    )


def test_lv_headers_win_over_x_headers() -> None:
    headers = [Header("X-Transaction-Id", "1"), Header("LV-Transaction-Id", "2")]
    assert invite_facts(headers).transaction_id == "2"


def test_an_invite_without_them_gives_empty_facts() -> None:
    assert invite_facts([Header("From", "<sip:a@b>")]) == InviteFacts()


@pytest.mark.parametrize("value", ["", "  ", "1" * 129, "12\x0034", "číslo"])
def test_what_cannot_be_an_id_is_not_taken(value: str) -> None:
    assert invite_facts([Header("X-Transaction-Id", value)]).transaction_id == ""


def test_the_first_of_two_headers_counts() -> None:
    assert invite_facts([Header("Session-ID", "first"), Header("session-id", "second")]).session_id == "first"
