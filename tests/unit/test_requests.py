"""What a request says."""

from bridge.livevox.requests import ContextOf, Request, agent_request, contact_request, line_request


def test_its_name_has_no_ids() -> None:
    assert contact_request("GET", "s", "100200300").endpoint == "GET contact/contacts/{account}"


def test_requests_about_a_call_at_hand_are_urgent() -> None:
    assert line_request("conference/leave", "s", "ACD") == Request(
        "POST", "callControl/agent/conference/leave", query={"lineNumber": "ACD"}, session="s", urgent=True
    )
    assert not agent_request("POST", "status/ready", "s").urgent


def test_context_is_of_a_call_and_an_account() -> None:
    request = ContextOf("U1@10.0.0.1", "108821676850", "77").request("DELETE", "s", key="k")
    assert request.path == "context/call/{call_session_id}/{call_transaction_id}/{account}/{key}"
    assert request.ids == {
        "call_session_id": "U1@10.0.0.1",
        "call_transaction_id": "108821676850",
        "account": "77",
        "key": "k",
    }
