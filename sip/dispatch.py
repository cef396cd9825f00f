"""[sans-IO] Which worker has this dialog, and who has room for another call."""

from dataclasses import dataclass, field

from sip.messages import Leg


@dataclass(frozen=True)
class Dialog:
    """A SIP dialog that belongs to one of our calls."""

    call: str
    leg: Leg
    worker: int


@dataclass(slots=True)
class _Worker:
    port: int
    capacity: int
    lingering: int = 0
    taken: int = 0
    """Dialogs promised to calls: the sum of `calls`."""
    calls: dict[str, int] = field(default_factory=dict)

    @property
    def free(self) -> int:
        return max(self.capacity - self.lingering - self.taken, 0)


class Dispatch:
    """The table of workers, what each has promised, and the dialogs they hold.

    A worker's id is a number that is never used twice, so a dialog of a dead worker finds nobody.
    """

    def __init__(self) -> None:
        self._workers: dict[int, _Worker] = {}
        self._workers_by_port: dict[int, int] = {}
        self._workers_by_free: dict[int, dict[int, None]] = {}
        self._call_workers: dict[str, int] = {}
        self._dialogs: dict[str, Dialog] = {}
        self._call_dialogs: dict[str, list[str]] = {}

    # workers

    def add_worker(self, worker: int, port: int, capacity: int) -> None:
        """A worker listens on this loopback port and holds that many dialogs."""
        added = self._workers[worker] = _Worker(port, capacity)
        self._workers_by_port[port] = worker
        self._workers_by_free.setdefault(added.free, {})[worker] = None

    def remove_worker(self, worker: int) -> list[str]:
        """The worker is gone; returns the calls it had. Their dialogs stay known until forgotten."""
        gone = self._workers.pop(worker, None)
        if gone is None:
            return []
        if self._workers_by_port.get(gone.port) == worker:  # a successor may have the port already
            del self._workers_by_port[gone.port]
        del self._workers_by_free[gone.free][worker]
        for call in gone.calls:
            del self._call_workers[call]
        return list(gone.calls)

    def set_lingering(self, worker: int, count: int) -> None:
        """Slots of that worker still taken by dialogs whose call is over."""
        if worker in self._workers:
            self._change(worker, 0, count)

    @property
    def workers(self) -> int:
        """How many workers run."""
        return len(self._workers)

    @property
    def calls(self) -> int:
        """How many calls have a living worker."""
        return len(self._call_workers)

    def room(self, dialogs: int) -> int:
        """How many more calls of so many dialogs fit in the workers that run."""
        return sum(free // dialogs * len(workers) for free, workers in self._workers_by_free.items())

    def idle_workers(self) -> list[int]:
        """Workers that hold nothing, the newest first."""
        return [number for number, worker in reversed(self._workers.items()) if worker.free == worker.capacity]

    # calls

    def reserve(self, call: str, dialogs: int) -> int | None:
        """Take that many dialogs for a call: the fullest worker with room, so that idle ones stay idle.

        A call that has a living worker keeps it.
        """
        if call in self._call_workers:
            return self._call_workers[call]
        fitting = [free for free, workers in self._workers_by_free.items() if free >= dialogs and workers]
        if not fitting:
            return None
        number = next(iter(self._workers_by_free[min(fitting)]))
        worker = self._workers[number]
        worker.calls[call] = dialogs
        self._call_workers[call] = number
        self._change(number, dialogs, worker.lingering)
        return number

    def release(self, call: str) -> None:
        """Both legs of the call are over; what lingers is counted by the worker."""
        number = self._call_workers.pop(call, None)
        if number is not None:
            worker = self._workers[number]
            self._change(number, -worker.calls.pop(call), worker.lingering)

    def worker_of_call(self, call: str) -> int | None:
        """The living worker that has this call."""
        return self._call_workers.get(call)

    # dialogs

    def bind(self, sip_call_id: str, dialog: Dialog) -> None:
        """Remember whose dialog a Call-ID is; one that was another call's is that call's no more.

        LiveVox may try again with the same Call-ID after a refusal, while the first try is still being closed.
        """
        before = self._dialogs.get(sip_call_id)
        if before is None or before.call != dialog.call:
            if before is not None:
                self._call_dialogs[before.call].remove(sip_call_id)
            self._call_dialogs.setdefault(dialog.call, []).append(sip_call_id)
        self._dialogs[sip_call_id] = dialog

    def dialog(self, sip_call_id: str) -> Dialog | None:
        """The dialog with this Call-ID, its worker dead or alive."""
        return self._dialogs.get(sip_call_id)

    def forget(self, call: str) -> None:
        """The call is closed: its dialogs are no longer known."""
        for sip_call_id in self._call_dialogs.pop(call, ()):
            self._dialogs.pop(sip_call_id, None)

    # addresses

    def port(self, worker: int) -> int | None:
        """The loopback port of a living worker."""
        found = self._workers.get(worker)
        return found.port if found else None

    def worker_at(self, port: int) -> int | None:
        """The living worker on this loopback port."""
        return self._workers_by_port.get(port)

    def _change(self, number: int, taken: int, lingering: int) -> None:
        """The only place where a worker's count of free dialogs changes."""
        worker = self._workers[number]
        del self._workers_by_free[worker.free][number]
        worker.taken += taken
        worker.lingering = lingering
        self._workers_by_free.setdefault(worker.free, {})[number] = None
