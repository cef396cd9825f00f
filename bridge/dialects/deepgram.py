"""[sans-IO] The dialect of Deepgram's Voice Agent: JSON, and the audio of both sides as binary messages.

Sources: developers.deepgram.com/docs/voice-agent-message-flow, -inputs, -outputs. A verdict is a function call. It gets
no answer unless it failed (the model would talk on), and counts once the customer has heard the reply it belongs to.
"""

import json
from collections import deque
from dataclasses import asdict
from typing import Any, Literal

from bridge.call_facts import CallFacts, ScreenPopRows
from bridge.dialects.dialect import Dialect, Opening, Speaker
from bridge.dialects.forwarded_tool import JsonTable
from bridge.dialects.incoming import json_object, objects_of, text_of
from bridge.dialects.kinds import DialectTerms, Kind
from bridge.dialects.section import DialectSection
from bridge.dialects.template import Template, one_line, rows_of
from bridge.dialects.verdict_functions import verdict_functions, verdict_of_function
from bridge.errors import InvalidVerdict
from bridge.section import EnvironmentName, OptionalText, SecondsOrNever, WebSocketUrl
from bridge.verdicts import Complete, Verdict

MULAW = {"encoding": "mulaw", "sample_rate": 8000}
PAUSE_S = 1.5  # so long after its last piece a reply is over, and keys are one text


class DeepgramSection(DialectSection):
    """[engines.NAME] with kind = "deepgram": Deepgram's Voice Agent, which needs no bot of one's own."""

    kind: Literal["deepgram"]
    """How the engine is reached."""
    url: WebSocketUrl = "wss://agent.deepgram.com/v1/agent/converse"
    """Where it listens."""
    secret_env: EnvironmentName = "DEEPGRAM_API_KEY"
    """Environment variable with the API key (or NAME_FILE with a file)."""
    reconnect_s: SecondsOrNever = 5
    """A lost connection is tried again for so long; the agent is then told what was said before."""
    greeting: OptionalText = "Hello, how can I help you?"
    """What the agent says first; empty: it waits for the customer."""
    listen: JsonTable = {"provider": {"type": "deepgram", "model": "nova-3"}}
    """Deepgram's table agent.listen."""
    think: JsonTable = {"provider": {"type": "open_ai", "model": "gpt-4o-mini"}, "prompt": "Be brief."}
    """Deepgram's table agent.think; {caller} and the like in its prompt are filled in, our two functions added."""
    speak: JsonTable = {"provider": {"type": "deepgram", "model": "aura-2-thalia-en"}}
    """Deepgram's table agent.speak."""


class DeepgramDialect(Dialect):
    """One call at Deepgram."""

    def __init__(self, section: DeepgramSection, secret: str, facts: CallFacts, terms: DialectTerms, out: Speaker):
        self._section, self._secret, self._facts, self._terms, self._out = section, secret, facts, terms, out
        self._applied = False
        self._history: deque[dict[str, str]] = deque(maxlen=60)
        self._pop: ScreenPopRows | None = None
        self._keys = self._transfer = ""
        self._final: tuple[str, Verdict] | None = None

    def opening(self) -> Opening:
        return Opening(self._section.url, (("Authorization", f"Token {self._secret}"), *self._section.headers.items()))

    def connected(self, now: float) -> None:
        self._applied = False

    def text(self, message: str, now: float) -> None:
        said = json_object(message)
        match text_of(said, "type"):
            case "Welcome":
                self._configure()
            case "SettingsApplied" if not self._applied:
                self._applied = True
                self._out.ready()
                if self._pop:
                    self.screen_pop(self._pop, now)
            case "UserStartedSpeaking":
                self.deadline = now + PAUSE_S if self._final or self._keys else None
                self._out.clear()  # plays a mark, which does not count now: its function may be about to be cancelled
            case "ConversationText":
                role, content = text_of(said, "role"), text_of(said, "content")
                self._history.append({"type": "History", "role": role, "content": content})
                self._out.transcript("customer" if role == "user" else "bot", content)
            case "FunctionCallRequest":
                self._use([call for call in objects_of(said, "functions") if call.get("client_side", True)], now)
            case "FunctionCallCancelled":
                if self._final and self._final[0] in [call.get("id") for call in objects_of(said, "functions")]:
                    self._final = None
            case "Error":
                self._out.fail(f"Deepgram says {one_line(str(said.get('code')))[:60]}")

    def binary(self, message: bytes, now: float) -> None:
        self._out.play(message)
        self.deadline = self.deadline and now + PAUSE_S

    def hear(self, audio: bytes, now: float) -> None:
        if self._applied:
            self._out.send(audio)  # silence, too: KeepAlive is not needed

    def mark_played(self, name: str, now: float) -> None:
        if self._final and self._final[0] == name and self.deadline is None:
            (self._transfer, verdict), self._final = self._final, None
            (self._out.goodbye if isinstance(verdict, Complete) else self._out.say)(verdict)

    def key(self, digit: str, now: float) -> None:
        self._keys, self.deadline = self._keys + digit, now + PAUSE_S

    def screen_pop(self, pop: ScreenPopRows, now: float) -> None:
        self._pop = pop
        if self._applied:
            self._send("UpdatePrompt", prompt=f"LiveVox's data of the customer:\n{rows_of(pop)}")

    def transfer_progress(self, status: int, now: float) -> None:
        id, self._transfer = self._transfer, "" if status >= 300 else self._transfer
        if id and status >= 300:
            self._send("FunctionCallResponse", id=id, name="transfer_call", content=f"it failed ({status})")

    def dead_air(self, silent_s: float, now: float) -> None:
        self._send("InjectUserMessage", content=f"[silence for {silent_s:.0f} seconds]")

    def expire(self, now: float) -> None:
        self.deadline, keys, self._keys = None, self._keys, ""
        if keys:
            self._send("InjectUserMessage", content=f"I press the keys {keys}.")
        if self._final:
            self._out.mark(self._final[0])

    def _configure(self) -> None:
        think: dict[str, Any] = {"prompt": "", "functions": [], **self._section.think}
        think["prompt"] = Template(str(think["prompt"])).filled(self._facts, self._pop)
        ours = [asdict(function) | {"defer_until_eot": True} for function in verdict_functions(self._terms)]
        think["functions"] = [*objects_of(think, "functions"), *ours]
        begin = {"context": {"messages": [*self._history]}} if self._history else {"greeting": self._section.greeting}
        agent = {"listen": self._section.listen, "think": think, "speak": self._section.speak, **begin}
        self._send("Settings", audio={"input": MULAW, "output": {**MULAW, "container": "none"}}, agent=agent)

    def _use(self, calls: list[dict[str, Any]], now: float) -> None:
        for call in calls:
            id, name = text_of(call, "id"), text_of(call, "name")
            try:
                self._final = id, verdict_of_function(name, text_of(call, "arguments"), self._terms)
                self.deadline = now + PAUSE_S
            except InvalidVerdict as exc:
                self._send("FunctionCallResponse", id=id, name=name, content=exc.detail)

    def _send(self, type: str, **fields: Any) -> None:
        self._out.send(json.dumps({"type": type, **fields}))


KIND = Kind("deepgram", DeepgramSection, DeepgramDialect)
