"""The tables of the journal, and the way from each version of them to the next."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Column, Float, Index, Integer, MetaData, Table, Text, text

#: Of the tables below; SQLite keeps it in the file (PRAGMA user_version).
VERSION = 3
#: SQL that makes a file of the version before into one of this version, once the tables it lacks are made.
MIGRATIONS: Mapping[int, Sequence[str]] = {
    2: ("ALTER TABLE calls ADD COLUMN trouble TEXT",),
    3: ("CREATE INDEX IF NOT EXISTS deliveries_left ON deliveries (webhook, done_at, call, at) WHERE done_at IS NULL",),
}

metadata = MetaData()

#: A row a call, from admission. Times are seconds since the epoch.
calls = Table(
    "calls",
    metadata,
    Column("call", Text, primary_key=True),
    Column("agent", Text, nullable=False, index=True),
    Column("caller", Text, nullable=False),
    Column("admitted_at", Float, nullable=False, index=True),
    Column("transaction_id", Text),
    Column("session_id", Text),
    Column("service_id", Text),
    Column("answered_at", Float),
    Column("decided_at", Float),
    Column("fate", Text),
    Column("verdict", Text),  # JSON
    Column("disposed_at", Float),
    Column("outcome", Text),
    Column("term_code", Text),
    Column("confirmation", Text),
    Column("transferred_to", Text),
    Column("agent_state", Text),
    Column("reason", Text),
    Column("closed_at", Float, index=True),  # NULL: something is left to be done
    Column("line", Text),  # JSON, the canonical log line
    Column("trouble", Text),  # JSON, what went wrong, as a list of names; NULL: nothing
)

#: What LiveVox was asked for that must not be done twice.
steps = Table(
    "steps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("call", Text, nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("step", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("ended_at", Float),  # NULL: begun, and nobody knows how it ended
    Column("ms", Float),
    Column("effect", Text),  # done, none or unknown
    Column("error", Text),
)

#: The calls' timelines.
entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("call", Text, nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("elapsed_ms", Float, nullable=False),
    Column("what", Text, nullable=False),
    Column("facts", Text, nullable=False),  # JSON
)

#: What went over the wire about a call, whole, without secrets.
messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("call", Text, nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("protocol", Text, nullable=False),  # sip or rest
    Column("leg", Text, nullable=False),  # customer or engine; empty: none of the two
    Column("sent", Integer, nullable=False),  # 1: by the bridge
    Column("peer", Text, nullable=False),  # host:port
    Column("text", Text, nullable=False),
)

#: How the audio of a call was, second by second.
quality = Table(
    "quality",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("call", Text, nullable=False, index=True),
    Column("at", Float, nullable=False),  # of the first sample
    Column("side", Text, nullable=False),  # customer or engine
    Column("samples", Text, nullable=False),  # JSON, a list a second, in the order of QualitySample
)

#: Messages for webhooks, in order; those of a call are sent to each webhook one after the other.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("message", Text, nullable=False),  # webhook-id
    Column("webhook", Text, nullable=False),
    Column("call", Text, nullable=False, index=True),
    Column("event", Text, nullable=False),
    Column("at", Float, nullable=False, index=True),
    Column("body", Text, nullable=False),  # empty once it was sent
    Column("tries", Integer, nullable=False),
    Column("next_at", Float),  # NULL: sent, given up, or it waits for an earlier one of its call
    Column("done_at", Float),
    Column("error", Text),  # of the last try; empty: it was taken
    Index("deliveries_due", "webhook", "next_at"),
    # They are counted at each scrape. Without done_at in it SQLite would rather go through all of a webhook's.
    Index("deliveries_left", "webhook", "done_at", "call", "at", sqlite_where=text("done_at IS NULL")),
)

#: What operators did, and what came of it.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Float, nullable=False, index=True),
    Column("who", Text, nullable=False),  # the token's scope, and where the request came from
    Column("did", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("result", Text, nullable=False),
)
