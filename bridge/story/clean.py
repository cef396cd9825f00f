"""[sans-IO] Text that others sent, made harmless to look at: no control characters, nothing that turns the reading."""

import unicodedata

#: Control, format (among them those that turn the direction of writing), lone surrogates, unassigned.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def clean(text: str) -> str:
    """The same, each character that is not seen written as its number; line ends and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in _UNSEEN else _number(char) for char in text
    )


def one_line(text: str) -> str:
    """The same on one line."""
    return " ".join(clean(text).split())


def _number(char: str) -> str:
    return f"\\u{{{ord(char):x}}}"
