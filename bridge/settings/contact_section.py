"""The section about what bots may write of customers into LiveVox: [contact]."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from bridge.livevox.contact_fields import is_contact_field
from bridge.section import EnvironmentName, NameValue, OptionalText, Section, text_of, unusable
from bridge.verdicts import MAX_NAME


def _contact_field(value: Any) -> str:
    field = text_of(value, "person.email")
    if not is_contact_field(field):
        remedy = 'name one that may be: "person.email", "address1", "phone.1", "COL10", …'
        raise unusable(f'"{field}" is no field of a contact that may be written', remedy)
    return field


ContactFieldValue = Annotated[str, BeforeValidator(_contact_field)]
ContextKey = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]


class ContactSection(Section):
    """[contact]: the contact record and the call's context."""

    fields: Mapping[NameValue, ContactFieldValue] = {
        "email": "person.email",
        "address1": "address1",
        "address2": "address2",
        "city": "city",
        "state": "state",
        "zip_code": "person.zipCode",
    }
    """What bots may write of the contact: a name for bots = LiveVox's field; an empty table: nothing."""
    context_keys: tuple[ContextKey, ...] = ()
    """Keys of the call's context that bots may write; empty: any, but language models are told of none."""
    user_name: OptionalText = ""
    """A portal user who writes contacts where agents may not (403); empty: nobody does."""
    password_env: EnvironmentName = ""
    """Environment variable with its password (or NAME_FILE with a file); empty: LIVEVOX_USER_PASSWORD."""
