"""SIP messages for a Homer server: all of a call's, with its id, and a server that is gone costs nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bridge.hep.sender import MAX_WAITING, HepSender, HepServer
from tests.free_ports import free_port
from tests.integration.bridge_world import BridgeWorld
from tests.unit.test_hep_packet import chunks

pytestmark = pytest.mark.pjsua2


class Homer(asyncio.DatagramProtocol):
    """Takes HEP packets by UDP."""

    def __init__(self) -> None:
        self.packets: list[dict[int, bytes]] = []

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.packets.append(chunks(data))

    def having(self, text: bytes) -> list[dict[int, bytes]]:
        """Those with this in their payload."""
        return [packet for packet in self.packets if text in packet[15]]


@asynccontextmanager
async def homer() -> AsyncIterator[tuple[Homer, int]]:
    """One that listens, and its port."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(Homer, local_addr=("127.0.0.1", 0))
    yield protocol, transport.get_extra_info("sockname")[1]
    transport.close()


def section(port: int, more: str = "") -> str:
    return f'[hep]\nserver = "127.0.0.1:{port}"\n{more}'


async def test_homer_gets_both_legs_of_a_call_under_its_id() -> None:
    async with homer() as (server, port):
        async with BridgeWorld(["finish:completed"], more=section(port, "capture_id = 77")) as world:
            await world.call()
            call = world.entries[0].call
        assert {packet.get(17) for packet in server.packets} == {call.encode()}
        assert {packet[12] for packet in server.packets} == {(77).to_bytes(4)}
        invites = {packet[15].split(b"\r\n")[0] for packet in server.having(b"INVITE sip:")}
        assert len(invites) == 2, "LiveVox's and the engine's"
        dialogs = {
            line for packet in server.packets for line in packet[15].split(b"\r\n") if line.startswith(b"Call-ID:")
        }
        assert len(dialogs) == 2
        assert len(server.having(b"\r\nCSeq: ")) == len(server.packets) >= 10
        ours = world.sip_port.to_bytes(2)
        assert all((packet[7] == ours) is not (packet[8] == ours) for packet in server.packets)
        received = next(packet for packet in server.packets if packet[15].startswith(b"INVITE sip:+1899"))
        assert received[8] == ours
        answer = next(
            packet for packet in server.packets if packet[15].startswith(b"SIP/2.0 100") and packet[7] == ours
        )
        assert answer[8] == received[7]


async def test_a_refused_invite_goes_without_an_id_once_nobody_will_know_it() -> None:
    async with homer() as (server, port):
        async with BridgeWorld(more=section(port)) as world:
            peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            peer.sendto(
                b"OPTIONS sip:us@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK1\r\n"
                b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: lonely\r\nCSeq: 1 OPTIONS\r\n"
                b"X-Api-Key: hidden\r\nAuthorization: Digest hidden\r\nContent-Length: 0\r\n\r\n",
                ("127.0.0.1", world.sip_port),
            )
            await world.until(lambda: len(server.having(b"lonely")) == 2)
            peer.close()
        assert not any(17 in packet for packet in server.having(b"lonely"))
        assert server.having(b"hidden") == []
        assert server.having(b"Authorization: [secret]")


async def test_a_server_that_is_not_there_costs_a_call_nothing() -> None:
    more = section(free_port(socket.SOCK_STREAM), 'transport = "tcp"')
    async with BridgeWorld(["finish:completed"], more=more) as world:
        assert world.dispositions(await world.call()) == ["Completed"]


async def test_by_tcp_packets_come_one_after_the_other_also_when_the_server_comes_late() -> None:
    port, taken, whole = free_port(socket.SOCK_STREAM), bytearray(), asyncio.Event()
    sender = HepSender(HepServer("127.0.0.1", port, tcp=True), retry_s=0.05)
    sender.start()
    for number in range(3):
        sender.send(f"packet {number};".encode())
    await asyncio.sleep(0.1)

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(1000):
            taken.extend(chunk)
            if taken.count(b";") == 3:
                whole.set()
        writer.close()

    async with await asyncio.start_server(take, "127.0.0.1", port):
        await asyncio.wait_for(whole.wait(), 5.0)
        await sender.stop()
    assert taken == b"packet 0;packet 1;packet 2;"


async def test_what_waits_is_bounded_and_what_is_left_out_is_counted() -> None:
    sender = HepSender(HepServer("127.0.0.1", 9, tcp=True))
    for number in range(MAX_WAITING + 7):
        sender.send(b"%d" % number)
    assert sender.left_out == 7
    assert (sender._waiting[0], len(sender._waiting)) == (b"7", MAX_WAITING)
    await sender.stop()
