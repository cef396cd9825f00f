"""[sans-IO] Every metric there is, in the order in which the README lists them."""

from collections.abc import Sequence

from bridge.metrics.metric import Metric, counter, gauge, histogram

# Bounds in seconds, close together where the promises are: 6 and 20 ms to the answer, 20 ms to silence.
_SETUP = (0.002, 0.004, 0.006, 0.008, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
_SPEECH = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
_SILENCE = (0.01, 0.02, 0.03, 0.04, 0.06, 0.1, 0.2, 0.5, 1.0)
_TALK = (5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)
_REQUEST = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_WRAP_UP = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
_PACKET = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5)
_LAG = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
#: A scale from 1 (bad) to 4.4; many are dissatisfied below 3.6.
_MOS = (1.5, 2.0, 2.6, 3.1, 3.6, 4.0, 4.3, 4.5)
#: Lost packets of those expected.
_LOSS = (0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5)

# Calls

CALLS_ACTIVE = gauge(
    "calls_active", "Calls that are going on, by state; ending ones may lack their disposition alone.", "state"
)
CALLS_ON_LINE = gauge("calls_on_line", "Calls that hold ports and dialogs: what sip.max_calls bounds.")
CALLS_MAX = gauge("calls_max", "How many calls may: sip.max_calls.")
CALLS_TOTAL = counter(
    "calls_total",
    "Calls that are over, by the outcome LiveVox was told and by how they ended.",
    "outcome",
    "fate",
)
CALLS_REFUSED = counter("calls_refused_total", "New calls that were not taken, by reason.", "reason")
CALL_SETUP = histogram("call_setup_seconds", "From LiveVox's INVITE to our 200.", _SETUP)
CALL_TALK = histogram("call_talk_seconds", "From our 200 to the end of LiveVox's leg.", _TALK)
SCREEN_POP = histogram("screen_pop_seconds", "From the answer to the screen pop.", _REQUEST)
SCREEN_POPS_MISSING = counter("screen_pops_missing_total", "Calls whose screen pop did not come in time.")
TRANSFERS = counter("transfers_total", "Transfers to humans, by result.", "result")
DISPOSITIONS = counter(
    "dispositions_total",
    "Calls by how sure it is that LiveVox has their disposition; somebody must look at unconfirmed ones.",
    "confirmation",
)
WRAP_UP = histogram("wrapup_seconds", "From the end of LiveVox's leg to the confirmed disposition.", _WRAP_UP)
WRAP_UPS_PENDING = gauge(
    "wrapups_pending",
    "Dispositions that are being set: of calls of ours, left by a crash, none of ours, or repeated.",
    "of",
)
WRAP_UP_OLDEST = gauge("wrapup_oldest_seconds", "How long the oldest of them has been waiting; 0: there is none.")

# Audio

FIRST_AUDIO = histogram("first_audio_seconds", "From our 200 to the engine's first audio.", _SPEECH, "engine")
TURN_MEDIAN = histogram(
    "turn_median_seconds",
    "Each call's middle turn: from the customer's last sound to the bot's first. Engines by WebSocket.",
    _SPEECH,
    "engine",
)
TURN_MAX = histogram("turn_max_seconds", "Each call's longest turn.", _SPEECH, "engine")
TURNS = counter("turns_total", "How often bots answered customers.", "engine")
BARGE_IN_MAX = histogram(
    "barge_in_silence_seconds",
    "Each call's longest time from the engine's word to clear to silence. Engines by WebSocket.",
    _SILENCE,
    "engine",
)
BARGE_INS = counter("barge_ins_total", "How often customers cut bots short.", "engine")
PLAYOUT_LATE = histogram(
    "playout_late_seconds", "Each call's 99th percentile of how late packets to the customer left.", _PACKET
)
MOS = histogram("call_mos", "Each call's mean opinion score, 1 to 4.4, estimated of what came.", _MOS, "side")
MOS_WORST = gauge("calls_mos_worst", "The lowest score of the past second of all calls; 5: none has audio.", "side")
CALLS_AUDIO_BAD = gauge("calls_audio_bad", "Calls whose past second was below 3.6: many listeners complain.", "side")
BAD_TIMES = counter("audio_bad_total", "Times that a call's audio became bad: three such seconds running.", "side")
RTP_PACKETS = counter("rtp_packets_total", "RTP packets received in calls that are over.", "side")
RTP_LOST = counter("rtp_packets_lost_total", "RTP packets that were expected and did not come.", "side")
RTP_LOSS = histogram("rtp_loss_ratio", "Each call's lost packets of those expected.", _LOSS, "side")
RTP_JITTER = histogram("rtp_jitter_seconds", "Each call's jitter at its end (RFC 3550).", _PACKET, "side")
RTP_STRANGERS = counter("rtp_stranger_packets_total", "RTP from another address than the SDP's: ignored.", "side")
RTP_TIMEOUTS = counter("rtp_timeouts_total", "Calls in which a side that should send RTP sent none.", "side")
DEAD_AIR = counter("dead_air_total", "Times nobody said anything for media.dead_air_s, by who owed a word.", "side")

# SIP

SIP_REQUESTS = counter("sip_requests_total", "SIP requests that the edge took.", "kind")
SIP_REFUSALS = counter("sip_refusals_total", "SIP requests that the edge refused or ignored.", "reason")
SIP_DROPPED = counter("sip_dropped_total", "Datagrams that led nowhere.", "reason")
SIP_FORWARDED = counter("sip_forwarded_total", "Datagrams between the network and the workers.", "direction")

# LiveVox

LIVEVOX_REQUESTS = counter(
    "livevox_requests_total",
    "REST requests by endpoint, HTTP status (none: no answer) and what became of them.",
    "endpoint",
    "status",
    "result",
)
LIVEVOX_REQUEST = histogram("livevox_request_seconds", "From a request's turn to its answer.", _REQUEST, "endpoint")
LIVEVOX_WAIT = histogram(
    "livevox_wait_seconds", "How long requests waited for their turn: livevox.rate_per_s.", _REQUEST
)
LIVEVOX_REACHABLE = gauge("livevox_reachable", "1: the REST API answers; 0: the last requests all failed.")

# Engines

ENGINE_CONNECTS = counter(
    "engine_connects_total",
    "Tries to reach an engine: ready, failed, too_slow, given_up (not its fault), or passed_over (circuit open).",
    "engine",
    "result",
)
ENGINE_CONNECT = histogram("engine_connect_seconds", "From the try to an engine that can talk.", _SETUP, "engine")
ENGINES_LOST = counter("engine_lost_total", "Engines that vanished while talking.", "engine")
ENGINE_CIRCUIT = gauge("engine_circuit", "1 for the state that the engine's circuit breaker is in.", "engine", "state")

# Agents

AGENTS = gauge("agents", "Virtual agents by state.", "state")
AGENTS_IN_SERVICE = gauge("agents_in_service", "Virtual agents for whom a call would be taken now.")
AGENT_LONGEST = gauge("agent_longest_in_state_seconds", "How long one agent has been in a state at most.", "state")
PASSWORD_EXPIRES = gauge("agent_password_expires_seconds", "The time until the first agent's password expires.")

# The bridge

READY = gauge("ready", "1: calls can be taken, as GET /ready says.")
DRAINING = gauge("draining", "1: the bridge takes no more calls and stops when those it has are over.")
JOURNAL_WAITING = gauge("journal_waiting_records", "Records that are not on disk yet.")
JOURNAL_LEFT_OUT = counter("journal_left_out_total", "Entries of stories that were not written: the disk is too slow.")
JOURNAL_FAILING = gauge("journal_failing_seconds", "For how long the journal could not be written; 0: it can.")
SETTINGS_GENERATION = gauge("settings_generation", "Which settings hold: 1 those of the start, one more each reload.")
SETTINGS_SINCE = gauge("settings_since_timestamp_seconds", "Since when they hold, as Unix time.")
RELOADS = counter(
    "settings_reloads_total",
    "Reloads by what came of them; failed: by a fault of the bridge, and part of the new settings may hold.",
    "result",
)
RELOAD_DONE = gauge("settings_last_reload_successful", "0: the last reload was refused or failed; 1: it was not.")
WEBHOOK_MESSAGES = counter(
    "webhook_messages_total",
    "Messages that were delivered, tries that failed, and messages given up after a day.",
    "webhook",
    "result",
)
WEBHOOK_FAILING = gauge(
    "webhook_failing_seconds", "For how long a webhook has taken no message; 0: it does.", "webhook"
)
WEBHOOK_PENDING = gauge("webhook_pending_messages", "Messages that are still to be delivered.", "webhook")
WEBHOOK_OLDEST = gauge("webhook_oldest_seconds", "How old the oldest of them is; 0: there is none.", "webhook")
RECORDINGS_ACTIVE = gauge("recordings_active", "Calls that are being recorded; paused: as silence.", "state")
RECORDINGS_STOPPED = counter(
    "recordings_stopped_total", "Recordings that the disk ended before their call, by what it did.", "reason"
)
RECORDINGS_BYTES = gauge("recordings_bytes", "All recordings on the disk, as of the last hour.")
RECORDINGS_FREE = gauge("recordings_disk_free_bytes", "Room on that disk, if calls are recorded; of the last minute.")
LOG_LEFT_OUT = counter("log_lines_left_out_total", "Log lines that were not written: nobody read them fast enough.")
WORKERS = gauge("sip_workers", "SIP workers that run.")
WORKERS_ROOM = gauge("sip_workers_room", "Calls of two legs that fit into them.")
WORKERS_STARTED = counter("sip_workers_started_total", "SIP workers that were started.")
WORKERS_LOST = counter("sip_workers_lost_total", "SIP workers that died by themselves.")
MEDIA_UP = gauge("media_process_up", "1: the media process runs.")
MEDIA_STARTS = counter("media_process_starts_total", "Media processes started; the first is not a restart.")
LOOP_LAG = histogram("event_loop_lag_seconds", "How late the bridge's event loop is, four times a second.", _LAG)
CHILD_CPU = counter("child_cpu_seconds_total", "CPU time of child processes.", "process")
CHILD_MEMORY = gauge(
    "child_memory_bytes",
    "Memory of child processes (PSS: what they share is counted once); of the last minute.",
    "process",
)
BUILD = gauge("build_info", "1, with the version as a label.", "version", "python")

#: Without what prometheus-client says of the bridge's own process: process_cpu_seconds_total and the like.
CATALOGUE: Sequence[Metric] = tuple(value for value in tuple(globals().values()) if isinstance(value, Metric))
