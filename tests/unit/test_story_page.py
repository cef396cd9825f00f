"""The page of a story: complete in itself, and harmless whatever was sent."""

import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from bridge.journal.call_rows import EntryRow, MessageRow, QualityRow
from bridge.story.page import CONTENT_SECURITY_POLICY, MAX_LADDER, story_page
from bridge.story.story import tell
from tests.story_rows import BEGAN, GOOD, INVITE, TERM_CODE, entry, message, rows

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><svg onload=alert(1)>"
#: Elements that the page has, and no others; each attribute that may stand in one.
ELEMENTS = frozenset(
    "html head meta title style body a main p b time section h1 h2 ol li dl div dt dd table thead tbody tr th td span "
    "details summary pre fieldset legend label input footer svg line path circle text rect polyline".split()
)
VOID = frozenset({"meta", "input"})
QUALITY = (QualityRow(BEGAN + 1, "customer", ((50, 0, 1.0, 0.0, -20.0, 4.4), (40, 10, 9.0, 0.0, -96.0, 2.0))),)


class Page(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page(
    entries: Sequence[EntryRow] = GOOD,
    messages: Sequence[MessageRow] = (message(-50, INVITE), message(40_100, TERM_CODE, protocol="rest", leg="")),
    **call: object,
) -> Page:
    read = Page(story_page(tell(rows(entries, messages, QUALITY, **call), whole=True), UTC))
    assert read.open == []
    return read


def evil_sip() -> str:
    return f'INVITE sip:{EVIL}@x SIP/2.0\nFrom: "{EVIL}" <sip:{EVIL}@x>\nX-{EVIL}: {EVIL}\nCSeq: 1 {EVIL}\n\n{EVIL}'


EVIL_CALLS: Sequence[tuple[Sequence[EntryRow], Sequence[MessageRow], dict[str, object]]] = (
    ((), (message(0, evil_sip()),), {}),
    ((), (message(0, f"SIP/2.0 200 {EVIL}\nCSeq: 1 {EVIL}\n\n"),), {}),
    ((), (message(0, f'PUT /{EVIL}\n\n{{"{EVIL}": "{EVIL}"}}', protocol="rest"),), {}),
    ((), (message(0, f"200 in 1 ms\n\n{EVIL}", protocol="rest"),), {}),
    ((), (message(0, EVIL, protocol="speech"),), {}),
    ((entry(5, EVIL, **{EVIL: EVIL}),), (), {}),
    ((entry(5, "engine_failed", engine=EVIL, reason=EVIL), entry(6, "transfer_failed", reason=EVIL)), (), {}),
    ((), (), {"caller": EVIL, "agent": EVIL, "term_code": EVIL, "outcome": EVIL, "transaction_id": EVIL, "fate": EVIL}),
    ((), (), {"line": {EVIL: EVIL}, "transferred_to": EVIL, "reason": EVIL, "confirmation": "unconfirmed"}),
)


@pytest.mark.parametrize(("entries", "messages", "call"), EVIL_CALLS)
def test_whatever_was_sent_is_text_and_never_an_element(
    entries: Sequence[EntryRow], messages: Sequence[MessageRow], call: dict[str, object]
) -> None:
    read = page((*GOOD, *entries), messages, **call)
    assert {tag for tag, _ in read.elements} <= ELEMENTS
    for _, attributes in read.elements:
        assert not any(name.startswith("on") or name in ("style", "src", "srcset", "action") for name in attributes)
    assert "alert(1)" in read.text


def test_nothing_is_fetched_and_no_script_runs() -> None:
    read = page()
    for attributes in read.all("a"):
        assert (attributes["href"] or "").startswith("#")
    assert not read.all("script") and not read.all("link") and not read.all("img")
    text = story_page(tell(rows(), whole=True), UTC)
    assert not re.search(r"https?://|url\(|@import", text)


def test_the_policy_lets_the_pages_own_style_through_and_nothing_else() -> None:
    text = story_page(tell(rows(), whole=True), UTC)
    found = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert found is not None
    allowed = b64encode(sha256(found[1].encode()).digest()).decode()
    assert CONTENT_SECURITY_POLICY.startswith(f"default-src 'none'; style-src 'sha256-{allowed}'")
    (policy,) = [each for each in page().all("meta") if each.get("http-equiv") == "Content-Security-Policy"]
    assert f"'sha256-{allowed}'" in (policy["content"] or "") and "unsafe" not in (policy["content"] or "")


def test_characters_that_turn_or_hide_what_is_read_are_shown_as_numbers() -> None:
    read = page(messages=(message(0, "INVITE sip:a SIP/2.0\nSubject: \u202eevil\u2066\x00\x1b[2J\n\n"),))
    assert "\\u{202e}evil\\u{2066}\\u{0}\\u{1b}[2J" in read.text


def test_the_answer_stands_at_the_top() -> None:
    dead = entry(9_000, "dead_air", side="engine", silent_s=12.0, last=True)
    read = page((*GOOD, dead))
    assert read.text.index("The customer heard nothing for 12 s") < read.text.index("INVITE to 200 OK")
    assert "Look at:" in read.text
    assert len(read.all("h1")) == 1


def test_the_pictures_are_hidden_from_screen_readers_which_have_a_list_and_a_table() -> None:
    read = page()
    assert [each["aria-hidden"] for each in read.all("svg")] == ["true", "true"]
    targets = {each["id"] for each in read.all("li") if "id" in each}
    links = {(each["href"] or "")[1:] for each in read.all("a") if (each["href"] or "").startswith("#m")}
    assert links and links <= targets
    assert read.all("html")[0]["lang"] == "en"
    assert all(each.get("scope") for each in read.all("th"))
    regions = [each for each in read.all("div") if each.get("role") == "region"]
    assert len(regions) == 2 and all(each["tabindex"] == "0" and each["aria-label"] for each in regions)


def test_a_message_is_there_whole_to_be_opened() -> None:
    read = page()
    assert "X-Account: 4711-0815" in read.text and '"termCodeId": "12"' in read.text
    assert len(read.all("pre")) == 2


def test_a_call_of_a_thousand_messages_has_a_ladder_that_ends() -> None:
    read = page(messages=[message(number, "INFO sip:a SIP/2.0\nCSeq: 1 INFO\n\n") for number in range(1_000)])
    assert len(read.all("path")) <= MAX_LADDER
    assert len(read.all("pre")) == 1_000


def test_a_call_of_which_nothing_is_known_has_a_page() -> None:
    read = Page(story_page(tell(rows((), line={}, fate="", closed_at=None), whole=False), UTC))
    assert "it is not over" in read.text
