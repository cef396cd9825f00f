"""[sans-IO] Texts for a bot in which the call's facts and the screen pop's fields are filled in."""

import re
from dataclasses import asdict, fields

from bridge.call_facts import CallFacts, ScreenPopRows

#: A value longer than this is cut: it is a field of a form, not a document.
MAX_VALUE = 500

_FIELD = r"(?:screen_pop\[[^\[\]{}\n]{1,80}\]|[A-Za-z][A-Za-z0-9 _-]{0,79})"
_PLACE = re.compile(r"\{(\{)?(" + _FIELD + r")\}(?(1)\})")
_LABEL = re.compile(r"screen_pop\[(.*)\]")
_ALL_ROWS = "screenpop"


class Template:
    """`{field}` is a fact of the call or a field of the screen pop.

    Facts: caller, caller_name, agent_number, call, transaction_id, session_id, service_id. Fields of the screen pop are
    found by their label, blanks, underscores and case aside: {First Name}, {first_name}; {screen_pop[Caller]} is the
    screen pop's even where a fact has that name; {screen_pop} is all of its rows, one a line. What is unknown becomes
    empty. {{name}} stands for {name}; other braces, those of JSON among them, are left as they are.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        names = {_key(match[2]) for match in _PLACE.finditer(text) if not match[1]}
        self.names_screen_pop = bool(names - _FACTS)
        """A field is not a fact of the call: it is empty until the screen pop is there."""

    def filled(self, facts: CallFacts, pop: ScreenPopRows | None) -> str:
        """The text for this call. Values come from the customer's data: they are one line each, and bounded."""
        rows = () if pop is None else (*pop.fields.items(), *pop.rows)
        shown: dict[str, str] = {}
        for label, value in rows:
            shown.setdefault(_key(label), value)
        known = shown | {f"screen_pop[{key}]": value for key, value in shown.items()}
        known |= {_key(name): value for name, value in asdict(facts).items()}

        def fill(match: re.Match[str]) -> str:
            if match[1]:
                return match[0][1:-1]
            key = _key(match[2])
            return rows_of(pop) if key == _ALL_ROWS else one_line(known.get(key, ""))

        return _PLACE.sub(fill, self._text)


def rows_of(pop: ScreenPopRows | None) -> str:
    """The rows of a screen pop, one a line."""
    rows = () if pop is None else pop.rows
    return "\n".join(f"{one_line(label)}: {one_line(value)}" for label, value in rows if label or value)


def one_line(text: str) -> str:
    """Without line breaks and control characters, and not too long."""
    printable = "".join(each if each.isprintable() else " " for each in text[: 2 * MAX_VALUE])
    return " ".join(printable.split())[:MAX_VALUE]


def _key(name: str) -> str:
    """A field's name made comparable: as a label of the screen pop is by LiveVox's reader."""
    label = _LABEL.fullmatch(name)
    if label is not None:
        return f"screen_pop[{_key(label[1])}]"
    return "".join(name.casefold().replace("_", " ").split())


_FACTS = frozenset(_key(field.name) for field in fields(CallFacts))
