"""The circuit breakers of all engines, by name; what opens and closes is logged."""

from collections.abc import Callable, Container, Mapping

import structlog

from bridge.engines.circuit import Circuit, CircuitPolicy, CircuitState, Try

log = structlog.get_logger()


class Circuits:
    """One for the whole bridge; `clock` tells seconds, monotonic. An engine without a policy is always allowed."""

    def __init__(self, policies: Mapping[str, CircuitPolicy], clock: Callable[[], float]) -> None:
        self._circuits = {name: Circuit(policy) for name, policy in policies.items()}
        self._clock = clock

    def change(self, policies: Mapping[str, CircuitPolicy], kept: Container[str]) -> None:
        """The engines are these from now on; `kept`: what is known of these of them still counts."""
        self._circuits = {
            name: self._circuits[name] if name in kept and name in self._circuits else Circuit(policy)
            for name, policy in policies.items()
        }

    def allows(self, name: str) -> bool:
        """A call may try this engine now."""
        circuit = self._circuits.get(name)
        return circuit is None or circuit.allows(self._clock())

    def state(self, name: str) -> CircuitState:
        """Where its circuit is."""
        circuit = self._circuits.get(name)
        return CircuitState.CLOSED if circuit is None else circuit.state

    def wait_s(self, name: str) -> float:
        """In how many seconds a call may try this engine; 0: now."""
        circuit = self._circuits.get(name)
        return 0.0 if circuit is None else circuit.wait_s(self._clock())

    def begin(self, name: str) -> "EngineTry":
        """A call tries this engine."""
        circuit = self._circuits.get(name) or Circuit(CircuitPolicy())
        return EngineTry(name, circuit, self._clock)


class EngineTry:
    """One call's try of one engine: it is ready, failed or abandoned, and only the first of these counts."""

    def __init__(self, name: str, circuit: Circuit, clock: Callable[[], float]) -> None:
        self._name = name
        self._circuit = circuit
        self._clock = clock
        self._try: Try | None = circuit.begin(clock())

    def ready(self) -> None:
        """The engine is ready to talk."""
        self._end(self._circuit.ready)

    def failed(self) -> None:
        """It could not be had."""
        self._end(self._circuit.failed)

    def abandoned(self) -> None:
        """The try was given up for a reason that was not the engine's."""
        self._end(self._circuit.abandoned)

    def lost(self) -> None:
        """It was ready, and has gone without a goodbye."""
        self._say(lambda: self._circuit.lost(self._clock()))

    def _end(self, how: Callable[[Try, float], None]) -> None:
        tried, self._try = self._try, None
        if tried is not None:
            self._say(lambda: how(tried, self._clock()))

    def _say(self, change: Callable[[], None]) -> None:
        before = self._circuit.state
        change()
        after = self._circuit.state
        if before is CircuitState.CLOSED and after is CircuitState.OPEN:
            log.warning("engine_circuit_opened", engine=self._name, remedy="calls go to the agent's other engines")
        elif after is CircuitState.CLOSED and before is not after:
            log.info("engine_circuit_closed", engine=self._name)
        elif before is not after:
            log.debug("engine_circuit", engine=self._name, state=after.name)
