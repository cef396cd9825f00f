"""[sans-IO] What is set up in the simulated portal: agents, services, term codes, phonebook, contacts."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

#: ACD mode "Agent Call Out": LiveVox dials the agent's number for each customer (livevox_api section 3.4).
AGENT_CALL_OUT = 7


class TransferOutcome(enum.StrEnum):
    """What happens when a phonebook contact is called."""

    ANSWERS = "answers"
    BUSY = "busy"
    NO_AGENTS = "no_agents"
    """Internal queues say transferToQueueFailed."""
    NEVER = "never"
    """It rings, or queues, for ever."""


@dataclass(frozen=True)
class AgentSeed:
    """One virtual agent as configured in the portal."""

    login: str
    password: str = field(repr=False)
    number: str
    """Its 899 number, 10 digits."""
    services: tuple[int, ...]
    """Ids of the services it may join."""
    wrap_up_s: float | None = None
    """Seconds it may stay in wrap-up; None: for ever, the portal's default."""


@dataclass(frozen=True)
class UserSeed:
    """A portal user, who logs in without `agent` and may use the Contact API."""

    login: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class TermCode:
    """One way to dispose of a call."""

    id: str
    name: str
    lv_result_id: str
    lv_result: str
    action_type: str = "OTHER"
    """RPC_WITH_PAYMENT, RPC_WITHOUT_PAYMENT, WPC or OTHER."""
    payment_amt_required: bool = False


@dataclass(frozen=True)
class TermCodeCategory:
    """Term codes under one heading."""

    name: str
    term_codes: tuple[TermCode, ...]


@dataclass(frozen=True)
class Service:
    """One service that agents join."""

    id: int
    name: str
    categories: tuple[TermCodeCategory, ...]
    feature_code: int = AGENT_CALL_OUT
    call_centre_id: int = 1623
    not_ready_reason_codes: tuple[str, ...] = ("Break", "Lunch", "Meeting", "Other", "Tech Difficulties", "Training")

    def term_code(self, code_id: str) -> TermCode | None:
        """The term code with this id, if it is one of this service's."""
        return next((code for category in self.categories for code in category.term_codes if code.id == code_id), None)


@dataclass(frozen=True)
class PhonebookContact:
    """Someone an agent may hand its customer to, and how that will go."""

    id: int
    book: int
    name: str
    number: str = ""
    extension: str = ""
    internal_queue: bool = False
    outcome: TransferOutcome = TransferOutcome.ANSWERS
    answer_delay_s: float = 0.5
    """Seconds from the request to the outcome."""
    needs_customer: bool = False
    """conference/customer must bring the customer in before the agent may leave."""
    place_call_on_hold: bool = True
    """The customer is on hold meanwhile."""
    availability: tuple[int, int, int] | None = None
    """Agents on hold, ready and in total: shown as a suffix of the name, [H:x/R:y/T:z]."""
    services: tuple[int, ...] = ()
    """Ids of the services whose agents see it; empty: all."""

    @property
    def shown_name(self) -> str:
        """The name as the API gives it."""
        if self.availability is None:
            return self.name
        on_hold, ready, total = self.availability
        return f"{self.name} [H:{on_hold}/R:{ready}/T:{total}]"


@dataclass(frozen=True)
class World:
    """One LiveVox client (customer) and all it has configured."""

    tokens: tuple[str, ...] = field(repr=False)
    """Access tokens of the client, for LV-Access; LiveVox allows five."""
    agents: tuple[AgentSeed, ...]
    services: tuple[Service, ...]
    phonebook: tuple[PhonebookContact, ...]
    contacts: Mapping[str, Mapping[str, Any]]
    """Contact details by account, in the API's own shape (livevox_api section 2.9)."""
    client_name: str = "Demo"
    client_id: int = 1001234
    users: tuple[UserSeed, ...] = ()
    book_names: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({2237: "Transfers"}))

    @classmethod
    def default(
        cls, agents: int = 3, password: str = "simulated", *, token: str = "simulated", first_number: str = "8990000001"
    ) -> "World":
        """Two services, three transfer contacts and as many agents as wanted, with logins VA0001 and so on.

        The password is every agent's and the API user's; nothing here opens anything but this simulation.
        """
        services = (_ai_voice(), _ai_surveys())
        first = int(first_number)
        return cls(
            tokens=(token,),
            agents=tuple(
                AgentSeed(f"VA{n + 1:04}", password, f"{first + n:010}", tuple(s.id for s in services))
                for n in range(agents)
            ),
            services=services,
            phonebook=_phonebook(),
            contacts=_contacts(),
            users=(UserSeed("api_user", password),),
        )

    def service(self, service_id: int) -> Service | None:
        """The service with this id."""
        return next((service for service in self.services if service.id == service_id), None)


def _ai_voice() -> Service:
    return Service(
        46014,
        "AI Voice (Agent Call Out 7)",
        (
            TermCodeCategory(
                "Completed calls",
                (
                    TermCode("101416228", "Completed", "964", "AGENT - CUST RPC"),
                    TermCode("101416229", "Customer Hung Up", "971", "AGENT - CUST HUNG UP"),
                    TermCode("101416230", "Wrong Party", "950", "AGENT - WRONG PARTY", "WPC"),
                    TermCode(
                        "101416231", "Payment Promised", "965", "AGENT - CUST RPC PTP 1", "RPC_WITH_PAYMENT", True
                    ),
                ),
            ),
            TermCodeCategory(
                "Virtual agent",
                (
                    TermCode("101416240", "Transferred to Agent", "980", "AGENT - TRANSFERRED"),
                    TermCode("101416241", "Transfer Failed", "981", "AGENT - TRANSFER FAILED"),
                    TermCode("101416242", "System Failure", "990", "AGENT - SYSTEM FAILURE"),
                ),
            ),
        ),
    )


def _ai_surveys() -> Service:
    return Service(
        46015,
        "AI Surveys (Agent Call Out 7)",
        (
            TermCodeCategory(
                "Surveys",
                (
                    TermCode("101420001", "Completed", "964", "AGENT - CUST RPC"),
                    TermCode("101420002", "Customer Hung Up", "971", "AGENT - CUST HUNG UP"),
                    TermCode("101420003", "Transferred to Agent", "980", "AGENT - TRANSFERRED"),
                    TermCode("101420004", "System Failure", "990", "AGENT - SYSTEM FAILURE"),
                ),
            ),
        ),
    )


def _phonebook() -> tuple[PhonebookContact, ...]:
    return (
        PhonebookContact(
            24590, 2237, "Collections Queue", internal_queue=True, answer_delay_s=1.0, availability=(0, 4, 12)
        ),
        PhonebookContact(24591, 2237, "Billing", number="4158395494"),
        PhonebookContact(
            24592, 2237, "After Hours Voicemail", number="4158395499", outcome=TransferOutcome.BUSY, answer_delay_s=0.2
        ),
        PhonebookContact(
            24593,
            2237,
            "Overflow Queue",
            internal_queue=True,
            outcome=TransferOutcome.NO_AGENTS,
            availability=(3, 0, 5),
        ),
        PhonebookContact(24594, 2237, "Supervisor Desk", number="4158395500", needs_customer=True),
        PhonebookContact(24595, 2237, "Night Line", number="4158395501", outcome=TransferOutcome.NEVER),
    )


def _contacts() -> dict[str, dict[str, Any]]:
    people = (
        ("100200300", "Maria", "Sanchez", "2134634007", "Los Angeles", "CA", 182.4),
        ("100200301", "James", "Okafor", "3125550142", "Chicago", "IL", 0.0),
        ("100200302", "Linh", "Tran", "6503517524", "San Jose", "CA", 75.0),
    )
    return {
        account: {
            "account": account,
            "active": True,
            "balance": balance,
            "person": {"firstName": first, "lastName": last},
            "phone": [{"phone": phone, "ordinal": 1, "phoneBlock": "NONE"}],
            "city": city,
            "state": state,
            "country": "UNITED_STATES_OF_AMERICA",
            "customFields": [{"label": "Last Outcome", "field": "COL10", "value": "", "dataType": "STRING"}],
        }
        for account, first, last, phone, city, state, balance in people
    }
