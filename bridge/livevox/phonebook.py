"""[sans-IO] Phonebooks: the contacts an agent may transfer to, whatever the answer wraps them in (livevox_api 2.8)."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from bridge.livevox.nested_objects import objects_in
from bridge.livevox.scalars import AnswerPart, Flag, Listed, OptionalId, Text, key_of

#: " [H:1/R:2/T:3]" behind the name of a contact that is a queue: agents on hold, ready, in all.
AGENTS_SUFFIX = re.compile(r"\[H:(?P<hold>\d{1,9})/R:(?P<ready>\d{1,9})/T:(?P<total>\d{1,9})\]$", re.IGNORECASE)


class _Contact(AnswerPart):
    phone_book_id: OptionalId = None
    phone_book_contact_id: OptionalId = None
    contact_name: Text = ""
    phone_number: Text = ""
    extension: Text = ""
    internal_queue: Flag = False


class _Book(AnswerPart):
    phone_book_id: OptionalId = None
    phone_contact: Annotated[tuple[_Contact, ...], Listed] = ()


@dataclass(frozen=True)
class PhonebookContact:
    """Somebody, or a queue, that a call can be transferred to."""

    book_id: str
    contact_id: str
    name: str
    """Without the suffix of agents' numbers."""
    phone_number: str = ""
    extension: str = ""
    internal_queue: bool = False
    agents_ready: int | None = None
    """Of a queue of LiveVox agents, at the time of the answer; None: not said."""
    agents_total: int | None = None


@dataclass(frozen=True)
class Phonebook:
    """All contacts of all books a service sees, in LiveVox's order."""

    contacts: tuple[PhonebookContact, ...] = ()

    @classmethod
    def read(cls, body: Any) -> "Phonebook":
        """From every object that has `phoneContact`, however deep; raises ValueError.

        A contact without an id, in a book without one, cannot be transferred to and is left out.
        """
        if not isinstance(body, list | dict):
            raise ValueError("neither an object nor a list")
        books = [_Book.model_validate(found) for found in objects_in(body) if "phoneContact" in found]
        if not books and body and not _is_empty(body):
            raise ValueError("no object with phoneContact")
        return cls(
            tuple(
                _contact(contact, contact.phone_book_id or book.phone_book_id, contact.phone_book_contact_id)
                for book in books
                for contact in book.phone_contact
                if contact.phone_book_contact_id and (contact.phone_book_id or book.phone_book_id)
            )
        )

    def contact(self, name: str) -> PhonebookContact | None:
        """The contact of that name: exactly so if there is one, else whatever its case and blanks."""
        wanted = _split(name)[0]
        exact = (contact for contact in self.contacts if contact.name == wanted)
        alike = (contact for contact in self.contacts if key_of(contact.name) == key_of(wanted))
        return next(exact, None) or next(alike, None)


def _is_empty(body: dict[str, Any] | list[Any]) -> bool:
    """{"phoneBook": []} and the like: an answer with no book in it."""
    return isinstance(body, dict) and all(not value for value in body.values())


def _split(name: str) -> tuple[str, re.Match[str] | None]:
    name = name.strip()
    suffix = AGENTS_SUFFIX.search(name)
    return (name[: suffix.start()] if suffix else name).strip(), suffix


def _contact(contact: _Contact, book_id: str | None, contact_id: str | None) -> PhonebookContact:
    name, suffix = _split(contact.contact_name)
    return PhonebookContact(
        book_id=book_id or "",
        contact_id=contact_id or "",
        name=name,
        phone_number=contact.phone_number,
        extension=contact.extension,
        internal_queue=contact.internal_queue,
        agents_ready=int(suffix["ready"]) if suffix else None,
        agents_total=int(suffix["total"]) if suffix else None,
    )
