"""[sans-IO] The ladder of a call as SVG: a lane for each party, an arrow for each message."""

from collections.abc import Iterator, Sequence
from html import escape

from bridge.story.clean import one_line
from bridge.story.moments import Kind, Moment, Party

WIDTH = 760
ROW = 26
_TOP = 34
_LANES = {Party.CUSTOMER: 130, Party.BRIDGE: 330, Party.ENGINE: 530, Party.REST: 700}
#: Characters that fit between two lanes, and beside a dot.
_BETWEEN, _BESIDE = 27, 46


def ladder(moments: Sequence[Moment], numbers: Sequence[int]) -> str:
    """The picture of these moments; `numbers`: of each in the list beneath, which is what screen readers read."""
    height = _TOP + ROW * len(moments) + 12
    lanes = "".join(
        f'<line class="lane" x1="{_LANES[party]}" y1="{_TOP - 8}" x2="{_LANES[party]}" y2="{height - 6}"/>'
        f'<text class="head" x="{_LANES[party]}" y="16" text-anchor="middle">{party}</text>'
        for party in _LANES
    )
    rows = "".join(
        _row(moment, number, index) for index, (moment, number) in enumerate(zip(moments, numbers, strict=True))
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" aria-hidden="true" focusable="false">'
        f"{lanes}{rows}</svg>"
    )


def _row(moment: Moment, number: int, index: int) -> str:
    y = _TOP + ROW * index + 16
    parts = "".join(_arrow(moment, y) if moment.source is not moment.target else _dot(moment, y))
    time = f'<text class="t dim" x="4" y="{y + 4}">{moment.elapsed_ms / 1000:.3f} s</text>'
    return f'<a href="#m{number}" tabindex="-1" class="k-{moment.kind}">{time}{parts}</a>'


def _arrow(moment: Moment, y: int) -> Iterator[str]:
    begin, end = _LANES[moment.source], _LANES[moment.target]
    tip = 7 if end < begin else -7
    kind = "a-bad" if moment.grave else f"a-{moment.kind}"
    dashes = ' stroke-dasharray="6 3"' if moment.kind is Kind.REST else ""
    yield f'<line class="{kind}" x1="{begin}" y1="{y}" x2="{end + tip}" y2="{y}" stroke-width="1.5"{dashes}/>'
    yield f'<path class="{kind}" d="M{end} {y} l{tip} -4 v8 z"/>'
    middle = (begin + end) / 2
    yield _text(moment, middle, y - 5, "middle")


def _dot(moment: Moment, y: int) -> Iterator[str]:
    x = _LANES[moment.source]
    kind = "a-bad" if moment.grave else f"a-{moment.kind}"
    yield f'<circle class="{kind}" cx="{x}" cy="{y}" r="4"/>'
    right = moment.source in (Party.ENGINE, Party.REST)  # there is no room to the right of these
    yield _text(moment, x - 9 if right else x + 9, y + 4, "end" if right else "start")


def _text(moment: Moment, x: float, y: int, anchor: str) -> str:
    title = one_line(moment.title)
    limit = _BETWEEN if moment.source is not moment.target else _BESIDE
    short = title if len(title) <= limit else title[: limit - 1] + "…"
    css = "t t-bad" if moment.grave else "t"
    words = f"{escape(short)}<title>{escape(title)}</title>"
    return f'<text class="{css}" x="{x:g}" y="{y}" text-anchor="{anchor}">{words}</text>'
