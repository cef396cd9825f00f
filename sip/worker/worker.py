"""One SIP worker: a pjsip endpoint on loopback, driven by one thread that obeys the bridge's commands."""

import socket
import time

import pjsua2.pjsua2 as pj

from sip.channel import MAX_FRAME, WORKER_CHANNEL
from sip.errors import InvalidFrame
from sip.messages import (
    Answer,
    Command,
    CommandFailed,
    Dial,
    HangUp,
    Leg,
    LegEnded,
    Refuse,
    SendRequest,
    Stop,
    WorkerReady,
)
from sip.worker import parameters
from sip.worker.endpoint import WorkerStack
from sip.worker.leg import DialogLeg, LegState
from sip.worker.legs import Legs
from sip.worker.library import Library
from sip.zygote import WorkerSettings

#: How long the worker sleeps when nothing happens; datagrams, pjsip's timers and commands all wake it.
_IDLE_MS = 5_000
#: How long it sleeps while ended dialogs hold slots: pjsip frees those in its timers, after which it sleeps on.
_LINGERING_MS = 100
#: A pause when pjsip cannot wait (a signal came, its socket is broken), so that the worker does not spin, in seconds.
_FAULT_S = 0.01
#: How long a worker that was told to stop waits for its BYEs to be answered, in seconds.
_LAST_WORDS_S = 1.0


CallCommand = Answer | Refuse | Dial | HangUp | SendRequest


class Worker:
    """Obeys commands, and lets pjsip work in between."""

    def __init__(self, settings: WorkerSettings, number: int, channel: socket.socket) -> None:
        self._channel = channel
        self._library = Library()
        self._legs = Legs(channel, self._library)
        self._stack = WorkerStack(settings, number, self._legs, self._library)
        self._waiting: dict[str, Dial] = {}
        """Engines to be dialled as soon as there is a slot, by call."""
        self._stopping = False

    def run(self) -> None:
        """Work until told to stop, or until the bridge is gone."""
        self._legs.report(WorkerReady(self._stack.port, self._library.slots))
        while not self._stopping:
            self._turn(_LINGERING_MS if self._legs.lingering or self._waiting else _IDLE_MS)
        self._hang_up_all()
        last = time.monotonic() + _LAST_WORDS_S
        while self._library.dialogs() and time.monotonic() < last:
            self._turn(_LINGERING_MS)

    def _turn(self, milliseconds: int) -> None:
        self._stack.log_lines.begin_turn()
        if self._stack.endpoint.libHandleEvents(milliseconds) < 0:
            time.sleep(_FAULT_S)
        while doomed := self._legs.next_doomed():
            self._obey(self._ending(*doomed))
        for command in self._commands():
            self._obey(command)
        self._dial_waiting()
        if self._legs.ended:
            self._legs.ended.clear()
            self._library.pull_frame()
        self._legs.report_slots()

    def _ending(self, call: str, side: Leg, status: int) -> Command:
        """How to end a leg that cannot go on."""
        leg = self._legs.get(call, side)
        early = leg is not None and leg.state is LegState.EARLY
        return Refuse(call, status) if early and side is Leg.CUSTOMER else HangUp(call, side)

    def _commands(self) -> list[Command]:
        """The commands that have arrived. The bridge closing its end is a Stop."""
        commands: list[Command] = []
        while True:
            try:
                frame = self._channel.recv(MAX_FRAME, socket.MSG_DONTWAIT)
                commands.append(WORKER_CHANNEL.decode(frame) if frame else Stop())
            except BlockingIOError:
                return commands
            except InvalidFrame as exc:
                self._legs.log("error", str(exc))
                continue
            if not frame:
                return commands

    def _obey(self, command: Command) -> None:
        if isinstance(command, Stop):
            self._stopping = True
            return
        name = type(command).__name__
        try:
            done = self._dial(command) if isinstance(command, Dial) else self._tell_leg(command)
            if not done:
                self._legs.report(CommandFailed(command.call, name, "the call has no such leg"))
        except pj.Error as exc:
            self._failed(command, exc.info())
        except Exception:  # noqa: BLE001  # one command's fault must not cost the other calls of this worker
            self._legs.log_exception(name)
            self._failed(command, "a fault of the worker, see the log")

    def _failed(self, command: CallCommand, error: str) -> None:
        """The library did not do it. A dialog that never was ends here: pjsip says so by the error only."""
        self._legs.report(CommandFailed(command.call, type(command).__name__, error))
        leg = self._legs.get(command.call, Leg.ENGINE) if isinstance(command, Dial) else None
        if leg is not None:
            leg.give_up(pj.PJSIP_SC_INTERNAL_SERVER_ERROR, "the INVITE could not be sent")

    def _dial(self, command: Dial) -> bool:
        """A call has one engine at a time: the leg of the one before ends first, and its end is said first."""
        if self._legs.get(command.call, Leg.ENGINE) or command.call in self._waiting:
            self._obey(HangUp(command.call, Leg.ENGINE))
        if not self._legs.make_room(command.call):
            self._waiting[command.call] = command
            return True
        leg = DialogLeg(self._legs, self._stack.account, command.call, Leg.ENGINE, command.media)
        if not self._legs.add(leg):
            return False
        leg.makeCall(parameters.one_line(command.uri), parameters.invite(command))
        return True

    def _dial_waiting(self) -> None:
        """Those that found no slot, in the order they came."""
        for call in list(self._waiting):
            if self._legs.make_room(call):
                self._obey(self._waiting.pop(call))

    def _tell_leg(self, command: CallCommand) -> bool:
        """Carry out a command for a leg; False when there is no such leg."""
        if isinstance(command, HangUp) and command.leg is Leg.ENGINE and command.call in self._waiting:
            del self._waiting[command.call]
            self._legs.report(LegEnded(command.call, Leg.ENGINE, by_peer=False, status=487, reason="hung up"))
            return True
        match command:
            case Answer(call) | Refuse(call):
                leg = self._legs.get(call, Leg.CUSTOMER)
            case HangUp(call, side) | SendRequest(call, side):
                leg = self._legs.get(call, side)
            case _:
                leg = None
        if leg is None:
            return False
        match command:
            case Answer():
                leg.media = command.media
                leg.answer(parameters.answer(pj.PJSIP_SC_OK))
            case Refuse():
                leg.answer(parameters.answer(command.status, command.headers))
            case HangUp():
                leg.end(parameters.answer(_hang_up_status(leg), command.headers))
            case SendRequest():
                leg.request(parameters.request(command))
        return True

    def _hang_up_all(self) -> None:
        for call in list(self._waiting):
            self._obey(HangUp(call, Leg.ENGINE))
        for call, side in self._legs.living():
            self._obey(HangUp(call, side))


def _hang_up_status(leg: DialogLeg) -> int:
    """For a dialog that is not confirmed: the refusal to the customer; pjsip chooses the rest, CANCEL or BYE."""
    if leg.side is Leg.CUSTOMER and leg.state is LegState.EARLY:
        return int(pj.PJSIP_SC_TEMPORARILY_UNAVAILABLE)
    return 0
