"""[sans-IO] The dialect `openai`: a conversation over OpenAI's Realtime API (GA), one WebSocket a session.

Sources: developers.openai.com/api/reference/resources/realtime (client and server events) and the guides
realtime-conversations and realtime-vad. Functions are carried out when their response is over, and only if it was not
interrupted. While the bot leaves the call the customer cannot interrupt it.
"""

import enum

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.dialects import openai_messages as messages
from bridge.dialects.alarms import Alarms
from bridge.dialects.dialect import Dialect, Opening, Speaker
from bridge.dialects.kinds import DialectTerms, Kind
from bridge.dialects.openai_acts import Part
from bridge.dialects.openai_briefing import Briefing
from bridge.dialects.openai_events import Complaint, Event, object_in, read_event, wrong_format
from bridge.dialects.openai_section import OpenAISection
from bridge.dialects.openai_talk import Alarm, Talk

#: Keys with shorter pauses between them are one text.
KEYS_S = 1.5
MAX_KEYS = 100
#: A session is renewed in the first pause of its last two minutes, and ten seconds before its end at the latest.
RENEWAL_S, LATEST_RENEWAL_S, PAUSE_CHECK_S = 120.0, 10.0, 0.25
#: A renewal that came to nothing by then is tried again.
RENEWAL_RETRY_S = 20.0


class _Link(enum.Enum):
    """The session at the server."""

    NONE = enum.auto()
    OPEN = enum.auto()
    """The WebSocket is."""
    CONFIGURED = enum.auto()
    """session.update is sent."""
    READY = enum.auto()


class OpenAIDialect(Dialect):
    """One call at a Realtime server."""

    def __init__(
        self, section: OpenAISection, secret: str, facts: CallFacts, terms: DialectTerms, speaker: Speaker
    ) -> None:
        self._section = section
        self._secret = secret
        self._speaker = speaker
        self._link = _Link.NONE
        self._alarms: Alarms[Alarm] = Alarms(self._arm)
        self._briefing = Briefing(section, facts, terms)
        self._talk = Talk(section, terms, speaker, self._briefing, self._alarms, self._give_up)
        self._keys = ""
        self._ends_at = 0.0
        self._handlers = self._talk.handlers | {
            "session.created": self._on_session,
            "conversation.created": self._on_session,  # the first event of xAI's server
            "session.updated": self._on_session_updated,
            "error": self._on_error,
        }

    def opening(self) -> Opening:
        bearer = self._section.authorization == "bearer"
        key = ("Authorization", f"Bearer {self._secret}") if bearer else ("api-key", self._secret)
        return Opening(self._section.url, ((key,) if self._secret else ()) + tuple(self._section.headers.items()))

    def connected(self, now: float) -> None:
        self._talk.leave_session()
        self._link = _Link.OPEN
        self._alarms.set(Alarm.SESSION, now + self._section.connect_timeout_s)

    def text(self, message: str, now: float) -> None:
        event = read_event(message)
        handler = self._handlers.get(event["type"])
        if handler is not None:
            handler(event, now)

    def hear(self, audio: bytes, now: float) -> None:
        if self._link is _Link.READY and self._talk.acts.part is not Part.ENDED:
            self._speaker.send(messages.append(audio))

    def answered(self, now: float) -> None:
        if not self._briefing.may_greet:
            self._alarms.set(Alarm.GREETING, now + self._section.greeting_wait_s)

    def mark_played(self, name: str, now: float) -> None:
        self._talk.marked(name)

    def key(self, digit: str, now: float) -> None:
        self._keys = (self._keys + digit)[-MAX_KEYS:]
        self._alarms.set(Alarm.KEYS, now if digit == "#" else now + KEYS_S)

    def screen_pop(self, pop: ScreenPopRows, now: float) -> None:
        told = self._briefing.screen_pop(pop)
        if self._link is _Link.READY:
            self._speaker.send(told)
            self._alarms.drop(Alarm.GREETING)
            self._talk.greet()

    def transfer_progress(self, status: int, now: float) -> None:
        if status >= 300 and self._talk.acts.stay():
            self._tell("system", _TRANSFER_FAILED.format(status=status))

    def tool_answered(self, id: str, output: str, now: float) -> None:
        self._talk.acts.tool_answered(id, output)

    def dead_air(self, silent_s: float, now: float) -> None:
        if self._link is _Link.READY:
            self._speaker.send(messages.message("system", _DEAD_AIR.format(seconds=round(silent_s))))
            self._talk.wake()

    def hang_up(self, fate: str) -> None:
        self._talk.end()

    def closed(self, code: int, now: float) -> bool:
        self._link = _Link.NONE
        self._alarms.drop(Alarm.RENEWAL)
        self._alarms.drop(Alarm.SESSION)
        self._talk.leave_session()
        self._talk.note_usage()
        return self._talk.acts.part is Part.ENDED

    def expire(self, now: float) -> None:
        for alarm in self._alarms.due(now):
            match alarm:
                case Alarm.GREETING:
                    self._briefing.wait_no_more()
                    self._talk.greet()
                case Alarm.KEYS:
                    self._tell_keys()
                case Alarm.FAREWELL:
                    self._talk.acts.hand_over()
                case Alarm.ASK:
                    self._talk.resume()
                case Alarm.RENEWAL:
                    self._renew(now)
                case Alarm.SESSION:
                    self._fail(f"no session was agreed within {self._section.connect_timeout_s:g} s")

    # private

    def _on_session(self, event: Event, now: float) -> None:
        if self._link is _Link.OPEN:
            self._link = _Link.CONFIGURED
            self._speaker.send(self._briefing.session_update())

    def _on_session_updated(self, event: Event, now: float) -> None:
        if self._link is not _Link.CONFIGURED:
            return
        wrong = wrong_format(object_in(event, "session", "audio"), messages.FORMAT)
        if wrong:
            self._fail(wrong)
            return
        self._link = _Link.READY
        self._alarms.drop(Alarm.SESSION)
        for item in self._briefing.conversation():
            self._speaker.send(item)
        self._speaker.ready()
        if self._section.session_limit_s:
            self._ends_at = now + self._section.session_limit_s
            self._alarms.set(Alarm.RENEWAL, self._ends_at - min(RENEWAL_S, self._section.session_limit_s / 2))
        self._talk.begin()
        self._tell_keys()

    def _renew(self, now: float) -> None:
        """Open another session, if now is the time for it."""
        if self._talk.acts.part is Part.ENDED:
            return
        pause = self._talk.pausing and self._talk.acts.part is Part.TALKING
        if pause or now >= self._ends_at - min(LATEST_RENEWAL_S, self._section.session_limit_s / 4):
            self._speaker.note("session_renewed", in_a_pause=pause)
            self._speaker.renew()
            self._alarms.set(Alarm.RENEWAL, now + RENEWAL_RETRY_S)
        else:
            self._alarms.set(Alarm.RENEWAL, now + PAUSE_CHECK_S)

    def _on_error(self, event: Event, now: float) -> None:
        complaint = Complaint.of(object_in(event, "error"))
        if self._link is not _Link.READY or complaint.final:
            self._give_up(complaint)
        else:
            self._talk.refused(complaint, now)

    def _tell_keys(self) -> None:
        """Keys are told to the model alone: they may be a card's number."""
        if self._keys and self._link is _Link.READY:
            keys, self._keys = self._keys, ""
            self._tell("user", _KEYS.format(keys=keys))

    def _tell(self, role: str, words: str) -> None:
        """Something the model should answer, and a later session should know."""
        self._briefing.said(role, words)
        if self._link is _Link.READY:
            self._speaker.send(messages.message(role, words))
        self._talk.owe()

    def _give_up(self, complaint: Complaint) -> None:
        self._fail(complaint.without(self._secret))

    def _fail(self, reason: str) -> None:
        self._talk.note_usage()
        self._speaker.fail(reason)

    def _arm(self, deadline: float | None) -> None:
        self.deadline = deadline


_KEYS = "(I pressed these keys on my phone: {keys})"
_DEAD_AIR = "Nobody has said anything for {seconds} seconds. Say something to go on."
_TRANSFER_FAILED = (
    "The transfer failed (status {status}): nobody took the call. The customer is with you again. Say so, and help them"
    " yourself or end the call."
)

KIND = Kind("openai", OpenAISection, OpenAIDialect)
