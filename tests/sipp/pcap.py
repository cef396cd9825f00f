"""Makes the pcap file that the scenarios play; `python -m tests.sipp.pcap` writes it."""

import struct
from collections.abc import Iterator
from pathlib import Path

from bridge.simulator.rtp_packet import KeyEvent, RtpPacket
from bridge.simulator.speech import CUSTOMER, FRAME_BYTES, FRAME_MS, recording
from sip.messages import Codec

FILE = Path(__file__).parents[2] / "sipp_scenarios" / "media" / "speech_then_4711.pcap"
#: What is in it.
SPEECH_FRAMES = 50
KEYS = "4711"
TELEPHONE_EVENT = 101

SSRC = 0x4711_4711
#: SIPp writes its own addresses over these.
_PORT = 6000
_ADDRESS = bytes((127, 0, 0, 1))
#: A key lasts so many packets, and its end is said three times (RFC 4733 section 2.5.1.4); then a pause.
_KEY_PACKETS, _END_PACKETS, _PAUSE_PACKETS = 5, 3, 4


def speech_and_keys() -> Iterator[tuple[int, RtpPacket]]:
    """Milliseconds and packet: a second of the customer's recording, then the keys."""
    sequence = 0
    for number, frame in enumerate(recording(CUSTOMER, Codec.PCMU)[:SPEECH_FRAMES]):
        yield number * FRAME_MS, RtpPacket(0, sequence, number * FRAME_BYTES, SSRC, frame, marker=number == 0)
        sequence += 1
    slot = SPEECH_FRAMES
    for key in KEYS:
        began = slot
        for number in range(_KEY_PACKETS + _END_PACKETS):
            event = KeyEvent(key, min(number + 1, _KEY_PACKETS) * FRAME_BYTES, ended=number >= _KEY_PACKETS)
            packet = RtpPacket(TELEPHONE_EVENT, sequence, began * FRAME_BYTES, SSRC, event.encode(), marker=number == 0)
            yield slot * FRAME_MS, packet
            sequence += 1
            slot += 1
        slot += _PAUSE_PACKETS


def pcap(packets: Iterator[tuple[int, RtpPacket]]) -> bytes:
    """A libpcap file: Ethernet, IPv4, UDP, RTP; checksums are left to SIPp."""
    records = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for ms, packet in packets:
        rtp = packet.encode()
        udp = struct.pack("!HHHH", _PORT, _PORT, 8 + len(rtp), 0) + rtp
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, _ADDRESS, _ADDRESS) + udp
        frame = bytes(12) + b"\x08\x00" + ip
        records.append(struct.pack("<IIII", ms // 1000, ms % 1000 * 1000, len(frame), len(frame)) + frame)
    return b"".join(records)


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_bytes(pcap(speech_and_keys()))
