"""The bridge as a process: signals, the service manager, the exit code."""

import asyncio
import itertools
import os
import signal
from collections.abc import Callable

import structlog

from bridge import garbage
from bridge.service import Service
from bridge.service_manager import ServiceManager
from bridge.settings import Settings

log = structlog.get_logger()


async def run(settings: Settings, log_left_out: Callable[[], int] = lambda: 0) -> int:
    """Serve until SIGTERM, SIGINT or an operator's order, then drain; a second signal hurries.

    Returns the exit code: 0 when all calls ended by themselves and LiveVox has their dispositions.
    """
    service, earlier = Service(settings, log_left_out=log_left_out), itertools.count()
    loop = asyncio.get_running_loop()

    def on_signal(name: str) -> None:
        # The first one does not hurry a drain that an operator began: service managers send it after a while.
        (service.draining.hurry if next(earlier) else service.draining.ask)(name)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal, number.name)
    loop.add_signal_handler(signal.SIGHUP, service.reloader.reload_soon, signal.SIGHUP.name)
    with ServiceManager(os.environ) as manager:
        async with service.running():
            garbage.begin_work()
            manager.ready(f"takes calls on {settings.sip.listen.host}:{service.edge.public_port}")
            await service.draining.asked.wait()
            manager.stopping(f"drains: {len(service.controller.calls)} calls are up")
            good = await service.serve()
    log.info("bridge_stopped", good=good)
    return 0 if good else 1
