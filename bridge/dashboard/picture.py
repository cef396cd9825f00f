"""What the dashboard shows, in sections that are sent again when they have changed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from time import time
from typing import Any

from bridge.admin.instants import instant
from bridge.admin.overview import Overview
from bridge.calls.view import CallView
from bridge.dashboard.alarms import Sight, alarms
from bridge.dashboard.last_hour import EndedCall, LastHour
from bridge.masks import mask_name, mask_number

Row = dict[str, Any]
Section = Row | list[Row]

#: A wrap-up that takes less is nothing to look at, unless something fails.
LASTING_S = 5.0
#: Numbers of the status that always change; the page counts on by itself.
_RESTLESS = ("at", "uptime_s")


class Picture:
    """Draws each section from the parts of the bridge, as they are when it is asked."""

    def __init__(self, overview: Overview, hour: LastHour) -> None:
        self._overview = overview
        self._hour = hour

    def sections(self, *, whole: bool) -> Mapping[str, Section]:
        """By name; `whole` leaves customers' numbers and names as they are, otherwise they are masked."""
        overview, now = self._overview, time()
        status, views = overview.status(), overview.views()
        return {
            "bridge": status,
            "alarms": [asdict(alarm) for alarm in alarms(_sight(status, views, now))],
            "calls": _shown(overview.calls(), whole=whole),
            "wrap_ups": _shown(_waiting(overview.wrap_ups(), now), whole=whole),
            "agents": overview.agents(),
            "engines": overview.engines(),
            "hour": self._hour.minutes(now),
            "recent": _shown((_ended(call) for call in reversed(self._hour.recent)), whole=whole),
        }


def steady(name: str, section: Section) -> Section:
    """The section without what changes by itself: it need not be sent again for that."""
    if name == "bridge" and isinstance(section, dict):
        return {key: value for key, value in section.items() if key not in _RESTLESS}
    return section


def _sight(status: Row, views: Iterable[CallView], now: float) -> Sight:
    seen = list(views)
    return Sight(
        obstacles=status["reasons"],
        warnings=status["warnings"],
        unconfirmed=status["wrap_ups"]["unconfirmed"],
        left_out=status["journal"]["left_out"],
        wrapping_up={view.call: now - view.since for view in seen if view.state == "ending"},
        voices={(view.call, side): sample.mos for view in seen for side, sample in view.quality.items() if sample.mos},
    )


def _waiting(wrap_ups: Iterable[Row], now: float) -> Iterator[Row]:
    """Those that LiveVox did not take at once, without what changes all the time."""
    for row in wrap_ups:
        if row["failing"] or now - datetime.fromisoformat(row["since"]).timestamp() >= LASTING_S:
            yield {key: value for key, value in row.items() if key != "next_try_s"}


def _ended(call: EndedCall) -> Row:
    return asdict(call) | {"at": instant(call.at)}


def _shown(rows: Iterable[Row], *, whole: bool) -> list[Row]:
    if whole:
        return list(rows)
    masks = {"caller": mask_number, "caller_name": mask_name}
    return [row | {key: mask(row[key]) for key, mask in masks.items() if row.get(key)} for row in rows]
