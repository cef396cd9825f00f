"""The settings of an engine that is spoken to as Twilio does."""

from typing import Any

import pytest
from pydantic import ValidationError

from bridge.dialects.registry import KINDS
from bridge.dialects.twilio import TwilioDialect
from bridge.dialects.twilio_section import TwilioSection
from tests.unit.twilio_stage import URL


def test_the_settings_are_found_by_their_word() -> None:
    assert KINDS["twilio"].section is TwilioSection and KINDS["twilio"].make is TwilioDialect
    assert TwilioSection(kind="twilio", url=URL).secret_env == "TWILIO_AUTH_TOKEN"


@pytest.mark.parametrize(
    "wrong",
    [{"account_sid": "AC123"}, {"parameters": {"call_id": "x"}}, {"parameters": {"": "x"}}, {"ready_on": "never"}],
)
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TwilioSection.model_validate({"kind": "twilio", "url": URL, **wrong})
