"""[sans-IO] The conversation over a Realtime session that is ready: turns, speech, functions, and what was used."""

import enum
from collections.abc import Callable

from bridge.dialects import openai_messages as messages
from bridge.dialects.alarms import Alarms
from bridge.dialects.dialect import Speaker
from bridge.dialects.kinds import DialectTerms
from bridge.dialects.openai_acts import Acts, Part
from bridge.dialects.openai_briefing import Briefing
from bridge.dialects.openai_events import (
    Complaint,
    Event,
    audio_in,
    id_in,
    name_in,
    object_in,
    objects_in,
    words_in,
)
from bridge.dialects.openai_functions import FunctionCall, FunctionCalls
from bridge.dialects.openai_section import OpenAISection
from bridge.dialects.openai_speech import Speech
from bridge.dialects.openai_turns import MAX_FAILURES, Turns
from bridge.dialects.openai_usage import Usage

#: The customer hears what was said to a transfer to its end, but for no longer than this.
FAREWELL_S = 10.0
#: A server that makes responses by itself has made one by then.
EXPECTED_S = 1.5
#: Before a response is asked for again that failed.
RETRY_S = 1.0


class Alarm(enum.Enum):
    """What a call at a Realtime server waits for."""

    GREETING = enum.auto()
    KEYS = enum.auto()
    FAREWELL = enum.auto()
    ASK = enum.auto()
    RENEWAL = enum.auto()
    SESSION = enum.auto()


class Talk:
    """The conversation of one call, over all of its sessions."""

    def __init__(
        self,
        section: OpenAISection,
        terms: DialectTerms,
        speaker: Speaker,
        briefing: Briefing,
        alarms: Alarms[Alarm],
        give_up: Callable[[Complaint], None],
    ) -> None:
        """`give_up` is called when the server will not serve the call, or fails again and again."""
        self._section = section
        self._speaker = speaker
        self._briefing = briefing
        self._alarms = alarms
        self._give_up = give_up
        self._live = False
        self._owed = False
        self._turns = Turns(section.server_answers)
        self._speech = Speech(speaker, self._bot_said)
        self._calls = FunctionCalls()
        self._usage = Usage()
        self.acts = Acts(section, terms, speaker, self.owe)
        self.handlers: dict[str, Callable[[Event, float], None]] = {
            "input_audio_buffer.speech_started": self._on_speech_started,
            "input_audio_buffer.speech_stopped": self._on_speech_stopped,
            "conversation.item.input_audio_transcription.completed": self._on_customer_words,
            "response.created": self._on_response_created,
            "response.output_audio.delta": self._on_audio,
            "response.output_audio_transcript.delta": self._on_words,
            "response.output_audio_transcript.done": self._on_all_words,
            "response.function_call_arguments.done": self._on_function_call,
            "response.output_item.done": self._on_item_done,
            "response.done": self._on_response_done,
        }
        """By the type of the server event; they raise InvalidEngineMessage."""

    # The session under it

    def begin(self) -> None:
        """A session is ready, and knows the conversation so far."""
        self._live = True
        self._turns.wanted, self._owed = self._turns.wanted or self._owed, False
        self.greet()
        self._ask()

    def leave_session(self) -> None:
        """The session is lost, or another one takes its place: what it owed the next one owes."""
        turns = self._turns
        self._live = False
        self._owed = self._owed or turns.owed or turns.customer_speaks or self.acts.waiting
        self._turns, self._calls = Turns(self._section.server_answers), FunctionCalls()
        self._speech.settle()
        self.acts.lost()

    @property
    def pausing(self) -> bool:
        """Nobody speaks, and nothing is under way."""
        return self._turns.idle and not self.acts.waiting and self._speaker.waiting_ms == 0

    # What the bridge knows

    def greet(self) -> None:
        """Speak first, if that is wanted and the greeting has all it needs."""
        if self._briefing.greets and self._briefing.may_greet and not self._turns.owed:
            self.owe()

    def owe(self) -> None:
        """The model was told something that it should answer."""
        self._turns.wanted = True
        self._ask()

    def resume(self) -> None:
        """Alarm.ASK: what was waited for has not come, or may be tried again."""
        self._turns.resume()
        self._ask()

    def wake(self) -> None:
        """Nothing has come for long: what seemed to be under way is not."""
        self._turns.forget()
        self.owe()

    def marked(self, mark: str) -> None:
        """The customer has heard all before this mark, or it was cleared."""
        self._speech.marked(mark)
        self.acts.marked(mark)

    def refused(self, complaint: Complaint, now: float) -> None:
        """An error of the server that does not end the session."""
        busy = complaint.code == "conversation_already_has_active_response"
        if self._turns.refused(complaint.event, busy) and not busy:
            self._try_again(complaint, now)
        else:
            self._speaker.note("engine_error", code=complaint.code)

    def end(self) -> None:
        """The call is over."""
        self._speech.end()
        self.note_usage()

    def note_usage(self) -> None:
        """What was used since the last note: the notes of a call add up."""
        if self._usage.responses:
            self._speaker.note("usage", **self._usage.facts())
            self._usage = Usage()

    # Turns

    def _on_speech_started(self, event: Event, now: float) -> None:
        self._turns.started()
        if self.acts.part is not Part.TALKING:
            return
        response = self._turns.response
        cuts = self._speech.interrupt()
        if response is not None:
            self._speech.mute(response)
            if not self._section.server_interrupts:
                self._speaker.send(messages.cancel(response))
        for item, played_ms in cuts:
            self._speaker.send(messages.truncate(item, played_ms) if played_ms else messages.delete(item))
        if cuts:
            self._speaker.note("barge_in", played_ms=cuts[0][1], unheard_items=len(cuts) - 1)

    def _on_speech_stopped(self, event: Event, now: float) -> None:
        self._turns.stopped()
        self._alarms.set(Alarm.ASK, now + EXPECTED_S)
        self._ask()

    def _on_response_created(self, event: Event, now: float) -> None:
        response = name_in(object_in(event, "response"), "id")
        self._turns.created(response)
        if self.acts.part is not Part.TALKING:
            self._speech.mute(response)

    def _on_response_done(self, event: Event, now: float) -> None:
        response = object_in(event, "response")
        id, status = name_in(response, "id"), words_in(response, "status")
        self._turns.done(id, failed=status == "failed")
        self._usage.add(object_in(response, "usage"))
        for late in self._speech.over(id):
            self._speaker.send(messages.delete(late))
        for item in objects_in(response, "output"):
            self._add_call(id, item)
        calls = self._calls.take(id)
        if status in ("cancelled", "failed") or self.acts.part is not Part.TALKING:
            self.acts.forsake(calls)
        else:
            self._carry_out(calls, now)
        if status == "failed":
            self._try_again(Complaint.of(object_in(response, "status_details", "error")), now)
        self._ask()

    def _carry_out(self, calls: list[FunctionCall], now: float) -> None:
        self.acts.carry_out(calls)
        if self.acts.part is Part.HANDING_OVER:
            self._alarms.set(Alarm.FAREWELL, now + FAREWELL_S)
        elif self.acts.part is Part.ENDED:
            self.note_usage()

    def _try_again(self, complaint: Complaint, now: float) -> None:
        """A response failed: the customer waits for it."""
        if complaint.final or self._turns.failures >= MAX_FAILURES:
            self._give_up(complaint)
            return
        self._speaker.note("engine_error", code=complaint.code)
        self._turns.wanted = True
        self._turns.hold()
        self._alarms.set(Alarm.ASK, now + RETRY_S)

    def _ask(self) -> None:
        if self._live and self.acts.part is Part.TALKING:
            event = self._turns.ask()
            if event:
                self._speaker.send(messages.create(event, self._briefing.greeting()))

    # What is said

    def _on_audio(self, event: Event, now: float) -> None:
        if self._speech.audio(name_in(event, "response_id"), id_in(event, "item_id"), audio_in(event, "delta")):
            self._briefing.greeted()

    def _on_words(self, event: Event, now: float) -> None:
        self._speech.words(id_in(event, "item_id"), words_in(event, "delta"), all=False)

    def _on_all_words(self, event: Event, now: float) -> None:
        self._speech.words(id_in(event, "item_id"), words_in(event, "transcript"), all=True)

    def _on_item_done(self, event: Event, now: float) -> None:
        item = object_in(event, "item")
        self._speech.finished(name_in(item, "id"))
        self._add_call(name_in(event, "response_id"), item)

    def _on_function_call(self, event: Event, now: float) -> None:
        self._calls.add(name_in(event, "response_id"), event)

    def _add_call(self, response: str, item: Event) -> None:
        if words_in(item, "type") == "function_call":
            self._calls.add(response, item)

    def _on_customer_words(self, event: Event, now: float) -> None:
        words = words_in(event, "transcript").strip()
        if words:
            self._briefing.said("user", words)
            self._speaker.transcript("customer", words)

    def _bot_said(self, words: str) -> None:
        self._briefing.said("assistant", words)
        self._speaker.transcript("bot", words)
