"""[sans-IO] What happens when: calls, kills and LiveVox's faults of one run, all from its seed."""

import enum
import random
from dataclasses import dataclass


class Ending(enum.Enum):
    """How a call is to end if nothing comes between."""

    FINISH = enum.auto()
    """The bot hangs up with its outcome."""
    FINISH_INFO = enum.auto()
    """The bot says its outcome and waits for the BYE."""
    BYE = enum.auto()
    """The bot hangs up and says nothing."""
    TRANSFER = enum.auto()
    """The bot asks for a human by REFER."""
    TRANSFER_INFO = enum.auto()
    """The same by INFO."""
    TRANSFER_FAILS = enum.auto()
    """Nobody takes the customer; the bot has them back and finishes."""
    EARLY = enum.auto()
    """The customer hangs up as soon as the bridge has answered."""
    MIDDLE = enum.auto()
    """The customer hangs up while the bot talks."""
    LATE = enum.auto()
    """The customer hangs up while the bot's transfer is carried out."""
    VANISHED = enum.auto()
    """The first bot goes away without a word; the second finishes."""
    LOST = enum.auto()
    """Both bots go away without a word."""
    PASSED_ON = enum.auto()
    """The first engine refuses, the second takes the call."""
    REFUSED = enum.auto()
    """No engine takes the call."""
    GIVEN_UP = enum.auto()
    """The engine rings until the customer gives up."""

    @property
    def scripts(self) -> tuple[str, str]:
        """What each of the two engines does with the call, in the words of the SIP bot's scripts."""
        return _SCRIPTS[self]

    @property
    def hangs_up_s(self) -> tuple[float, float] | None:
        """When the customer hangs up by plan, at the earliest and at the latest; None: not by plan.

        From the answer on; of GIVEN_UP from the INVITE.
        """
        return _HANGS_UP_S.get(self)

    @property
    def meant(self) -> frozenset[str]:
        """The term codes it may get if nothing was struck while it lasted; none: it is never on the line."""
        return _MEANT[self]


_SCRIPTS = {
    Ending.FINISH: ("finish:completed", "finish:completed"),
    Ending.FINISH_INFO: ("finish-info:completed", "finish-info:completed"),
    Ending.BYE: ("bye", "bye"),
    Ending.TRANSFER: ("transfer-refer:collections", "transfer-refer:collections"),
    Ending.TRANSFER_INFO: ("transfer-info:collections", "transfer-info:collections"),
    Ending.TRANSFER_FAILS: ("transfer-refer:busy", "transfer-refer:busy"),
    Ending.EARLY: ("wait", "wait"),
    Ending.MIDDLE: ("wait", "wait"),
    Ending.LATE: ("transfer-info:collections", "transfer-info:collections"),
    Ending.VANISHED: ("drop", "finish:completed"),
    Ending.LOST: ("drop", "drop"),
    Ending.PASSED_ON: ("busy", "finish:completed"),
    Ending.REFUSED: ("decline", "busy"),
    Ending.GIVEN_UP: ("no-answer", "no-answer"),
}
_HANGS_UP_S = {
    Ending.EARLY: (0.0, 0.3),
    Ending.MIDDLE: (0.3, 1.5),
    Ending.LATE: (0.6, 2.5),
    Ending.GIVEN_UP: (0.2, 1.0),
}


_MEANT = {
    Ending.FINISH: frozenset({"Completed"}),
    Ending.FINISH_INFO: frozenset({"Completed"}),
    Ending.BYE: frozenset({"Completed"}),
    Ending.TRANSFER: frozenset({"Transferred to Agent"}),
    Ending.TRANSFER_INFO: frozenset({"Transferred to Agent"}),
    Ending.TRANSFER_FAILS: frozenset({"Transfer Failed"}),
    Ending.EARLY: frozenset({"Customer Hung Up"}),
    Ending.MIDDLE: frozenset({"Customer Hung Up"}),
    Ending.LATE: frozenset({"Customer Hung Up", "Transferred to Agent"}),
    Ending.VANISHED: frozenset({"Completed"}),
    Ending.LOST: frozenset({"System Failure"}),
    Ending.PASSED_ON: frozenset({"Completed"}),
    Ending.REFUSED: frozenset(),
    Ending.GIVEN_UP: frozenset(),
}


class Target(enum.StrEnum):
    """What is struck."""

    WORKER = "SIP worker killed"
    ZYGOTE = "zygote killed"
    MEDIA = "media process killed"
    BRIDGE = "bridge killed"
    ENGINE = "engine restarted"
    REST = "LiveVox's REST cut"


@dataclass(frozen=True)
class PlannedCall:
    """One customer."""

    number: int
    """From 0; the customer's telephone number ends with it."""
    at: float
    """When the customer calls, in seconds from the begin; later when no agent is Ready."""
    ending: Ending
    hangs_up_after_s: float | None
    """From the answer on; for GIVEN_UP from the INVITE."""


@dataclass(frozen=True)
class Blow:
    """Something is killed, or cut."""

    at: float
    target: Target
    pick: int
    """Which one of those that are there, counted round."""
    away_s: float
    """How long it is away, where it does not come back by itself: bridge, engine, REST."""


@dataclass(frozen=True)
class Strike:
    """A share of LiveVox's REST requests meets a fault; the fields are those of the simulator's Injection."""

    fault: str
    rate: float
    endpoint: str = "any"
    status: int = 500
    delay_s: float = 0.0


#: What LiveVox's REST API suffers from all the while.
WEATHER = (
    Strike("status", 0.03, status=500),
    Strike("status", 0.01, status=503),
    Strike("status", 0.01, status=429),
    Strike("html", 0.01, status=502),
    Strike("slow", 0.05, delay_s=0.3),
    Strike("late", 0.02, delay_s=1.5),
    Strike("late", 0.05, "set_term_code", delay_s=1.5),
    Strike("drop_before", 0.02),
    Strike("drop_after", 0.02),
    Strike("drop_after", 0.05, "set_term_code"),
    Strike("drop_after", 0.05, "conference_phonebook"),
    Strike("truncated", 0.01),
    Strike("wrong_types", 0.005),
    Strike("empty", 0.005),
    # Not at a log-in, where it says that the password is wrong: nobody but an operator may try again then.
    Strike("body_401", 0.01, "status"),
    Strike("body_401", 0.02, "set_term_code"),
    Strike("body_401", 0.02, "conference_phonebook"),
    Strike("expire", 0.005),
)

#: Seconds from one customer to the next, on average.
PACE_S = 0.4
#: The first blow comes when calls are up.
_CALM_S = 1.5
#: Of a hundred blows.
_SHARES = {
    Target.WORKER: 25,
    Target.ZYGOTE: 10,
    Target.MEDIA: 15,
    Target.BRIDGE: 25,
    Target.ENGINE: 15,
    Target.REST: 10,
}
#: Blows a call, and the least of each kind.
_BLOWS, _LEAST = 0.15, 2
_AWAY_S = {Target.BRIDGE: (0.0, 1.5), Target.ENGINE: (0.2, 1.5), Target.REST: (0.5, 4.0)}


@dataclass(frozen=True)
class Plan:
    """One run."""

    seed: int
    calls: tuple[PlannedCall, ...]
    blows: tuple[Blow, ...]
    weather: tuple[Strike, ...] = WEATHER

    @classmethod
    def make(cls, seed: int, calls: int) -> "Plan":
        """The plan of this seed: the same one every time."""
        chance = random.Random(seed)
        planned, at = [], 0.0
        endings = list(Ending)
        deck: list[Ending] = []
        for number in range(calls):
            if not deck:  # every ending in each round, in random order
                deck = chance.sample(endings, len(endings))
            planned.append(_call(chance, number, at, deck.pop()))
            at += chance.expovariate(1 / PACE_S)
        return cls(seed, tuple(planned), _blows(chance, calls, at))


def _call(chance: random.Random, number: int, at: float, ending: Ending) -> PlannedCall:
    span = ending.hangs_up_s
    return PlannedCall(number, at, ending, chance.uniform(*span) if span else None)


def _blows(chance: random.Random, calls: int, lasts_s: float) -> tuple[Blow, ...]:
    blows = []
    for target, share in _SHARES.items():
        for _ in range(max(_LEAST, round(calls * _BLOWS * share / 100))):
            at = chance.uniform(_CALM_S, max(lasts_s, 2 * _CALM_S))
            away_s = chance.uniform(*_AWAY_S[target]) if target in _AWAY_S else 0.0
            blows.append(Blow(at, target, chance.randrange(1_000), away_s))
    return tuple(sorted(blows, key=lambda blow: blow.at))
