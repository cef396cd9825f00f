"""[sans-IO] What LiveVox's INVITE tells: the caller, and ids that spare a status poll (LiveVox API notes, section 4.1).

Deployments differ: headers come as LV-*, as X-*, or not at all. Names are compared without case.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sip.messages import Header

TRANSACTION_HEADERS = ("lv-transaction-id", "x-transaction-id")
SESSION_HEADERS = ("session-id", "lv-session-id", "x-session-id")
SERVICE_HEADERS = ("lv-service-id", "x-service-id")
LOGIN_HEADERS = ("lv-agent-login-id", "x-agent-login-id")
ACCOUNT_HEADERS = ("lv-account-number", "x-account-number")
#: No id of LiveVox is near this long; a longer value is not one.
MAX_ID = 128


@dataclass(frozen=True)
class InviteFacts:
    """Ids as strings; empty where the INVITE does not say."""

    transaction_id: str = ""
    session_id: str = ""
    service_id: str = ""
    agent_login: str = ""
    account: str = ""


def invite_facts(headers: Iterable[Header]) -> InviteFacts:
    """Read the facts from the headers of an INVITE; the first of each name counts."""
    said: dict[str, str] = {}
    for header in headers:
        said.setdefault(header.name.lower(), header.value.strip())

    def first(names: tuple[str, ...]) -> str:
        return next((said[name] for name in names if _is_id(said.get(name, ""))), "")

    return InviteFacts(
        transaction_id=first(TRANSACTION_HEADERS),
        session_id=first(SESSION_HEADERS),
        service_id=first(SERVICE_HEADERS),
        agent_login=first(LOGIN_HEADERS),
        account=first(ACCOUNT_HEADERS),
    )


def _is_id(value: str) -> bool:
    return 0 < len(value) <= MAX_ID and value.isascii() and value.isprintable()
