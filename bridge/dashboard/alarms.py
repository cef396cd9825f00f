"""[sans-IO] What an operator must look at, in words that say what to do."""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: A disposition that LiveVox takes in time takes a second or two.
WRAP_UP_LASTS_S = 60.0
#: A bad voice is one that people complain of (ITU-T G.107 appendix B: most users dissatisfied below 3.1).
BAD_MOS = 3.1

Row = Mapping[str, Any]


class Level(enum.StrEnum):
    """How much it matters."""

    ALARM = "alarm"
    """Customers or dispositions are being lost."""
    WARNING = "warning"
    """It may come to that."""


@dataclass(frozen=True)
class Alarm:
    """One thing to look at."""

    level: Level
    code: str
    what: str
    do: str
    """What helps."""


@dataclass(frozen=True)
class Sight:
    """What alarms are judged by: the overview's own words, and rows as the API tells them."""

    obstacles: Sequence[Mapping[str, str]]
    warnings: Sequence[Mapping[str, str]]
    unconfirmed: int
    """Calls since the start that were closed without a confirmed disposition."""
    left_out: int
    """Entries of stories that the disk was too slow for."""
    wrapping_up: Mapping[str, float]
    """For how many seconds calls wait for LiveVox to take their disposition."""
    voices: Mapping[tuple[str, str], float]
    """The MOS of each side of each call."""


#: What helps against the obstacles and warnings that readiness names; those that say it themselves are not here.
_REMEDIES = {
    "draining": "Nothing: it is what was ordered. To keep serving, start the bridge again when it has stopped.",
    "no_sip_worker": "Read the log for worker_lost. Calls get 503 until one runs; it is tried again by itself.",
    "no_media_process": "It is started again by itself within a second. If this stays, read the log for media_process.",
    "no_agent_in_service": "Look at the agents below: each says what it waits for.",
    "full": "Raise sip.max_calls if the machine has room, or give LiveVox fewer agents.",
    "livevox_unreachable": "Look whether livevox.url can be reached from here. Dispositions are set when it is back.",
    "journal_failing": "Look at the disk that journal.path is on: is it full, or read-only?",
    "engines_out": "Look at the engine itself; calls go to the next engine, or to livevox.on_failure.",
    "webhooks_failing": "Look at their receivers; GET /v1/webhooks has the last error. Messages are tried for a day.",
    "settings_not_reloaded": "livevox-bridge check --diff names each problem. Correct the file and reload again, or "
    "restart the bridge if that is what it wants; until then it goes on by the old settings.",
    "settings_half_changed": "Read the log for reload_fault, and restart the bridge soon.",
    "agents_locked": "Correct the password, reload the settings, then resume the agent.",
}


def alarms(sight: Sight) -> list[Alarm]:
    """All of them, the worst first."""
    found = [*_of_readiness(sight), *_of_calls(sight)]
    return sorted(found, key=lambda alarm: alarm.level is not Level.ALARM)


def _of_readiness(sight: Sight) -> Iterator[Alarm]:
    for level, reasons in ((Level.ALARM, sight.obstacles), (Level.WARNING, sight.warnings)):
        for reason in reasons:
            what = reason["message"][:1].upper() + reason["message"][1:]
            yield Alarm(level, reason["code"], what, _REMEDIES.get(reason["code"], ""))


def _of_calls(sight: Sight) -> Iterator[Alarm]:
    waiting = {call: lasted for call, lasted in sight.wrapping_up.items() if lasted >= WRAP_UP_LASTS_S}
    if waiting:
        what = f"LiveVox has not taken the disposition of {_calls(len(waiting))} for {max(waiting.values()):.0f} s."
        do = "It is tried again until livevox.give_up_after_s; “Try now” helps. The story has LiveVox's answers."
        yield Alarm(Level.ALARM, "wrap_up_lasts", what, do)
    if sight.unconfirmed:
        what = f"{_calls(sight.unconfirmed)} since the start ended without a disposition that LiveVox confirmed."
        do = (
            "Find them below under “something went wrong”. “Retry” sets the term code if LiveVox still waits for it; "
            "else compare with LiveVox's report and set it by hand."
        )
        yield Alarm(Level.ALARM, "unconfirmed", what, do)
    bad = sorted({call for (call, _), mos in sight.voices.items() if mos < BAD_MOS})
    if bad:
        what = f"{_calls(len(bad))} can hardly be understood at the moment."
        do = "Their stories show where packets are lost or late: LiveVox's network, the engine's, or this machine."
        yield Alarm(Level.WARNING, "audio_bad", what, do)
    if sight.left_out:
        what = f"The disk was too slow for {sight.left_out} entries of stories: they have gaps. No disposition is lost."
        yield Alarm(Level.WARNING, "stories_incomplete", what, "Put journal.path on a faster disk.")


def _calls(count: int) -> str:
    return f"{count} call" if count == 1 else f"{count} calls"
