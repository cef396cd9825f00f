"""How the zygote and the workers hang on their parents: none outlives the bridge, none is ended by the terminal."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent(parent: int) -> None:
    """Be killed when the parent process dies, however it dies; ends at once if it is dead already."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        os._exit(1)


def ignore_terminal() -> None:
    """Leave it to the bridge to end this process: signals to the process group are for the bridge."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def silence_standard_output() -> None:
    """pjsip prints its first lines to descriptor 1 whatever its settings say; descriptor 2 stays for real errors."""
    sys.stdout.flush()
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
