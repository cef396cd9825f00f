"""Who has a port: the process, as far as this user may see it in /proc, and the error that says so."""

import errno
from pathlib import Path

from sip.errors import AddressInUse, AddressUnusable


def address_error(exc: OSError, host: str, port: int, protocol: str = "udp") -> AddressInUse | AddressUnusable:
    """The error to raise when a socket could not be bound; `protocol` is "udp" or "tcp"."""
    if exc.errno == errno.EADDRINUSE:
        return AddressInUse(host, port, holder_of(port, protocol), protocol.upper())
    return AddressUnusable(host, port, exc.strerror or str(exc))


def holder_of(port: int, protocol: str = "udp") -> str | None:
    """The process with a socket on this local port, "udp" or "tcp"; None: nobody, or nobody this user may see."""
    try:
        inodes = _inodes_of(port, protocol)
        for process in Path("/proc").glob("[0-9]*"):
            if _holds(process, inodes):
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
                return f"process {process.name} ({command[:80]})"
    except OSError:
        return None
    return None


def _inodes_of(port: int, protocol: str) -> set[str]:
    rows = [line.split() for line in Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]]
    return {f"socket:[{row[9]}]" for row in rows if int(row[1].rpartition(":")[2], 16) == port}


def _holds(process: Path, inodes: set[str]) -> bool:
    try:
        return any(str(entry.readlink()) in inodes for entry in (process / "fd").iterdir())
    except OSError:  # it ended, or belongs to another user
        return False
