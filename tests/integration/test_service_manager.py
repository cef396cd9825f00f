"""What systemd is told, on a socket like its own."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.service_manager import ServiceManager


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        yield listener


def heard(listener: socket.socket) -> list[str]:
    return listener.recv(4096).decode().splitlines()


def test_it_hears_when_calls_are_taken_and_when_no_more_are(systemd: socket.socket) -> None:
    with ServiceManager({"NOTIFY_SOCKET": systemd.getsockname()}) as manager:
        manager.ready("serving on 127.0.0.1:5070")
        manager.stopping("draining 3 calls")
    assert heard(systemd) == ["READY=1", "STATUS=serving on 127.0.0.1:5070"]
    assert heard(systemd) == ["STOPPING=1", "STATUS=draining 3 calls"]


def test_an_abstract_address_is_found() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("")  # the kernel chooses an abstract one
        listener.settimeout(5)
        with ServiceManager({"NOTIFY_SOCKET": "@" + listener.getsockname()[1:].decode()}) as manager:
            manager.stopping("")
        assert heard(listener)[0] == "STOPPING=1"


async def test_the_watchdog_hears_of_a_loop_that_turns_and_nothing_of_one_that_hangs(systemd: socket.socket) -> None:
    with ServiceManager({"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "20000"}) as manager:
        manager.ready("")
        assert heard(systemd)[0] == "READY=1"
        systemd.setblocking(False)
        for _ in range(3):
            assert await asyncio.wait_for(asyncio.get_running_loop().sock_recv(systemd, 4096), 5) == b"WATCHDOG=1"
    with pytest.raises(BlockingIOError):
        while True:  # what was said before the end
            systemd.recv(4096)
    await asyncio.sleep(0.05)
    with pytest.raises(BlockingIOError):
        systemd.recv(4096)


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"WATCHDOG_USEC": "2000000"}])
async def test_without_a_service_manager_nothing_is_said(environment: dict[str, str]) -> None:
    with ServiceManager(environment) as manager:
        manager.ready("")
        manager.stopping("")


@pytest.mark.parametrize("interval", ["", "soon", "-5", "٣"])
async def test_a_watchdog_that_cannot_be_read_is_none(systemd: socket.socket, interval: str) -> None:
    with ServiceManager({"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": interval}) as manager:
        manager.ready("")
        assert heard(systemd)[0] == "READY=1"
        await asyncio.sleep(0)
        systemd.setblocking(False)
        with pytest.raises(BlockingIOError):
            systemd.recv(4096)


def test_one_that_is_gone_costs_nothing(tmp_path: Path) -> None:
    with ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "nobody")}) as manager:
        manager.stopping("")
