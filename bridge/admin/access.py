"""[sans-IO] Who may use the API: bearer tokens with a scope, and Twilio's account SID with its auth token."""

import binascii
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from hmac import compare_digest

from bridge.errors import ApiRefused


class Scope(StrEnum):
    """What a token opens."""

    ENGINE = "engine"
    """What a bot may do with a call it has."""
    ADMIN = "admin"
    """What operators may do, and all that engines may."""


_VARIABLES = {Scope.ENGINE: "BRIDGE_ENGINE_TOKEN", Scope.ADMIN: "BRIDGE_ADMIN_TOKEN"}


@dataclass(frozen=True)
class Access:
    """The tokens; an empty one opens nothing."""

    engine_token: str = field(repr=False)
    admin_token: str = field(repr=False)

    def demand(self, scope: Scope, authorization: str) -> None:
        """Let an Authorization header through that opens the scope; raises ApiRefused with 401 or 403."""
        kind, _, shown = authorization.partition(" ")
        shown = shown.strip() if kind.lower() == "bearer" else ""
        admin, engine = same_secret(shown, self.admin_token), same_secret(shown, self.engine_token)
        if admin or (engine and scope is Scope.ENGINE):
            return
        if engine:
            raise ApiRefused(403, "forbidden", f"this needs the {scope} token")
        if not (self.admin_token if scope is Scope.ADMIN else self.engine_token):
            name = _VARIABLES[scope]
            raise ApiRefused(403, "scope_closed", f"the scope {scope} is closed: set {name} or {name}_FILE")
        raise ApiRefused(401, "unauthorized", "send the header Authorization: Bearer, with a token of the bridge")


@dataclass(frozen=True)
class TwilioAccount:
    """What an engine of kind "twilio" is told of its account, and proves itself with."""

    engine: str
    sid: str
    token: str = field(repr=False)
    """The auth token; empty: nobody may use the account."""


def engines_of(accounts: Iterable[TwilioAccount], sid: str, authorization: str) -> frozenset[str]:
    """The engines that basic auth speaks for, by the account in the path; raises ApiRefused with Twilio's 401."""
    user, password = _basic(authorization)
    found = {
        account.engine
        for account in accounts
        if same_secret(password, account.token) & same_secret(user, account.sid) & (account.sid == sid)
    }
    if not found:
        raise ApiRefused(401, 20003, "Authenticate")
    return frozenset(found)


def same_secret(shown: str, known: str) -> bool:
    """Whether the secret is the known one, in a time that does not tell how much of it is; an empty one never is."""
    return compare_digest(_bytes(shown), _bytes(known)) and known != ""


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")  # how a header's bytes outside ASCII come


def _basic(authorization: str) -> tuple[str, str]:
    """User and password of basic auth (RFC 7617); empty when there are none."""
    kind, _, encoded = authorization.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        user, _, password = b64decode(encoded.strip(), validate=True).decode("utf-8", "surrogateescape").partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return user, password
