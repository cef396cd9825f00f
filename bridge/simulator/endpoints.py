"""[sans-IO] The routes of the REST API that the simulated platform serves, each with a short name."""

import enum


class Endpoint(enum.Enum):
    """One method and path; the short name is the member's name in lower case (livevox_api section 2.0)."""

    LOGIN = ("POST", "/session/login")
    VALIDATE = ("GET", "/session/validate/{session}")
    LOGOUT = ("DELETE", "/session/logout/{session}")
    PASSWORD = ("POST", "/session/password")

    SERVICE_ACCESS = ("GET", "/callControl/agent/service/access")
    SERVICE_FEATURES = ("GET", "/callControl/agent/service/features")
    SERVICE_STATS = ("GET", "/callControl/agent/service/stats")
    JOIN = ("POST", "/callControl/agent/service/join")
    LEAVE_SERVICE = ("POST", "/callControl/agent/service/leave")
    READY = ("POST", "/callControl/agent/status/ready")
    NOT_READY = ("POST", "/callControl/agent/status/notReady")
    STATUS = ("POST", "/callControl/agent/status")

    SCREENPOP = ("GET", "/callControl/agent/screenpop")
    TERM_CODES = ("GET", "/callControl/agent/termCode")
    SET_TERM_CODE = ("PUT", "/callControl/agent/call/termCode")
    CALL_END = ("POST", "/callControl/agent/customer/call/end")
    OLD_CALL_END = ("POST", "/callControl/agent/call/end")
    HOLD = ("POST", "/callControl/agent/customer/call/hold")
    UNHOLD = ("POST", "/callControl/agent/customer/call/unhold")

    PHONEBOOK = ("GET", "/callControl/agent/phonebook")
    PHONEBOOK_EXT = ("GET", "/callControl/agent/phonebook/ext")
    CONFERENCE_PHONEBOOK = ("POST", "/callControl/agent/conference/phonebook")
    CONFERENCE_MANUAL = ("POST", "/callControl/agent/conference/manual")
    CONFERENCE_CUSTOMER = ("POST", "/callControl/agent/conference/customer")
    CONFERENCE_LEAVE = ("POST", "/callControl/agent/conference/leave")
    CONFERENCE_RECONNECT = ("POST", "/callControl/agent/conference/reconnect")

    CONTACT_READ = ("GET", "/contact/contacts/{account}")
    CONTACT_UPDATE = ("PUT", "/contact/contacts/{account}")
    CONTACT_CREATE = ("POST", "/contact/contacts")
    CONTACT_SEARCH = ("POST", "/contact/contacts/search")

    CONTEXT_READ = ("GET", "/context/call/{session}/{transaction}/{account}")
    CONTEXT_READ_KEY = ("GET", "/context/call/{session}/{transaction}/{account}/{key}")
    CONTEXT_WRITE = ("POST", "/context/call/{session}/{transaction}/{account}")
    CONTEXT_DELETE = ("DELETE", "/context/call/{session}/{transaction}/{account}")
    CONTEXT_DELETE_KEY = ("DELETE", "/context/call/{session}/{transaction}/{account}/{key}")

    UNKNOWN = ("*", "/")
    """A path or method that is none of the above; answered with 404 or 405."""

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.value[0]

    @property
    def path(self) -> str:
        """The path without a version, with {parameters}."""
        return self.value[1]

    @property
    def short(self) -> str:
        """The name used in the ledger, in faults and on the control endpoint."""
        return self.name.lower()
