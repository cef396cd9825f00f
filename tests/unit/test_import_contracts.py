"""The import contracts speak of the modules that are there."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MARK = "[sans-IO]"


def modules() -> Iterator[tuple[str, str]]:
    """Name and docstring of every module that holds anything."""
    for package in ("bridge", "sip"):
        for path in (ROOT / package).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if text := path.read_text(encoding="utf-8"):
                yield name, ast.get_docstring(ast.parse(text)) or ""


def test_the_contract_of_sans_io_modules_lists_exactly_those_that_say_so() -> None:
    (contract,) = (
        contract
        for contract in PROJECT["tool"]["importlinter"]["contracts"]
        if contract["name"].startswith("Sans-IO modules")
    )
    listed = contract["source_modules"]
    assert listed == sorted(name for name, docstring in modules() if docstring.startswith(MARK))


def test_every_module_says_in_a_sentence_what_it_is_for() -> None:
    assert [name for name, docstring in modules() if not docstring] == []
