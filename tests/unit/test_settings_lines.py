"""Where the keys of a TOML text stand."""

import tomllib

import pytest

from bridge.settings.lines import line_numbers, line_of

TEXT = '''\
# a comment with [brackets] and = signs

top = 1
[sip]
listen = "0.0.0.0:5070"  # [not a table]
allow = [
    "10.0.0.0/8",  # one ]
    "11.0.0.0/8",
]
text = """
[not.a.table]
no = "key"
"""
literal = \'\'\'
[nor.this]\'\'\'
"quoted \\"key\\"" = 1
a.b . "c" = { inner = [1,
  2], more = 2 }

  [livevox.hours]
  monday = []
[[agents]]
number = "1"
[agents.more]
deep = 1
[[agents]]

number = "2"
[ outcomes . "46014" ]
x = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 3),
        (("sip",), 4),
        (("sip", "listen"), 5),
        (("sip", "allow"), 6),
        (("sip", "text"), 10),
        (("sip", "literal"), 14),
        (("sip", 'quoted "key"'), 16),
        (("sip", "a", "b", "c"), 17),
        (("livevox", "hours"), 20),
        (("livevox", "hours", "monday"), 21),
        (("agents", 0), 22),
        (("agents", 0, "number"), 23),
        (("agents", 0, "more"), 24),
        (("agents", 0, "more", "deep"), 25),
        (("agents", 1), 26),
        (("agents", 1, "number"), 28),
        (("outcomes", "46014"), 29),
        (("outcomes", "46014", "x"), 30),
    ],
)
def test_each_key_and_table_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert line_numbers(TEXT)[path] == line


def test_every_table_and_key_of_the_text_is_found() -> None:
    document = tomllib.loads(TEXT)
    expected = {(name,) for name in document} | {("sip", name) for name in document["sip"]}
    # What is only ever named as a part of a longer key has no line of its own.
    assert expected - line_numbers(TEXT).keys() == {("sip", "a"), ("livevox",), ("outcomes",)}


def test_what_stands_in_brackets_or_in_text_is_no_key() -> None:
    lines = line_numbers(TEXT)
    assert not {("not", "a", "table"), ("nor", "this"), ("sip", "no"), ("sip", "more")} & lines.keys()


def test_what_has_no_line_has_that_of_what_holds_it() -> None:
    lines = line_numbers(TEXT)
    assert line_of(lines, ("sip", "allow", 1)) == 6
    assert line_of(lines, ("sip", "a", "b", "c", "more")) == 17
    assert line_of(lines, ("agents", 1, "user_name")) == 26
    assert line_of(lines, ("media", "ports")) is None


def test_line_ends_of_windows_and_a_text_without_a_last_line_end() -> None:
    assert line_numbers("[a]\r\nb = 1\r\nc = 2") == {("a",): 1, ("a", "b"): 2, ("a", "c"): 3}


def test_an_empty_text_has_no_keys() -> None:
    assert line_numbers("") == {}
