"""`… -m sip.worker …` by a JumpingClock: what pjsip's library asks for the time is exchanged, then the zygote runs."""

import ctypes
import mmap
import os
import runpy
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: The environment's name of the file that says how far the clock is ahead, and what is in it.
FILE = "JUMPING_CLOCK"
SECONDS = struct.Struct("d")

_NS, _US = 10**9, 10**6
#: Of an ELF file's dynamic section (System V ABI, chapter 5): tags, and the sizes of what they point at.
_STRINGS, _SYMBOLS, _JUMPS, _JUMPS_SIZE = 5, 6, 23, 2
_ENTRY, _RELOCATION, _SYMBOL = struct.Struct("<qQ"), struct.Struct("<QQq"), struct.Struct("<IBBHQQ")
_PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
_DYNAMIC = 2


class _Time(ctypes.Structure):
    """struct timespec and struct timeval: seconds and a part of a second."""

    _fields_ = (("seconds", ctypes.c_long), ("part", ctypes.c_long))


def _jump_slots(path: str) -> Iterator[tuple[str, int]]:
    """Name and address of each function that a loaded shared object calls in another one."""
    maps = Path("/proc/self/maps").read_text().splitlines()
    base = min(int(line.partition("-")[0], 16) for line in maps if line.endswith(path))
    image = Path(path).read_bytes()
    (first,), (size, count) = struct.unpack_from("<Q", image, 32), struct.unpack_from("<HH", image, 54)
    headers = [_PROGRAM_HEADER.unpack_from(image, first + size * index) for index in range(count)]
    start, length = next((header[2], header[5]) for header in headers if header[0] == _DYNAMIC)
    tags = dict(_ENTRY.iter_unpack(image[start : start + length]))
    jumps, symbols, strings = (base + tags[tag] for tag in (_JUMPS, _SYMBOLS, _STRINGS))
    for address, info, _ in _RELOCATION.iter_unpack(ctypes.string_at(jumps, tags[_JUMPS_SIZE])):
        (name, *_) = _SYMBOL.unpack(ctypes.string_at(symbols + _SYMBOL.size * (info >> 32), _SYMBOL.size))
        yield ctypes.string_at(strings + name).decode(), base + address


def set_ahead(path: str, clock: mmap.mmap) -> list[Any]:
    """Let the shared object `path` see the time as `clock` has it; what is returned must be kept."""
    library = ctypes.CDLL(None)
    slots = dict(_jump_slots(path))
    kept: list[Any] = []

    def exchange(name: str, arguments: tuple[Any, ...], parts: int) -> None:
        function = ctypes.CFUNCTYPE(ctypes.c_int, *arguments)
        original = function((name, library))

        def ahead(*given: Any) -> int:
            result: int = original(*given)
            now = _Time.from_address(given[-1] if parts == _NS else given[0])
            total = now.seconds * parts + now.part + int(SECONDS.unpack(clock[:])[0] * parts)
            now.seconds, now.part = divmod(total, parts)
            return result

        exchanged = function(ahead)
        kept.append(exchanged)
        ctypes.c_void_p.from_address(slots[name]).value = ctypes.cast(exchanged, ctypes.c_void_p).value

    exchange("clock_gettime", (ctypes.c_int, ctypes.c_void_p), _NS)
    exchange("gettimeofday", (ctypes.c_void_p, ctypes.c_void_p), _US)
    return kept


if __name__ == "__main__":
    import pjsua2.pjsua2 as pj

    with Path(os.environ[FILE]).open("r+b") as file:
        ahead = mmap.mmap(file.fileno(), SECONDS.size)
    kept = set_ahead(pj._pjsua2.__file__, ahead)
    module = sys.argv.index("-m")
    sys.argv = sys.argv[module + 1 :]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
