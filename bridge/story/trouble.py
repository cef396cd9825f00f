"""[sans-IO] What went wrong on a call: the findings, and their names for the journal."""

from collections.abc import Mapping, Sequence

from bridge.journal.records import Fact
from bridge.story.audio_trouble import audio_trouble
from bridge.story.engine_trouble import engine_trouble
from bridge.story.finding import Finding, Noted, Seen
from bridge.story.livevox_trouble import livevox_trouble


def findings(entries: Sequence[Noted], line: Mapping[str, Fact]) -> tuple[Finding, ...]:
    """What the customer felt first, then the rest. `line`: the canonical one; empty while the call goes on."""
    seen = Seen(entries, line)
    found = [*engine_trouble(seen), *audio_trouble(seen), *livevox_trouble(seen)]
    return tuple(sorted(found, key=lambda finding: not finding.grave))


def trouble_names(entries: Sequence[Noted], line: Mapping[str, Fact]) -> tuple[str, ...]:
    """Each once."""
    return tuple(dict.fromkeys(finding.name for finding in findings(entries, line)))
