"""Reading the answers to a login and to looks at services."""

from typing import Any

import pytest
from pydantic import ValidationError

from bridge.livevox.agent_session import AGENT_CALL_OUT, Features, Login, Service, ServiceAccess

SESSION = "38de9bcc-7425-4392-b821-99026632c369"


def test_a_login_gives_a_session_and_days() -> None:
    body = {"sessionId": SESSION, "clientId": 1001234, "userId": "5551234", "daysUntilPasswordExpires": 42}
    login = Login.model_validate(body)
    assert (login.session_id, login.client_id, login.user_id) == (SESSION, "1001234", "5551234")
    assert login.days_until_password_expires == 42


def test_the_session_id_is_not_shown() -> None:
    assert SESSION not in repr(Login.model_validate({"sessionId": SESSION}))


@pytest.mark.parametrize("said", [None, "", "a\r\nX: y", "a b", "é", "x" * 201, [], {}])
def test_a_session_id_that_cannot_stand_in_a_header_is_refused(said: Any) -> None:
    with pytest.raises(ValidationError):
        Login.model_validate({"sessionId": said})


def test_services_are_listed() -> None:
    body = {
        "services": [{"serviceId": 46014, "serviceName": "Manual"}, {"serviceId": "22131"}],
        "homeAgent": True,
        "phoneNumber": 6503517524,
    }
    access = ServiceAccess.model_validate(body)
    assert access.services == (Service(service_id="46014", service_name="Manual"), Service(service_id="22131"))
    assert (access.home_agent, access.phone_number) == (True, "6503517524")
    assert ServiceAccess.model_validate({}).services == ()


def test_features_are_read_beside_the_service() -> None:
    body = {
        "features": {"featureCode": "7", "termCodeEnabled": "true", "notReadyReasonCodes": ["Break", "Lunch"]},
        "serviceId": "46014",
        "serviceDescription": "AI Voice",
        "callCenterId": 1623,
    }
    features = Features.model_validate(body)
    assert features.feature_code == AGENT_CALL_OUT
    assert (features.term_code_enabled, features.phone_book_transfer_enabled) == (True, False)
    assert features.not_ready_reason_codes == ("Break", "Lunch")
    assert (features.service_id, features.service_description) == ("46014", "AI Voice")


def test_features_may_be_missing() -> None:
    assert Features.model_validate({}).feature_code is None
