"""[sans-IO] What bots may write of a customer, and what LiveVox is told when they do."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bridge.errors import OrderRefused
from bridge.livevox.contact_fields import contact_details, value_problem
from bridge.livevox.contacts import ContactDetails
from bridge.verdicts import NamedValues, Remarks


@dataclass(frozen=True)
class ContactTerms:
    """What the settings permit."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """LiveVox's fields by the names that bots have for them."""
    context_keys: frozenset[str] = frozenset()
    """Keys of the call's context; none: any."""

    def check(self, remarks: Remarks) -> None:
        """Raises OrderRefused for the first value that may not be written, by its name."""
        for code, problem in self._problems(remarks).values():
            raise OrderRefused(code, problem)

    def permitted(self, remarks: Remarks) -> tuple[Remarks, tuple[str, ...]]:
        """The remarks without what may not be written, and a sentence for each value that is left out."""
        problems = self._problems(remarks)
        kept = replace(
            remarks,
            contact=tuple((name, value) for name, value in remarks.contact if ("contact", name) not in problems),
            context=tuple((name, value) for name, value in remarks.context if ("context", name) not in problems),
        )
        return kept, tuple(problem for _, problem in problems.values())

    def details(self, contact: NamedValues) -> ContactDetails:
        """What LiveVox is told; only values that `check` has nothing against."""
        return contact_details({self.fields[name]: value for name, value in contact})

    def _problems(self, remarks: Remarks) -> Mapping[tuple[str, str], tuple[str, str]]:
        """A code and a sentence, by "contact" or "context" and the name in it."""
        found: dict[tuple[str, str], tuple[str, str]] = {}
        for name, value in remarks.contact:
            shown = f'"contact.{name}"'
            if name not in self.fields:
                found["contact", name] = ("unknown_contact_field", f"{shown} is not in [contact.fields]")
            elif (problem := value_problem(self.fields[name], value)) is not None:
                found["contact", name] = ("invalid_contact_value", f"{shown} {problem}")
        for name, _ in remarks.context:
            if self.context_keys and name not in self.context_keys:
                found["context", name] = ("unknown_context_key", f'"context.{name}" is not in contact.context_keys')
        return found
