"""What a service must offer virtual agents."""

from bridge.agents.portal import portal_faults
from bridge.livevox.agent_session import Features


def features(**changes: object) -> Features:
    suitable: dict[str, object] = {"featureCode": 7, "termCodeEnabled": True, "phoneBookTransferEnabled": True}
    return Features.model_validate({"serviceId": "46014", "features": suitable | changes})


def test_a_service_in_agent_call_out_with_term_codes_and_transfers_is_suitable() -> None:
    assert portal_faults(features()) == ()


def test_another_acd_mode_is_named_with_the_remedy() -> None:
    assert portal_faults(features(featureCode=2)) == (
        "set the service's ACD mode to Agent Call Out (featureCode 7); it is 2",
    )


def test_a_service_that_says_nothing_has_all_faults() -> None:
    faults = portal_faults(Features.model_validate({}))
    assert len(faults) == 3
    assert "it is unknown" in faults[0]
    assert "term codes" in faults[1]
    assert "phonebook" in faults[2]
