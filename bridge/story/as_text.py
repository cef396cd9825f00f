"""[sans-IO] A story as text for a terminal."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from textwrap import fill, indent

from bridge.story.clean import clean, one_line
from bridge.story.finding import seconds
from bridge.story.moments import Kind, Moment, Party
from bridge.story.story import Story

_WIDTH = 100
_SHORT = {Party.REST: "REST", Party.CUSTOMER: "LiveVox", Party.BRIDGE: "bridge", Party.ENGINE: "engine"}


def story_text(story: Story, zone: tzinfo, *, messages: bool) -> str:
    """What went wrong, the times, the timeline; with `messages` each message whole."""
    return "\n".join(_lines(story, zone, messages=messages)) + "\n"


def _lines(story: Story, zone: tzinfo, *, messages: bool) -> Iterator[str]:
    began = datetime.fromtimestamp(story.began_at, zone)
    yield f"Call {story.call}: agent {story.agent}, customer {one_line(story.caller) or 'unknown'}"
    yield f"{began:%Y-%m-%d %H:%M:%S} {began.tzname()}" + ("" if story.over else ", and it is not over")
    yield ""
    yield _wrapped(story.headline, "")
    yield _wrapped(story.summary, "")
    for finding in story.findings:
        at = "" if finding.at_ms is None else f" (at {seconds(finding.at_ms)})"
        yield ""
        yield _wrapped(f"! {finding.sentence}{at}", "  ")
        yield _wrapped(f"  Look at: {finding.look_at}", "    ")
    if story.latencies:
        yield ""
    for latency in story.latencies:
        yield f"  {latency.ms:9.1f} ms  {latency.label}{'   SLOW' if latency.slow else ''}"
    yield from _quality(story)
    yield ""
    for moment in story.moments:
        yield _moment_line(moment, story.began_at, zone)
        if messages and moment.text:
            yield indent(clean(moment.text).rstrip(), " " * 16)


def _wrapped(text: str, subsequent: str) -> str:
    return fill(one_line(text), _WIDTH, subsequent_indent=subsequent)


def _quality(story: Story) -> Iterator[str]:
    for side, told in story.quality.items():
        heard = [second for second in told if second.values.get("mos")]
        lost = sum(second.values.get("lost", 0) for second in told)
        received = sum(second.values.get("received", 0) for second in told)
        worst = min((second.values["mos"] for second in heard), default=0.0)
        share = 100 * lost / (lost + received) if lost + received else 0.0
        yield f"  audio of the {side}: {len(told)} s, lost {share:.1f} %, worst MOS {worst:.1f}"


def _moment_line(moment: Moment, began_at: float, zone: tzinfo) -> str:
    at = datetime.fromtimestamp(began_at + moment.elapsed_ms / 1000, zone)
    mark = "!" if moment.grave else " "
    way = ""
    if moment.kind in (Kind.SIP, Kind.REST):
        way = f"{_SHORT[moment.source]} -> {_SHORT[moment.target]}: "
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d} {mark} {way}{one_line(moment.title)}"
