"""[sans-IO] The calls of the demo, and what LiveVox must have seen of each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scene:
    """One call of the demo: what the bot and the customer do, and what LiveVox must have seen."""

    title: str
    sip_script: str
    script: str
    """The same for the bots of the other dialects."""
    customer_hangs_up_s: float | None
    lifecycle: tuple[str, ...]
    """What the simulator's ledger must hold of the call, in order, polling left out."""


#: Entries of the ledger that come as often as they come, or belong to the agents' own life.
NOT_OF_THE_CALL = ("status", "audio", "service_features")
#: What LiveVox sees of a call, in the words of the simulator's ledger; polling is left out.
TAKEN = ("placed", "RESERVED", "answered", "INCALL", "screenpop 200")
TRANSFERRED = (
    "phonebook_ext 200",
    "conference_phonebook 204",
    "TRANSFERRING",
    "transfer started",
    "transfer answered",
    "transfer conferenced",
    "conference_leave 204",
    "transfer left",
)


def disposed_of(term_code: str) -> tuple[str, ...]:
    """From the term code to the agent free again."""
    return ("set_term_code 204", f"disposition {term_code}", "READY", "closed")


#: The bot's calls come in this order; the list of term codes is asked for once, by the first.
SCENES = (
    Scene(
        "the bot finishes",
        "finish:completed",
        "finish:completed",
        None,
        (*TAKEN, "bridge_hung_up", "WRAPUP", "term_codes 200", *disposed_of("Completed")),
    ),
    Scene(
        "the bot transfers",
        "transfer-refer:collections",
        "transfer:collections",
        None,
        (*TAKEN, *TRANSFERRED, "WRAPUP", "bridge_hung_up", *disposed_of("Transferred to Agent")),
    ),
    Scene(
        "the customer hangs up",
        "wait",
        "wait",
        3.0,
        (*TAKEN, "leg_ended", "customer_hung_up", "WRAPUP", *disposed_of("Customer Hung Up")),
    ),
)
