"""The few functions of pjproject that pjsua2 does not wrap, called through ctypes in the same shared object."""

import contextlib
import ctypes
from collections.abc import Iterator
from typing import Any

import pjsua2.pjsua2 as pj

#: Milliseconds of RFC 3261 section 17.1.1.1: timer T1, and T2 of non-INVITE requests, and T4.
T1_MS = 500
T2_MS = 2_000
T4_MS = 5_000
#: The conference: samples a second, and milliseconds a frame. No audio passes it, so the least will do.
CLOCK_RATE = 8_000
FRAME_MS = 20
#: The status of a dialog whose other side has not answered.
_NO_ANSWER = 408
#: One frame of 16-bit samples; pjsip aborts when it is asked for another size.
_FRAME_BYTES = CLOCK_RATE * FRAME_MS // 1000 * 2


class _Frame(ctypes.Structure):
    """pjmedia_frame (pjmedia/frame.h)."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("buf", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("timestamp", ctypes.c_uint64),
        ("bit_info", ctypes.c_uint32),
    )


class Library:
    """The loaded library; to be made after Endpoint.libInit and used by its thread only."""

    def __init__(self) -> None:
        self._functions: Any = ctypes.CDLL(pj._pjsua2.__file__)
        self._functions.pjsip_dlg_get_inv_session.restype = ctypes.c_void_p
        self._buffer = ctypes.create_string_buffer(_FRAME_BYTES)
        self._conference: int | None = None
        self._transaction_ms = 0
        self._slots: int = pj.UaConfig().maxCalls
        self._ids = (ctypes.c_int * self._slots)()

    @property
    def slots(self) -> int:
        """Dialogs the library can hold, as it was compiled."""
        return self._slots

    def limit_transactions(self, seconds: float) -> None:
        """Give up on an unanswered transaction after so long (timers B, D, F and H), not after 32 s."""
        self._transaction_ms = int(seconds * 1000)
        self._functions.pjsip_tsx_set_timers(T1_MS, T2_MS, T4_MS, self._transaction_ms)

    @contextlib.contextmanager
    def cancelling(self) -> Iterator[None]:
        """While pjsip sends a CANCEL in here, it limits the INVITE's transaction too.

        Else a peer that rings and then says nothing any more holds its slot for 64 * T1 = 32 s, whatever the limit is.
        """
        self._functions.pjsip_tsx_set_timers(max(self._transaction_ms // 64, 1), 0, 0, 0)
        try:
            yield
        finally:
            self._functions.pjsip_tsx_set_timers(T1_MS, 0, 0, 0)

    def open_conference(self) -> None:
        """Use no sound device: the conference then moves only when a frame is pulled from it."""
        function = self._functions.pjsua_set_no_snd_dev
        function.restype = ctypes.c_void_p
        self._conference = function()

    def pull_frame(self) -> None:
        """Let the conference take one step, in which it frees the ports of ended dialogs. Never from a callback."""
        frame = _Frame(0, ctypes.addressof(self._buffer), _FRAME_BYTES, 0, 0)
        self._functions.pjmedia_port_get_frame(ctypes.c_void_p(self._conference), ctypes.byref(frame))

    def conference_ports(self) -> int:
        """Ports the conference holds: one for itself, and each dialog's until pull_frame frees it."""
        return int(self._functions.pjsua_conf_get_active_ports())

    def dialogs(self) -> int:
        """Dialog slots in use, those of ended legs whose peer does not answer among them.

        Not pjsua_call_get_count(): that never comes down again after an INVITE refused with 422.
        """
        return len(self.occupied())

    def occupied(self) -> list[int]:
        """The slots in use."""
        count = ctypes.c_uint(self._slots)
        self._functions.pjsua_enum_calls(self._ids, ctypes.byref(count))
        slots: list[int] = self._ids[: count.value]
        return slots

    def vacate(self, slot: int) -> None:
        """Take the slot from a leg that was hung up; its BYE is repeated all the same. Never from a callback."""
        call, dialog = ctypes.c_void_p(), ctypes.c_void_p()
        if self._functions.acquire_call(b"vacate", slot, ctypes.byref(call), ctypes.byref(dialog)):
            return  # it has come free by itself
        session = self._functions.pjsip_dlg_get_inv_session(dialog)
        if session:
            self._functions.pjsip_inv_terminate(ctypes.c_void_p(session), _NO_ANSWER, 1)
        self._functions.pjsip_dlg_dec_lock(dialog)
