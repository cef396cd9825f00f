"""HEP3 packets, octet by octet."""

from struct import unpack_from

from bridge.hep.packet import MAX_PACKET, Captured, hep3

#: The example of the HEP3 specification (revision 12): an INVITE from 212.202.0.1 to 82.116.0.211, capture id 228.
GOLDEN = bytes.fromhex(
    "48455033" + "0071"
    "0000 0001 0007 02"
    "0000 0002 0007 11"
    "0000 0003 000a d4ca0001"
    "0000 0004 000a 527400d3"
    "0000 0007 0008 2eea"
    "0000 0008 0008 13c4"
    "0000 0009 000a 4e4982cb"
    "0000 000a 000a 0001d4c0"
    "0000 000b 0007 01"
    "0000 000c 000a 000000e4"
    "0000 000f 0014 494e56495445207369703a626f62"
)
INVITE = Captured(1_313_440_459.12, ("212.202.0.1", 12010), ("82.116.0.211", 5060), b"INVITE sip:bob")


def chunks(packet: bytes) -> dict[int, bytes]:
    """What is in a packet, by the chunks' type."""
    assert packet[:4] == b"HEP3" and unpack_from("!H", packet, 4) == (len(packet),)
    found, at = {}, 6
    while at < len(packet):
        vendor, kind, length = unpack_from("!HHH", packet, at)
        assert vendor == 0 and length >= 6
        found[kind] = packet[at + 6 : at + length]
        at += length
    assert at == len(packet)
    return found


def test_the_specification_s_example_comes_out_as_it_has_it() -> None:
    packet = bytearray(hep3(INVITE, 228))
    micros = packet.index(bytes.fromhex("0000000a000a")) + 6
    assert abs(unpack_from("!I", packet, micros)[0] - 120_000) <= 1  # a float has no more digits
    packet[micros : micros + 4] = bytes.fromhex("0001d4c0")
    assert bytes(packet) == GOLDEN


def test_a_call_s_messages_have_its_id_and_a_server_that_wants_a_key_gets_it() -> None:
    message = Captured(0.5, ("10.0.0.1", 1), ("10.0.0.2", 2), b"x", correlation="c" * 20)
    found = chunks(hep3(message, 1, b"key"))
    assert (found[14], found[17], found[15]) == (b"key", b"c" * 20, b"x")


def test_without_them_there_are_no_such_chunks() -> None:
    assert set(chunks(hep3(INVITE, 1))) == {1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 15}


def test_a_payload_that_does_not_fit_is_cut() -> None:
    huge = Captured(0.0, ("10.0.0.1", 1), ("10.0.0.2", 2), b"x" * 100_000, correlation="c")
    packet = hep3(huge, 1)
    assert len(packet) == MAX_PACKET
    assert set(chunks(packet)[15]) == set(b"x")
