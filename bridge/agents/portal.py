"""[sans-IO] What must be changed in the LiveVox portal before virtual agents can work in a service."""

from bridge.livevox.agent_session import AGENT_CALL_OUT, Features


def portal_faults(features: Features) -> tuple[str, ...]:
    """One sentence for each setting of the service that does not suit virtual agents (guide, portal requirements)."""
    faults = []
    if features.feature_code != AGENT_CALL_OUT:
        said = "unknown" if features.feature_code is None else str(features.feature_code)
        faults.append(f"set the service's ACD mode to Agent Call Out (featureCode {AGENT_CALL_OUT}); it is {said}")
    if not features.term_code_enabled:
        faults.append("enable term codes for the service: without them no call can be disposed of")
    if not features.phone_book_transfer_enabled:
        faults.append("enable phonebook transfers for the service: without them no customer reaches a human agent")
    return tuple(faults)
