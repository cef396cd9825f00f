"""[sans-IO] What the simulated Realtime model does with its turns: the scripts of StreamBotSettings."""

from collections.abc import Callable

from bridge.simulator.openai_response import Reply
from bridge.simulator.stream_bot import BotScript, BotScriptLine, StreamBotSettings, prompt

#: How long the bot that is to be interrupted goes on.
_LONG_SPEECH_S = 30.0
#: What it says when it has nothing to do.
_ANSWER_S = 1.0

#: What no server should send; the bridge must not mind.
NONSENSE = (
    "{",
    "[1, 2]",
    '{"type": 7}',
    '{"type": "response.mind_reading.delta", "delta": "?"}',
    '{"type": "response.output_audio.delta", "item_id": "item_x", "delta": "not base64"}',
    '{"type": "response.output_audio.delta", "delta": "AAAA"}',
    '{"type": "response.done"}',
    '{"type": "response.function_call_arguments.done", "arguments": 3}',
)


class ModelScript:
    """The script of one session: `reply` for each response that is asked for or that the customer's turn makes."""

    def __init__(self, settings: StreamBotSettings, line: BotScriptLine) -> None:
        self._settings = settings
        self._begin(line)

    def reply(self) -> Reply | None:
        """What the model does next; None: nothing at all, not even a response."""
        turn = self._turn
        self._turn += 1
        return self._reply(turn)

    def cut_off(self, reply: Reply) -> None:
        """The customer did not let it finish: what it meant to do it does in its next turn."""
        if reply.functions:
            self._turn -= 1

    def pressed(self, keys: str) -> None:
        """The customer pressed keys: one of them may start another script."""
        for key in keys:
            line = self._settings.digits.get(key)
            if line is not None:
                self._begin(line)

    def _begin(self, line: BotScriptLine) -> None:
        self._line = line
        self._turn = 0
        replies: dict[BotScript, Callable[[int], Reply | None]] = {
            BotScript.TRANSFER: self._transfer,
            BotScript.WAIT: self._wait,
            BotScript.BYE: self._bye,
            BotScript.DTMF: self._press,
            BotScript.BARGE_IN: self._go_on,
            BotScript.DROP: self._drop,
            BotScript.FLOOD: self._flood,
            BotScript.SILENT: lambda _turn: None,
            BotScript.ECHO: lambda _turn: None,
        }
        self._reply = replies.get(line.script, self._finish)

    def _finish(self, turn: int) -> Reply:
        return self._ending(self._settings.speak_s) if turn == 0 else self._answer()

    def _transfer(self, turn: int) -> Reply:
        if turn == 0:
            target = self._line.argument or self._settings.target
            return Reply(prompt(self._settings.speak_s), (("transfer_call", {"target": target}),))
        return self._ending(_ANSWER_S, "transfer_failed") if turn == 1 else self._answer()

    def _wait(self, turn: int) -> Reply:
        return Reply(prompt(self._settings.speak_s)) if turn == 0 else self._answer()

    def _bye(self, turn: int) -> Reply:
        after_s = self._settings.speak_s + self._settings.after_s
        return Reply(prompt(self._settings.speak_s), close_after_s=after_s) if turn == 0 else self._answer()

    def _press(self, turn: int) -> Reply:
        pressing = (("send_digits", {"digits": self._line.keys}),)
        return Reply(prompt(self._settings.speak_s), pressing) if turn == 0 else self._answer()

    def _go_on(self, turn: int) -> Reply:
        return Reply(prompt(_LONG_SPEECH_S)) if turn == 0 else self._answer()

    def _drop(self, turn: int) -> Reply:
        return Reply(prompt(self._settings.speak_s), vanish_after_s=self._settings.speak_s / 2)

    def _flood(self, turn: int) -> Reply:
        return Reply(prompt(self._line.seconds)) if turn == 0 else self._answer()

    def _answer(self) -> Reply:
        return Reply(prompt(_ANSWER_S))

    def _ending(self, seconds: float, outcome: str = "") -> Reply:
        return Reply(prompt(seconds), (("end_call", self._settings.verdict(self._line, outcome)),))
