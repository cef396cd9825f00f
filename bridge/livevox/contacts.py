"""[sans-IO] Contacts: the customer's records in Contact Manager, and how they are searched (livevox_api 2.9)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from bridge.livevox.scalars import AnswerPart, Listed, OptionalId, OptionalInt, Text

#: A contact's fields as LiveVox names them: account, person, phone, address1, customFields, …
ContactDetails = Mapping[str, Any]


class Contact(AnswerPart):
    """A contact: all of its fields as they came."""

    details: dict[str, Any] = Field(validation_alias="readContactDetails")

    @property
    def account(self) -> str:
        """The account number; empty where there is none."""
        account = self.details.get("account")
        return str(account) if isinstance(account, str | int) else ""


class CreatedContact(AnswerPart):
    """What became of a create."""

    id: OptionalId = None
    code: OptionalInt = None
    message: Text = ""

    @property
    def existed(self) -> bool:
        """There was a contact with that account already: nothing was created."""
        return self.code == 202


class Condition(enum.StrEnum):
    """How a field is compared."""

    STARTS_WITH = "STARTS_WITH"
    ENDS_WITH = "ENDS_WITH"
    EQUALS = "EQUALS"
    LESS = "LESS"
    GREATER = "GREATER"
    GREATER_EQUAL = "GREATER_EQUAL"
    CONTAINS = "CONTAINS"


class Rule(enum.StrEnum):
    """How two searches are joined."""

    AND = "AND"
    OR = "OR"


@dataclass(frozen=True)
class FieldSearch:
    """One field compared with one value."""

    field: str
    """account, phone, name, email_address, dob, city, state, postalcode, COL1 … COL100."""
    criteria: str
    condition: Condition = Condition.EQUALS
    is_negated: bool = False

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "field": self.field,
            "criteria": self.criteria,
            "condition": self.condition.value,
            "isNegated": self.is_negated,
        }


@dataclass(frozen=True)
class JoinedSearch:
    """Two searches joined by a rule."""

    rule: Rule
    left: "ContactSearch"
    right: "ContactSearch"

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {"rule": self.rule.value, "left": self.left.body(), "right": self.right.body()}


ContactSearch = FieldSearch | JoinedSearch


class FoundContacts(AnswerPart):
    """One page of a search."""

    next: Text = ""
    """Not empty when there is another page."""
    contacts: Annotated[tuple[dict[str, Any], ...], Listed] = Field(
        default=(), validation_alias="findMatchingContactsDetails"
    )
