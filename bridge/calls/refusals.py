"""[sans-IO] Why new calls are not taken, in words for metrics."""

import enum


class Refusal(enum.StrEnum):
    """The bridge's own reasons; the edge has others, for requests that are not in order."""

    STARTING = "starting"
    DRAINING = "draining"
    UNKNOWN_NUMBER = "unknown_number"
    """404: no agent of the settings."""
    AGENT_NOT_IN_SERVICE = "agent_not_in_service"
    """480."""
    AGENT_BUSY = "agent_busy"
    """486: its last customer is still on the line."""
    NO_COMMON_CODEC = "no_common_codec"
    """488."""
    FULL = "full"
    """503: as many calls as sip.max_calls allows."""
    ENGINES_OUT = "engines_out"
    """503: the circuits of all of the agent's engines are open."""
    NO_RESOURCES = "no_resources"
    """503: no RTP ports, or no SIP worker."""
