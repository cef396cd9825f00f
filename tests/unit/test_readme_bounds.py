"""The README's table of bounds says what the code has."""

from pathlib import Path

import pytest

from bridge import log_queue
from bridge.admin import bodies
from bridge.admin.connection import ConnectionLimits
from bridge.agents.pool import AgentPoolSettings
from bridge.engines import http_client
from bridge.journal import writer
from bridge.livevox import answers, transport
from bridge.media import control, message_pace, outbox, rtp, stream, stream_connector
from bridge.webhooks import courier
from sip import invitations, sources, switchboard

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
TABLE = README.partition("## What is bounded\n")[2].partition("\n## ")[0]
LIMITS = ConnectionLimits()
KB, MB = 1024, 1024 * 1024
PER_S = 1 / message_pace.PAUSE_S


@pytest.mark.parametrize(
    "words",
    [
        f"403 for {sources.REFUSALS_AT_ONCE} at once and {sources.REFUSALS_PER_S:g} a second",
        f"{invitations.TRANSACTIONS_AT_ONCE:,} in 32 s",
        f"{switchboard.WORKER_LIMIT:,} bytes",
        f"{sources.SOURCES_KEPT:,} sources, {sources.PEERS_KEPT:,} engines",
        f"{rtp.MAX_DATAGRAM:,} bytes a packet",
        f"| commands for the media process | {control.MAX_QUEUED:,} |",
        f"all agents {AgentPoolSettings('', ()).concurrency} ",
        f"| LiveVox: requests that wait | {transport.MAX_WAITING:,} |",
        f"| LiveVox's answers | {answers.MAX_ANSWER // MB} MB |",
        f"| {http_client.MAX_ANSWER // KB} KB, `connect_timeout_s`",
        f"| {courier.AT_ONCE} under way, `timeout_s` each, a day; of an answer {http_client.MAX_ANSWER // KB} KB are",
        f"| {stream_connector.MAX_MESSAGE // MB} MB, however many fragments",
        f"| {message_pace.BATCH_MESSAGES * PER_S:,.0f} or {message_pace.BATCH_BYTES * PER_S / 1e6:.0f} MB a second |",
        f"| {stream.MAX_INVALID} a connection |",
        f"audio {outbox.STALE_S:g} s; other messages {outbox.MAX_MESSAGES} or {outbox.MAX_BYTES // MB} MB",
        f"nothing at all for {outbox.STUCK_S:g} s",
        f"| HTTP API: connections | {LIMITS.at_once} |",
        f"head {LIMITS.head_s:g} s, 128 lines of 8 KB; body {bodies.MAX_BODY // KB} KB",
        f"take its answer | {LIMITS.reading_s:g} s |",
        f"| journal: records not on disk | {writer.MAX_WAITING:,} |",
        f"| journal: waiting for the disk | {writer.PATIENCE_S:g} s |",
        f"| log lines that stderr does not take | {log_queue.MAX_WAITING // MB} MB |",
    ],
)
def test_a_bound_of_the_table_is_the_codes(words: str) -> None:
    assert words in TABLE
