"""The yardstick others know: Kamailio with rtpengine in user space, where they are installed."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.children import LoadFailed
from tests.benchmarks.phones import LOOPBACK
from tests.benchmarks.sip_texts import Address
from tests.free_ports import free_port

_START_S = 10.0
_CONFIG = """
debug=-1
log_stderror=yes
children=4
auto_aliases=no
disable_tcp=yes
listen=udp:127.0.0.1:{port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "rtpengine.so"
modparam("rtpengine", "rtpengine_sock", "udp:127.0.0.1:{control_port}")

request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (has_totag()) {{
        if (loose_route()) {{
            if (is_method("BYE")) {{ rtpengine_delete(); }}
            t_relay();
        }} else if (is_method("ACK") && t_check_trans()) {{
            t_relay();
        }} else {{
            sl_send_reply("481", "Call Does Not Exist");
        }}
        exit;
    }}
    if (!is_method("INVITE")) {{ sl_send_reply("405", "Method Not Allowed"); exit; }}
    record_route();
    rtpengine_offer("replace-origin replace-session-connection ICE=remove");
    t_on_reply("ANSWERED");
    $ru = "sip:bot@{engine}";
    t_relay();
}}

onreply_route[ANSWERED] {{
    if (has_body("application/sdp")) {{
        rtpengine_answer("replace-origin replace-session-connection ICE=remove");
    }}
}}
"""


@dataclass(frozen=True)
class Kamailio:
    """A proxy that brings every call to one engine, its audio through rtpengine."""

    address: Address
    pids: tuple[int, ...]
    """Kamailio's first process, and rtpengine's."""


@asynccontextmanager
async def kamailio(engine: Address) -> AsyncIterator[Kamailio | None]:
    """Both run; None when they are not installed. Raises LoadFailed."""
    programs = [
        shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") for name in ("kamailio", "rtpengine")
    ]
    proxy, relay = programs
    if proxy is None or relay is None:
        yield None
        return
    port, control_port = free_port(), free_port()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        config = folder / "kamailio.cfg"
        config.write_text(_CONFIG.format(port=port, control_port=control_port, engine=f"{engine[0]}:{engine[1]}"))
        log = stack.enter_context((folder / "log").open("w"))
        commands = (
            (relay, "--foreground", "--log-stderr", "--log-level=2", "--table=-1", "--config-file=none",
             f"--interface={LOOPBACK}", f"--listen-ng={LOOPBACK}:{control_port}",
             "--port-min=10000", "--port-max=29999"),
            (proxy, "-DD", "-E", "-m", "128", "-f", str(config), "-Y", str(folder)),
        )  # fmt: skip
        pids = []
        for command in commands:
            process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
            stack.push_async_callback(_end, process)
            pids.append(process.pid)
        await _listen(port, folder / "log")
        yield Kamailio((LOOPBACK, port), tuple(pids))


async def _listen(port: int, log: Path) -> None:
    """Wait until something has this UDP port. Raises LoadFailed."""
    shown = f":{port:04X}"
    try:
        async with asyncio.timeout(_START_S):
            while not any(line.split()[1].endswith(shown) for line in _udp_sockets()):  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise LoadFailed(f"Kamailio does not start: {_end_of(log)}") from None
    await asyncio.sleep(0.5)


def _end_of(log: Path) -> str:
    return log.read_text()[-2000:]


def _udp_sockets() -> list[str]:
    return Path("/proc/net/udp").read_text().splitlines()[1:]


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 5.0)
        except TimeoutError:
            process.kill()
            await process.wait()
