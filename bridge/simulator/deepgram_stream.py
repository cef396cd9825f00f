"""[sans-IO] What the bridge sends a Deepgram agent, read strictly: each deviation from Deepgram's pages is a fault.

Source: developers.deepgram.com/docs/configure-voice-agent and voice-agent-inputs.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from bridge.simulator.stream_bot import StreamBotRecord

_INPUT = {"encoding": "mulaw", "sample_rate": 8000}
_OUTPUT = {**_INPUT, "container": "none"}
_SETTINGS = frozenset({"type", "tags", "experimental", "flags", "mip_opt_out", "audio", "agent"})
_AGENT = frozenset({"language", "context", "listen", "think", "speak", "greeting"})
_THINK = frozenset({"provider", "endpoint", "functions", "prompt", "context_length"})
_FUNCTION = frozenset({"name", "description", "parameters", "endpoint", "defer_until_eot"})
#: The other messages of a client, and what they must say, all of it text.
_MESSAGES: Mapping[str, tuple[str, ...]] = {
    "UpdatePrompt": ("prompt",),
    "InjectUserMessage": ("content",),
    "InjectAgentMessage": ("message",),
    "FunctionCallResponse": ("id", "name", "content"),
    "KeepAlive": (),
}
#: How a model understands that keys were pressed, and what the customer's data are.
_KEYS = re.compile(r"\bkeys? ([0-9A-D*#]+)")
_ROW = re.compile(r"(?m)^([^:\n]+): (.*)$")


class DeepgramStream:
    """The bridge's side of one connection; what it learns and misses goes into the record."""

    def __init__(self, record: StreamBotRecord) -> None:
        self.functions: dict[str, Mapping[str, Any]] = {}
        """The parameters of the client's functions, by name."""
        self.asked: dict[str, str] = {}
        """Functions that were called and have no answer yet: their names by id."""
        self.greeting = ""
        self.history: list[Mapping[str, str]] = []
        """What the agent is told of an earlier connection."""
        self.welcomed = False
        """The bot has said Welcome."""
        self.applied = False
        """The bot has said SettingsApplied."""
        self._configured = False
        self._record = record

    def audio(self, audio: bytes, now: float) -> None:
        """A binary message came."""
        if not self.applied:
            self._fault("audio before SettingsApplied")
        if not audio:
            self._fault("a binary message without audio")
        self._record.hear(audio, now)

    def take(self, text: str, now: float) -> Mapping[str, Any]:
        """Read a message; one that is at fault is empty."""
        try:
            said = json.loads(text)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            return self._fault("a message is not a JSON object")
        self._record.event(said, now)
        faults = len(self._record.faults)
        kind = said.get("type")
        if kind == "Settings":
            self._settings(said)
        elif not self.applied:
            self._fault(f"{kind} before SettingsApplied")
        elif isinstance(kind, str) and kind in _MESSAGES:
            self._message(kind, said)
        else:
            self._fault(f"an unknown message: {kind}")
        return said if len(self._record.faults) == faults else {}

    def outcome(self, wanted: str) -> str:
        """The outcome as a model would name it: one of those it was told of."""
        known = self.functions.get("end_call", {}).get("properties", {}).get("outcome", {}).get("enum")
        return wanted if not known or wanted in known else str(known[0])

    # private

    def _settings(self, said: Mapping[str, Any]) -> None:
        if not self.welcomed:
            self._fault("Settings before Welcome")
        if self._configured:
            self._fault("Settings again")
        self._configured = True
        self._only(said, _SETTINGS)
        if said.get("audio") != {"input": _INPUT, "output": _OUTPUT}:
            self._fault(f"audio is {said.get('audio')}")
        agent = self._object(said, "agent")
        self._only(agent, _AGENT)
        for name in ("listen", "think", "speak"):
            provider = self._object(self._object(agent, name), "provider")
            if not isinstance(provider.get("type"), str):
                self._fault(f"{name}.provider has no type")
        self._think(self._object(agent, "think"))
        self.greeting = str(agent.get("greeting", ""))
        self.history = agent.get("context", {}).get("messages", [])
        for message in self.history:
            if set(message) != {"type", "role", "content"} or message["role"] not in ("user", "assistant"):
                self._fault("a message of the history is not one")

    def _think(self, think: Mapping[str, Any]) -> None:
        self._only(think, _THINK)
        self._record.facts = {"prompt": str(think.get("prompt"))}
        for function in think.get("functions", ()):
            self._only(function, _FUNCTION)
            if not isinstance(function.get("name"), str) or function.get("parameters", {}).get("type") != "object":
                self._fault("a function without name or parameters")
            elif "endpoint" not in function:
                self.functions[function["name"]] = function["parameters"]

    def _message(self, kind: str, said: Mapping[str, Any]) -> None:
        self._only(said, frozenset(("type", *_MESSAGES[kind])))
        if any(not isinstance(said.get(name), str) for name in _MESSAGES[kind]):
            self._fault(f"{kind} without {' or '.join(_MESSAGES[kind])}")
        elif kind == "UpdatePrompt":
            self._record.screen_pop = dict(_ROW.findall(said["prompt"]))
        elif kind == "InjectUserMessage" and (keys := _KEYS.search(said["content"])):
            self._record.keys += keys[1]
        elif kind == "FunctionCallResponse" and self.asked.pop(said["id"], None) != said["name"]:
            self._fault("FunctionCallResponse to no call")

    def _object(self, said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = said.get(key)
        return value if isinstance(value, dict) else self._fault(f"{key} is not an object")

    def _only(self, said: Mapping[str, Any], known: frozenset[str]) -> None:
        if unknown := set(said) - known:
            self._fault(f"unknown: {', '.join(sorted(unknown))}")

    def _fault(self, what: str) -> Mapping[str, Any]:
        self._record.faults.append(what)
        return {}
