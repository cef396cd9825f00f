"""[sans-IO] What the demo prints: a line for each thing that happens to a call, and the table at the end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bridge.calls.timeline import Entry, Fact

Facts = Mapping[str, Fact]
#: What is written of an entry of one kind.
Write = Callable[[Facts], str]

SIDES = {"customer": "LiveVox", "engine": "the engine"}


def masked(number: object) -> str:
    """A customer's number with its middle hidden."""
    text = str(number)
    return f"{text[:4]}****{text[-2:]}" if len(text) > 6 else "****"


def _ended(facts: Facts) -> str:
    who = "BYE from LiveVox: the customer hung up" if facts["by_livevox"] else "LiveVox's leg is over"
    return f"{who} ({facts['status']})"


def _rest(facts: Facts) -> str:
    error = f"  {facts['error']}" if facts["error"] else ""
    return f"REST {facts['step']}  {facts['ms']} ms{error}"


def _ordered(facts: Facts) -> str:
    outcome = f', outcome "{facts["outcome"]}"' if facts["outcome"] else ""
    return f"{facts['verdict']} by the HTTP API{outcome}"


def _disposition(facts: Facts) -> str:
    if not facts["term_code"]:
        return f"no disposition: {facts['confirmation']}"
    state = facts["agent_state"] or "of unknown state"
    return f'disposition "{facts["term_code"]}" {facts["confirmation"]}, agent {state}'


#: One line for each kind of entry; kinds that are not here are not shown. Those of the engine: words.py.
LINES: Mapping[str, Write] = {
    "invite_received": lambda facts: f"INVITE from {masked(facts['caller'])} by {facts['source']}",
    "engine_failed": lambda facts: f"the engine cannot be had: {facts['reason']}",
    "answered": lambda facts: f"200 OK to LiveVox, {facts['codec']}",
    "acknowledged": lambda facts: "ACK from LiveVox",
    "audio_started": lambda facts: f"first audio from {SIDES[str(facts['side'])]}",
    "screen_pop": lambda facts: f"screen pop, {facts['rows']} rows, to the engine  {facts['ms']} ms",
    "screen_pop_missing": lambda facts: "no screen pop",
    "transfer_under_way": lambda facts: f'LiveVox calls "{facts["contact"]}"',
    "transfer_succeeded": lambda facts: f'the customer is with "{facts["contact"]}"',
    "transfer_failed": lambda facts: f"the transfer failed: {facts['reason']}",
    "ordered": _ordered,
    "engine_passed_over": lambda facts: f'the engine "{facts["engine"]}" gets no calls now: its circuit is open',
    "customer_hung_up_on": lambda facts: "BYE to LiveVox",
    "customer_leg_ended": _ended,
    "rest_step": _rest,
    "disposition": _disposition,
    "time_limit_reached": lambda facts: f"a time limit was reached in {facts['state']}",
    "worker_lost": lambda facts: "the SIP worker died",
}


def line(entry: Entry, lines: Mapping[str, Write]) -> str | None:
    """An entry as a line, or None when it is not for people."""
    write = lines.get(entry.what)
    return f"  {entry.elapsed_ms:9.1f} ms  {write(entry.facts)}" if write else None


@dataclass(frozen=True)
class Row:
    """One call in the table."""

    title: str
    agent: str
    answered_ms: float | None
    to_customer_ms: float | None
    """From the answer to the first RTP at LiveVox's side."""
    frames: str
    """Audio in 20 ms: what LiveVox and the engine got, and how much was lost."""
    disposition: str
    agent_state: str
    as_expected: bool


COLUMNS: Sequence[tuple[str, Callable[[Row], str]]] = (
    ("call", lambda row: row.title),
    ("agent", lambda row: row.agent),
    ("INVITE to 200", lambda row: _ms(row.answered_ms)),
    ("200 to first audio", lambda row: _ms(row.to_customer_ms)),
    ("20 ms to LiveVox / engine / lost", lambda row: row.frames),
    ("disposition", lambda row: row.disposition),
    ("agent at the end", lambda row: row.agent_state),
    ("lifecycle", lambda row: "as expected" if row.as_expected else "WRONG"),
)


def table(rows: Sequence[Row]) -> str:
    """The rows under a header, columns aligned."""
    cells = [[name for name, _ in COLUMNS], *([write(row) for _, write in COLUMNS] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _ms(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} ms"
