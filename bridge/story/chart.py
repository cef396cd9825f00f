"""[sans-IO] A call's audio second by second as SVG: who was heard, what was lost, how good it was."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from bridge.story.story import Second

WIDTH = 760
_LEFT, _RIGHT, _TOP = 96, 8, 20
_LEVEL, _LOSS, _MOS, _GAP = 40, 16, 26, 5
_SIDE = _LEVEL + _LOSS + _MOS + 3 * _GAP + 8
#: Levels are drawn from here to 0 dBFS: quieter is silence.
_FLOOR_DBFS = -60.0
_BEST_MOS, _WORST_MOS = 4.5, 1.0
#: From top to bottom.
_NAMES = {"customer": "customer", "engine": "bot"}
#: Between two numbers of the axis, in seconds: the first that leaves room for them.
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600)
_MOST_STEPS = 12

Place = Callable[[float], float]


def chart(quality: Mapping[str, Sequence[Second]], until_ms: float, marks: Sequence[float]) -> str:
    """Strips of both sides on one axis of time; `marks`: when something went wrong, in milliseconds."""
    until = max([until_ms, *(second.elapsed_ms for told in quality.values() for second in told), 1_000.0])
    bottom = _TOP + _SIDE * len(_NAMES)

    def x(elapsed_ms: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * min(max(elapsed_ms, 0.0), until) / until, 1)

    sides = "".join(_side(side, quality.get(side, ()), x, _TOP + _SIDE * index) for index, side in enumerate(_NAMES))
    lines = "".join(f'<line class="mark" x1="{x(at)}" y1="14" x2="{x(at)}" y2="{bottom}"/>' for at in marks)
    flags = "".join(f'<text class="t-bad" x="{x(at)}" y="11" text-anchor="middle">!</text>' for at in marks)
    return (
        f'<svg viewBox="0 0 {WIDTH} {bottom + 24}" width="{WIDTH}" height="{bottom + 24}" aria-hidden="true" '
        f'focusable="false">{sides}{lines}{flags}{"".join(_axis(until, x, bottom))}</svg>'
    )


def _side(side: str, told: Sequence[Second], x: Place, top: float) -> str:
    name = _NAMES[side]
    level_y, loss_y = top, top + _LEVEL + _GAP
    mos_y = loss_y + _LOSS + _GAP
    labels = ((level_y + 14, name, "head"), (level_y + 30, "level", "dim"), (loss_y + 12, "lost", "dim"))
    texts = [
        f'<text class="{css}" x="4" y="{y:g}">{text}</text>' for y, text, css in (*labels, (mos_y + 17, "MOS", "dim"))
    ]
    bars = [bar for second in told for bar in _bars(side, second, x, level_y, loss_y)]
    if not any(second.values.get("received") for second in told):
        texts.append(f'<text class="t-bad" x="{_LEFT + 8}" y="{level_y + 26:g}">nothing came</text>')
    return "".join(texts) + "".join(bars) + _mos(told, x, mos_y)


def _bars(side: str, second: Second, x: Place, level_y: float, loss_y: float) -> Iterator[str]:
    """Of one second: it ends at its time."""
    begin, end = x(second.elapsed_ms - 1_000), x(second.elapsed_ms)
    width = max(round(end - begin - 0.5, 1), 0.7)
    values = second.values
    level = max(values.get("level_dbfs", _FLOOR_DBFS), _FLOOR_DBFS)
    height = round(_LEVEL * (level - _FLOOR_DBFS) / -_FLOOR_DBFS, 1)
    css = "level-engine" if side == "engine" else "level-customer"
    if height >= 0.5 and values.get("received"):
        yield f'<rect class="{css}" x="{begin}" y="{level_y + _LEVEL - height:g}" width="{width}" height="{height}"/>'
    lost, received = values.get("lost", 0.0), values.get("received", 0.0)
    if lost > 0:
        share = min(lost / (lost + received), 1.0)
        height = round(max(_LOSS * min(share * 4, 1.0), 2.0), 1)  # full at a quarter lost
        yield f'<rect class="lost" x="{begin}" y="{loss_y + _LOSS - height:g}" width="{width}" height="{height}"/>'


def _mos(told: Sequence[Second], x: Place, top: float) -> str:
    """A line; it is broken where nothing came."""
    runs: list[list[str]] = [[]]
    for second in told:
        mos = second.values.get("mos", 0.0)
        if not mos:
            runs.append([])
            continue
        share = (min(max(mos, _WORST_MOS), _BEST_MOS) - _WORST_MOS) / (_BEST_MOS - _WORST_MOS)
        y = round(top + _MOS * (1 - share), 1)
        runs[-1] += [f"{x(second.elapsed_ms - 1_000)},{y}", f"{x(second.elapsed_ms)},{y}"]
    return "".join(f'<polyline class="mos" points="{" ".join(run)}"/>' for run in runs if run)


def _axis(until: float, x: Place, bottom: float) -> Iterator[str]:
    step = next((step for step in _STEPS if until / 1000 / step <= _MOST_STEPS), _STEPS[-1])
    yield f'<line class="axis" x1="{_LEFT}" y1="{bottom}" x2="{WIDTH - _RIGHT}" y2="{bottom}"/>'
    for at in range(0, int(until / 1000) + 1, step):
        label = f"{at} s" if until < 120_000 else f"{at // 60}:{at % 60:02d}"
        yield f'<line class="axis" x1="{x(at * 1000)}" y1="{bottom}" x2="{x(at * 1000)}" y2="{bottom + 5}"/>'
        yield f'<text class="dim" x="{x(at * 1000)}" y="{bottom + 19}" text-anchor="middle">{label}</text>'
