"""What a call wants done with its engines."""

from bridge.calls import events as ev
from bridge.calls.audio import CallAudio
from bridge.calls.engine import CallEngine

EngineCommand = ev.ConnectEngine | ev.PassOverEngine | ev.DropEngine | ev.ReportTransfer | ev.TellDeadAir


def tell_engine(command: EngineCommand, engine: CallEngine, audio: CallAudio) -> None:
    """Carry out a command that is for the engine."""
    match command:
        case ev.ConnectEngine(name):
            engine.connect(name, audio.engine_offer)
        case ev.PassOverEngine(name):
            engine.pass_over(name)
        case ev.DropEngine(fate):
            audio.engine_gone()
            engine.hang_up(fate)
        case ev.ReportTransfer(status):
            engine.transfer_progress(status)
        case ev.TellDeadAir(silent_s):
            engine.dead_air(silent_s)
