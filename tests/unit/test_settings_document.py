"""A TOML text as sections: whatever stands in it, there is a list of problems and no exception."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.settings.contradictions import contradictions
from bridge.settings.document import Document, nearest, written
from bridge.settings.draft import read_draft
from bridge.settings.sections import SipSection
from tests.unit.settings_texts import GOOD

HEADERS = [line for line in GOOD.splitlines() if line.startswith("[")]
KEYS = [
    *SipSection.model_fields,
    "ports",
    "codecs",
    "url",
    "timeout_s",
    "hours",
    "timezone",
    "monday",
    "holidays",
    "number",
]
KEYS += [
    "user_name",
    "engines",
    "kind",
    "uri",
    "headers",
    "term_code",
    "term_codes",
    "contacts",
    "aliases",
    "outcome",
    "x",
]
VALUES = ["5", "-1", "1e400", "nan", "true", '""', '"x"', '"\\u0000"', "[]", "[[]]", "{}", "{ a = {} }", "2026-12-25"]
VALUES += ["99999999999999999999", '"10.0.0.0/8"', '["0.0.0.0:1"]', "2026-12-25T10:00:00Z", '"sip:@"', '"24:00-00:00"']
pairs = st.builds("{} = {}".format, st.sampled_from(KEYS), st.sampled_from(VALUES))


def problems_of(text: str) -> list[str]:
    document = Document("f", text)
    if document.is_toml:
        draft = read_draft(document, [])
        for found in contradictions(draft):
            document.report(found.path, found.what, found.remedy)
    return [str(problem) for problem in document.problems]


@given(st.lists(st.sampled_from(HEADERS) | pairs | st.sampled_from(GOOD.splitlines()), max_size=20))
def test_no_settings_raise(lines: list[str]) -> None:
    assert all(problem.startswith("f") for problem in problems_of("\n".join(lines)))


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    assert problems_of(text)


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "1" * 5000, "a = 1\na = 2", "\x00"])
def test_what_toml_cannot_read_is_one_problem(text: str) -> None:
    (problem,) = problems_of(text)
    assert "is not TOML: " in problem


def test_a_problem_is_told_once() -> None:
    document = Document("f", "[sip]\n")
    for _ in range(2):
        document.report(("sip",), "is wrong", "correct it")
    assert [str(problem) for problem in document.problems] == ["f:1: sip: is wrong; correct it"]


def test_a_path_is_written_as_the_file_writes_it_counted_from_1() -> None:
    assert written(("agents", 2, "engines", 0)) == "agents[3].engines[1]"
    assert written(()) == ""


def test_the_nearest_name_or_all_there_are() -> None:
    assert nearest("Lisen", ["listen", "allow"]) == 'did you mean "listen"?'
    assert nearest("zzz", ["listen", "allow"]) == "known are: listen, allow"
    assert nearest("zzz", []) == "remove it"
