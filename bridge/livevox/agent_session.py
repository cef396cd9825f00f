"""[sans-IO] The answers to logging in and to looking at services (livevox_api 2.1 and 2.3)."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from bridge.livevox.scalars import AnswerPart, Flag, Id, Listed, OptionalId, OptionalInt, Text

#: `featureCode` of the ACD mode that virtual agents need: LiveVox dials the agent for each call.
AGENT_CALL_OUT = 7


class Login(AnswerPart):
    """A session."""

    # It goes into a header: nothing but visible ASCII may be in it.
    session_id: Annotated[Id, StringConstraints(pattern=r"\A[\x21-\x7e]{1,200}$")] = Field(repr=False)
    client_id: OptionalId = None
    user_id: OptionalId = None
    days_until_password_expires: OptionalInt = None


class Service(AnswerPart):
    """A service an agent may join."""

    service_id: Id
    service_name: Text = ""


class ServiceAccess(AnswerPart):
    """The services an agent may join and the number LiveVox has for it."""

    services: Annotated[tuple[Service, ...], Listed] = ()
    home_agent: Flag = False
    phone_number: Text = ""


class Features(AnswerPart):
    """What a service allows its agents."""

    service_id: OptionalId = None
    service_description: Text = ""
    call_center_id: OptionalId = None
    feature_code: OptionalInt = None
    """The ACD mode; AGENT_CALL_OUT is the one virtual agents need."""
    term_code_enabled: Flag = False
    phone_book_transfer_enabled: Flag = False
    agent_notes_enabled: Flag = False
    strict_account_number_enabled: Flag = False
    reason_codes_enabled: Flag = False
    not_ready_reason_codes: Annotated[tuple[Text, ...], Listed] = ()

    @model_validator(mode="before")
    @classmethod
    def _flatten(cls, body: Any) -> Any:
        """`features` is an object beside the service's own fields."""
        if isinstance(body, dict) and isinstance(body.get("features"), dict):
            return {**body["features"], **{key: value for key, value in body.items() if key != "features"}}
        return body
