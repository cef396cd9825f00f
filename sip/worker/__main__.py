"""`python -m sip.worker CONTROL PARENT SETTINGS`: the zygote, started by sip.pool and by nobody else."""

import socket
import sys

import pjsua2.pjsua2  # noqa: F401  # loaded once, here, for all workers

from sip.channel import WORKER_SETTINGS
from sip.worker.process import end_with_parent, ignore_terminal, silence_standard_output
from sip.worker.zygote import Zygote


def main(arguments: list[str]) -> int:
    """CONTROL is the descriptor of the channel to the pool, PARENT the pool's process id."""
    descriptor, parent, settings = arguments
    ignore_terminal()
    end_with_parent(int(parent))
    silence_standard_output()
    control = socket.socket(fileno=int(descriptor))
    Zygote(WORKER_SETTINGS.decode(settings.encode()), control).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
