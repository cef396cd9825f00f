"""The tables of the journal, and the way from each version of them to the next."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Column, Float, Integer, MetaData, Table, Text

#: Of the tables below; SQLite keeps it in the file (PRAGMA user_version).
VERSION = 1
#: SQL that makes a file of the version before into one of this version.
MIGRATIONS: Mapping[int, Sequence[str]] = {}

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
