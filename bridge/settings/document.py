"""[sans-IO] A TOML text as sections, each read by its model; all that is wrong is gathered, not only the first."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bridge.errors import SettingProblem
from bridge.section import Section
from bridge.settings.lines import KeyPath, line_numbers, line_of

SectionType = TypeVar("SectionType", bound=Section)

_SECRET_KEYS = frozenset(
    "token api_token access_token lv_access password default_password secret api_key auth_token engine_token "
    "admin_token view_token".split()
)
_OWN_TOKENS = frozenset({"engine_token", "admin_token", "view_token"})
_LONGEST_SHOWN = 60
#: How pydantic says that it means the key of a mapping and not its value.
_OF_A_KEY = "[key]"
_TOML_LINE = re.compile(r"\(at line ([0-9]+),")
_LIST_REMEDY = 'write it in brackets: ["…", "…"]'

#: pydantic's error types, in our words; {…} is filled from the error's context, {input} with the value.
_WORDS: Mapping[str, tuple[str, str]] = {
    "string_type": ("must be text, is {input}", "put it in quotes"),
    "int_type": ("must be a whole number, is {input}", "write digits only, without quotes"),
    "float_type": ("must be a number, is {input}", "write it without quotes"),
    "bool_type": ("must be true or false, is {input}", "write true or false without quotes"),
    "tuple_type": ("must be a list, is {input}", _LIST_REMEDY),
    "dict_type": ("must be a table, is {input}", 'write it as {{ name = "value" }}'),
    "model_type": ("must be a table, is {input}", "give it a header in brackets and its keys below"),
    "string_too_short": ("must not be empty", "write a value"),
    "string_too_long": ("is longer than {max_length} characters", "shorten it"),
    "too_short": ("must not be empty", _LIST_REMEDY),
    "greater_than": ("must be more than {gt:g}, is {input}", "raise it"),
    "greater_than_equal": ("must be at least {ge:g}, is {input}", "raise it"),
    "less_than": ("must be less than {lt:g}, is {input}", "lower it"),
    "less_than_equal": ("must be at most {le:g}, is {input}", "lower it"),
    "finite_number": ("must be a number, is {input}", "write a number"),
    "literal_error": ("cannot be {input}", "write one of {expected}"),
    "enum": ("cannot be {input}", "write one of {expected}"),
    "string_pattern_mismatch": ("cannot be {input}", "it must match {pattern}"),
}


class Document:
    """One settings file: its text, read once, and the problems found in it so far."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.problems: list[SettingProblem] = []
        self.is_toml = True
        self._root: dict[str, Any] = {}
        self._lines: Mapping[KeyPath, int] = {}
        try:
            self._root = tomllib.loads(text)
        except (ValueError, RecursionError) as exc:  # ValueError also for numbers of thousands of digits
            self.is_toml = False
            place = _TOML_LINE.search(str(exc))
            line = int(place[1]) if place else None
            self.problems.append(SettingProblem(file, line, "", f"is not TOML: {exc}", "see https://toml.io"))
        else:
            self._lines = line_numbers(text)

    def report(self, path: KeyPath, what: str, remedy: str) -> None:
        """Note a problem with the key at a path, once."""
        problem = SettingProblem(self.file, line_of(self._lines, path), written(path), what, remedy)
        if problem not in self.problems:
            self.problems.append(problem)

    def refuse_unknown_sections(self, known: Iterable[str]) -> None:
        """Report each top-level key that is none of these."""
        names = list(known)
        for name in self._root:
            if name not in names:
                self.report((name,), "is not a section of the settings", nearest(name, names))

    def table(self, name: str) -> Mapping[str, Any]:
        """The sub-tables of [name.…] by their names; empty where there are none."""
        value = self._root.get(name, {})
        if isinstance(value, dict):
            return value
        self.report((name,), "must be a table of tables", f"write [{name}.NAME] and its keys below")
        return {}

    def entries(self, name: str) -> list[Any]:
        """The tables [[name]]; empty where there are none."""
        value = self._root.get(name, [])
        if isinstance(value, list):
            return value
        self.report((name,), "must be a list of tables", f"write [[{name}]] once for each")
        return []

    def value(self, name: str) -> Any:
        """A top-level value; None where there is none."""
        return self._root.get(name)

    def section(self, model: type[SectionType], path: KeyPath, value: Any = None) -> SectionType | None:
        """Read a table with its model; what is wrong is reported, and then there is no section.

        Without a value it is the top-level table of that name, or an empty one.
        """
        if value is None:
            value = self._root.get(str(path[0]), {})
        try:
            return model.model_validate(value)
        except ValidationError as exc:
            for error in errors_of(exc):
                self.report((*path, *error["loc"]), *explain(error, model))
        return None


def written(path: KeyPath) -> str:
    """A path as a person writes it: agents[2].number, counted from 1."""
    text = ""
    for part in path:
        if part == _OF_A_KEY:
            continue
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def nearest(name: str, known: Iterable[str]) -> str:
    """A remedy for a name nobody knows."""
    names = list(known)
    if similar := difflib.get_close_matches(name.lower(), names, 1, 0.6):
        return f'did you mean "{similar[0]}"?'
    return f"known are: {', '.join(names)}" if names else "remove it"


def errors_of(exc: ValidationError) -> list[ErrorDetails]:
    """What pydantic found, less what only follows: a list is not too short because its entries are wrong."""
    errors = exc.errors(include_url=False)
    wrong_entries = {error["loc"][:-1] for error in errors}
    return [error for error in errors if not (error["type"] == "too_short" and error["loc"] in wrong_entries)]


def explain(error: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """What is wrong and the remedy, for an error pydantic found below a model."""
    context = error.get("ctx", {})
    match error["type"]:
        case "unusable":
            return str(context["what"]), str(context["remedy"])
        case "extra_forbidden":
            return _explain_unknown(str(error["loc"][-1]), _fields(model, error["loc"][:-1]))
        case "missing":
            meaning = _fields(model, error["loc"][:-1])[str(error["loc"][-1])]
            return "is required", f"add it: {meaning}"
        case kind if kind in _WORDS:
            shown = repr(error["input"])[:_LONGEST_SHOWN]
            what, remedy = (words.format(input=shown, **context) for words in _WORDS[kind])
            return what, remedy
    return error["msg"][:1].lower() + error["msg"][1:], "see config/bridge.example.toml"


def _explain_unknown(key: str, fields: Mapping[str, str]) -> tuple[str, str]:
    if key.lower() in _SECRET_KEYS:
        where = "LIVEVOX_TOKEN, LIVEVOX_PASSWORD or the agent's password_env"
        if "secret_env" in fields:
            where = "the variable that secret_env names"
        elif key.lower() in _OWN_TOKENS:
            where = f"BRIDGE_{key.upper()}"
        return "is a secret, which does not belong in this file", f"remove it and set {where} in the environment"
    return "is not a setting", nearest(key, fields)


def _fields(model: type[BaseModel], loc: tuple[int | str, ...]) -> Mapping[str, str]:
    """Names and meanings of the settings of the model at a place below this one."""
    for part in loc:
        field = model.model_fields.get(str(part))
        for candidate in get_args(field.annotation) if field else ():
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                model = candidate
    return {name: (field.description or name) for name, field in model.model_fields.items()}
