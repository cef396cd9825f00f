"""[sans-IO] A story as one HTML page that needs nothing else: it opens offline, without a script, on any screen.

Only with a recording, which the bridge alone can play, there is a script.

All that others sent is escaped: SIP headers, bodies and what was said are whatever their senders wanted them to be.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, tzinfo
from hashlib import sha256
from html import escape

from bridge.story import page_player
from bridge.story.chart import chart
from bridge.story.clean import clean, one_line
from bridge.story.finding import Finding, seconds
from bridge.story.ladder import ladder
from bridge.story.moments import Kind, Moment
from bridge.story.page_style import STYLE
from bridge.story.story import Second, Story

_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
#: For the header of the same name, too: nothing is fetched, no script runs, and no style but the page's own is used.
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: In a meta element frame-ancestors has no meaning, and browsers complain.
_META_POLICY = CONTENT_SECURITY_POLICY.partition("; frame-ancestors")[0]

#: More rows in the ladder help nobody: the list beneath has all.
MAX_LADDER = 250
_KINDS = {Kind.SIP: "SIP", Kind.REST: "REST", Kind.EVENT: "event", Kind.SPEECH: "speech"}
_FILTERS = {Kind.SIP: "SIP messages", Kind.REST: "REST requests", Kind.EVENT: "events", Kind.SPEECH: "what was said"}


def content_security_policy(*, plays: bool) -> str:
    """For the header; `plays`: the page has a recording."""
    return f"{CONTENT_SECURITY_POLICY}; {page_player.POLICY}" if plays else CONTENT_SECURITY_POLICY


def story_page(story: Story, zone: tzinfo, recording: str = "") -> str:
    """The page; moments are written in this zone. `recording`: the URL of the recording, if it may be played."""
    return "\n".join(_page(story, zone, recording if page_player.began_at(story.moments) is not None else ""))


def _page(story: Story, zone: tzinfo, recording: str) -> Iterator[str]:
    title = f"Call {story.call}: {story.headline}"
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    policy = f"{_META_POLICY}; {page_player.POLICY}" if recording else _META_POLICY
    yield f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">'
    yield f"<title>{_line(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>"
    yield '<a class="skip" href="#timeline">Skip to the timeline</a>\n<main>'
    yield from _top(story, zone)
    yield from _latencies(story)
    began_ms = page_player.began_at(story.moments)
    if recording and began_ms is not None:
        yield page_player.player(began_ms, recording)
    yield from _audio(story)
    yield from _ladder(story)
    yield from _timeline(story, zone)
    yield from _line_of_log(story)
    yield "</main>"
    yield from _footer(story)
    if recording:
        yield page_player.script()
    yield "</body>\n</html>\n"


# what somebody who asks must read first


def _top(story: Story, zone: tzinfo) -> Iterator[str]:
    began = datetime.fromtimestamp(story.began_at, zone)
    over = "" if story.over else ", and it is not over: this is what is known so far"
    yield (
        f'<p class="top">Call <b>{_line(story.call)}</b>, <time datetime="{began.isoformat()}">'
        f"{began:%d %B %Y, %H:%M:%S} {_line(began.tzname() or '')}</time>{over}</p>"
    )
    grave = any(finding.grave for finding in story.findings)
    css = "bad" if grave else "warn" if story.findings else "good"
    yield f'<section class="verdict {css}" aria-label="What happened">\n<h1>{_line(story.headline)}</h1>'
    if story.findings:
        first, *others = story.findings
        yield f"{_look_at(first)}<p>{_line(story.summary)}</p>"
        if others:
            yield '<p>And further:</p>\n<ol class="more">'
            yield from (f"<li>{_line(each.sentence)}{_at(each)}{_look_at(each)}</li>" for each in others)
            yield "</ol>"
    else:
        yield f"<p>{_line(story.summary)}</p>"
    yield "</section>"
    yield from _facts(story)


def _look_at(finding: Finding) -> str:
    return f'<p class="look"><b>Look at:</b> {_line(finding.look_at)}</p>'


def _at(finding: Finding) -> str:
    return "" if finding.at_ms is None else f' <span class="way">(after {seconds(finding.at_ms)})</span>'


def _facts(story: Story) -> Iterator[str]:
    row = story.row
    facts = {
        "Agent": story.agent,
        "Customer": story.caller or "not told",
        "Speech engine": story.engine or "none",
        "Lasted": seconds(story.lasted_ms),
        "Outcome": row.outcome or row.fate or "open",
        "Term code": row.term_code or "none",
        "Disposition": row.confirmation.replace("_", " ") or "open",
        "LiveVox transaction": row.transaction_id or "not known",
    }
    yield '<dl class="facts">'
    yield from (f"<div><dt>{name}</dt><dd>{_line(value)}</dd></div>" for name, value in facts.items())
    yield "</dl>"


def _latencies(story: Story) -> Iterator[str]:
    if not story.latencies:
        return
    yield '<h2 id="times">Times</h2>\n<table>\n<thead><tr><th scope="col">From … to</th>'
    yield '<th scope="col" class="n">ms</th><th scope="col"></th></tr></thead>\n<tbody>'
    for each in story.latencies:
        css, mark = ("n slow", '<span class="slow">slow</span>') if each.slow else ("n", "")
        yield f'<tr><th scope="row">{_line(each.label)}</th><td class="{css}">{each.ms:,.1f}</td><td>{mark}</td></tr>'
    yield "</tbody>\n</table>"


# the audio


def _audio(story: Story) -> Iterator[str]:
    if not story.quality:
        return
    marks = [finding.at_ms for finding in story.findings if finding.at_ms is not None and finding.grave]
    yield '<h2 id="audio">Audio, second by second</h2>'
    yield "<p>Bars: how loud each side was. Red: packets that were lost on their way to us. Line: an estimate of how"
    yield "good it sounded (MOS, 1 to 4.4). A red ! marks when something went wrong.</p>"
    picture = chart(story.quality, story.lasted_ms, marks)
    label = "Audio; the table says the same"
    yield f'<div class="scroll chart" role="region" aria-label="{label}" tabindex="0">{picture}</div>'
    yield "<details><summary>The same as a table</summary>\n<table>\n<thead><tr>"
    heads = ("After", "Side", "Packets", "Lost", "Jitter ms", "Late ms", "Level dBFS", "MOS")
    yield "".join(f'<th scope="col"{_number_class(index)}>{head}</th>' for index, head in enumerate(heads))
    yield "</tr></thead>\n<tbody>"
    for side, told in story.quality.items():
        yield from (_second(side, second) for second in told)
    yield "</tbody>\n</table>\n</details>"


def _second(side: str, second: Second) -> str:
    cells = "".join(f'<td class="n">{value:g}</td>' for value in second.values.values())
    return f"<tr><td>{second.elapsed_ms / 1000:.1f} s</td><td>{_line(side)}</td>{cells}</tr>"


def _number_class(index: int) -> str:
    return ' class="n"' if index > 1 else ""


# the ladder and the timeline


def _ladder(story: Story) -> Iterator[str]:
    drawn = [(moment, number) for number, moment in enumerate(story.moments, 1) if _is_drawn(moment)]
    if not drawn:
        return
    yield '<h2 id="ladder">Ladder</h2>'
    if len(drawn) > MAX_LADDER:
        yield f"<p>The first {MAX_LADDER} of {len(drawn)}; the timeline has all.</p>"
        drawn = drawn[:MAX_LADDER]
    picture = ladder([moment for moment, _ in drawn], [number for _, number in drawn])
    label = "Ladder; the timeline says the same"
    yield f'<div class="scroll ladder" role="region" aria-label="{label}" tabindex="0">{picture}</div>'


def _is_drawn(moment: Moment) -> bool:
    return moment.kind in (Kind.SIP, Kind.REST) or moment.grave or moment.name in _DRAWN


_DRAWN = frozenset(
    {"audio_started", "barge_in", "verdict_given", "transfer_asked", "transfer_succeeded", "disposition"}
)


def _timeline(story: Story, zone: tzinfo) -> Iterator[str]:
    yield '<h2 id="timeline" tabindex="-1">Timeline</h2>\n<fieldset>\n<legend>Show</legend>'
    there = {moment.kind for moment in story.moments}
    for kind, label in _FILTERS.items():
        if kind in there:
            yield f'<label><input type="checkbox" id="f-{kind}" checked> {label}</label>'
    yield '</fieldset>\n<ol class="line">'
    for number, moment in enumerate(story.moments, 1):
        yield _moment(number, moment, zone)
    yield "</ol>"


def _moment(number: int, moment: Moment, zone: tzinfo) -> str:
    at = datetime.fromtimestamp(moment.at, zone)
    css = f"k-{moment.kind}" + (" grave" if moment.grave else "")
    way = f' <span class="way">{moment.source} → {moment.target}</span>' if moment.source is not moment.target else ""
    clock = f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"
    return (
        f'<li id="m{number}" class="{css}" data-ms="{moment.elapsed_ms:.1f}">'
        f'<div><time datetime="{at.isoformat()}">{clock}</time>'
        f'<span class="after way">+{moment.elapsed_ms / 1000:.3f} s</span></div>'
        f'<div><span class="kind">{_KINDS[moment.kind]}</span> <span class="title">{_line(moment.title)}</span>'
        f"{way}{_details(moment)}</div></li>"
    )


def _details(moment: Moment) -> str:
    if moment.text:
        peer = f"{moment.peer}\n\n" if moment.peer else ""
        return f"<details><summary>message</summary><pre>{_block(peer + _laid_out(moment))}</pre></details>"
    told = ", ".join(f"{name} {value}" for name, value in moment.facts.items() if value not in (None, ""))
    return f'<div class="more-facts">{_line(told)}</div>' if told else ""


def _laid_out(moment: Moment) -> str:
    """A body that is JSON with a line for each of its members."""
    head, blank, body = moment.text.partition("\n\n")
    try:
        return head + blank + json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return moment.text


def _line_of_log(story: Story) -> Iterator[str]:
    if not story.line:
        return
    yield '<h2 id="numbers">All numbers of the call</h2>'
    yield "<details><summary>The call's log line</summary>\n<table>\n<tbody>"
    for name, value in story.line.items():
        yield f'<tr><th scope="row">{_line(name)}</th><td>{_line("" if value is None else str(value))}</td></tr>'
    yield "</tbody>\n</table>\n</details>"


def _footer(story: Story) -> Iterator[str]:
    shown = (
        "Customers' numbers, names and words are shown whole."
        if story.whole
        else ("Customers' numbers, names and words are masked.")
    )
    yield f"<footer>{shown} Tokens, passwords, sessions and the keys a customer pressed are never kept.</footer>"


def _line(text: str) -> str:
    return escape(one_line(text))


def _block(text: str) -> str:
    return escape(clean(text).rstrip())
