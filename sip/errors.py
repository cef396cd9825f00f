"""What can go wrong on the SIP side.

SipError
├── InvalidMessage        a datagram is not SIP we can act on
├── InvalidRequestURI     a request URI does not name a virtual agent
├── InvalidSdp            a session description cannot be used
├── InvalidFrame          a message on a Unix socket is not one of ours
├── NoFreeWorker          every worker is full and no more may be started
├── WorkerNotStarted      a worker process did not come up
├── InvalidTransition     a transaction was asked for a step its state does not allow
├── AddressInUse          a socket's address is taken by another process
└── AddressUnusable       a socket's address cannot be bound on this machine
"""


class SipError(Exception):
    """Base of all errors of the package sip."""


class InvalidFrame(SipError):
    """A message on a Unix socket is not one of ours."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"not a message of this channel: {detail}")


class NoFreeWorker(SipError):
    """Every worker is full and no more may be started."""

    def __init__(self, dialogs: int, workers: int) -> None:
        self.dialogs = dialogs
        self.workers = workers
        super().__init__(f"no worker has {dialogs} free dialogs; {workers} workers run and no more may be started")


class InvalidRequestURI(SipError):
    """A request URI does not name a virtual agent."""

    def __init__(self, text: str, reason: str) -> None:
        self.text = text
        self.reason = reason
        super().__init__(f"request URI not ours: {reason}; an agent is named as sip:+18990000001@host")


class InvalidSdp(SipError):
    """A session description cannot be used."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"the session description cannot be used: {detail}")


class WorkerNotStarted(SipError):
    """A worker process did not come up."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"no SIP worker started: {detail}")


class InvalidMessage(SipError):
    """A datagram is not SIP we can act on."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"not a SIP message: {detail}")


class AddressInUse(SipError):
    """A socket's address is taken by another process."""

    def __init__(self, host: str, port: int, holder: str | None, protocol: str = "UDP") -> None:
        self.host = host
        self.port = port
        self.holder = holder
        by = f"by {holder}" if holder else "by a process this user may not look into"
        super().__init__(f"{protocol} {host}:{port} is in use {by}; stop it or set another port")


class AddressUnusable(SipError):
    """A socket's address cannot be bound on this machine."""

    def __init__(self, host: str, port: int, detail: str) -> None:
        self.host = host
        self.port = port
        self.detail = detail
        super().__init__(f"UDP {host}:{port} cannot be bound ({detail}); set an address of this machine")


class InvalidTransition(SipError):
    """A transaction was asked for a step its state does not allow."""

    def __init__(self, old: str, new: str) -> None:
        self.old = old
        self.new = new
        super().__init__(f"a transaction that is {old} cannot become {new}; this is a fault of the edge")
