"""What can go wrong in the simulator.

BridgeError
├── SimulationError       it cannot do what it was asked
│   ├── RequestRefused        the simulated REST API answers with an error: status, code, message
│   ├── EventRefused          the simulated Realtime API answers an event with an error: code, message, parameter
│   ├── CallNotPlaced         no simulated agent can take the call
│   └── FaultUnusable         a switch or a fault does not exist, or a value does not fit it
└── InvalidDatagram       its SIP or RTP reader cannot use what arrived
"""

from bridge.errors import BridgeError


class SimulationError(BridgeError):
    """The simulator cannot do what it was asked."""


class RequestRefused(SimulationError):
    """The simulated REST API answers a request with an error."""

    def __init__(self, status: int, message: str, code: int | None = None) -> None:
        self.status = status
        self.code = status if code is None else code
        self.message = message
        super().__init__(f"{status}: {message}")


class EventRefused(SimulationError):
    """The simulated Realtime API answers an event with an error."""

    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        self.code = code
        self.message = message
        self.param = param
        """Which field of the event is at fault."""
        super().__init__(f"{code}: {message}")


class CallNotPlaced(SimulationError):
    """No simulated agent can take the call."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"the call is not placed: {detail}")


class FaultUnusable(SimulationError):
    """A switch or a fault does not exist, or a value does not fit it."""

    def __init__(self, name: str, detail: str) -> None:
        self.name = name
        self.detail = detail
        super().__init__(f"{name}: {detail}")


class InvalidDatagram(BridgeError):
    """The simulator's SIP or RTP reader cannot use what arrived."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"ignored: {detail}")
