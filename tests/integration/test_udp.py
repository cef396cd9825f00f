"""UDP sockets with large buffers, and who holds a port."""

import socket

import pytest

from sip.errors import AddressInUse, AddressUnusable
from sip.port_holder import holder_of
from sip.udp import open_udp


def test_a_socket_is_bound_with_a_larger_buffer_than_usual() -> None:
    with open_udp("127.0.0.1", 0) as udp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as usual:
        assert udp.getsockname()[1] > 0
        size, before = (each.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) for each in (udp, usual))
        assert size >= before
        assert not udp.getblocking()


def test_a_port_in_use_names_its_holder() -> None:
    with open_udp("127.0.0.1", 0) as udp:
        port = udp.getsockname()[1]
        holder = holder_of(port)
        assert holder is not None
        assert holder.startswith("process ")
        with pytest.raises(AddressInUse) as caught:
            open_udp("127.0.0.1", port)
        assert (caught.value.host, caught.value.port, caught.value.holder) == ("127.0.0.1", port, holder)


def test_a_free_port_has_no_holder() -> None:
    with open_udp("127.0.0.1", 0) as udp:
        port = udp.getsockname()[1]
    assert holder_of(port) is None


def test_an_address_of_another_machine_cannot_be_used() -> None:
    with pytest.raises(AddressUnusable, match=r"UDP 192.0.2.1:5070 cannot be bound \(.+\); set an address"):
        open_udp("192.0.2.1", 5070)


def test_a_holder_nobody_may_look_into_is_said_so() -> None:
    assert "by a process this user may not look into" in str(AddressInUse("0.0.0.0", 5070, None))
