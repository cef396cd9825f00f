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
    VIEW = "view"
    """What operators may see, customers' numbers, names and words masked."""
    ADMIN = "admin"
    """What operators may see and do, and all that engines may."""


_VARIABLES = {
    Scope.ENGINE: "BRIDGE_ENGINE_TOKEN",
    Scope.VIEW: "BRIDGE_VIEW_TOKEN",
    Scope.ADMIN: "BRIDGE_ADMIN_TOKEN",
}


@dataclass(frozen=True)
class Access:
    """The tokens; an empty one opens nothing."""

    engine_token: str = field(repr=False)
    admin_token: str = field(repr=False)
    view_token: str = field(repr=False, default="")

    def demand(self, scope: Scope, authorization: str, *, basic: bool = False) -> Scope:
        """Let an Authorization header through that opens the scope; the scope of the token in it.

        With `basic` the token may also be the password of basic auth (RFC 7617), whoever the user: browsers ask for
        it. Raises ApiRefused with 401 or 403.
        """
        shown = _bearer(authorization) or (_basic(authorization)[1] if basic else "")
        tokens = {Scope.ADMIN: self.admin_token, Scope.VIEW: self.view_token, Scope.ENGINE: self.engine_token}
        # All are compared: the time tells nothing.
        held = [of for of, token in tokens.items() if same_secret(shown, token)]
        for of in (Scope.ADMIN, scope):
            if of in held:
                return of
        if held:
            raise ApiRefused(403, "forbidden", f"this needs the {scope} token")
        if not tokens[scope] and not (scope is Scope.VIEW and self.admin_token):
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


def _bearer(authorization: str) -> str:
    kind, _, shown = authorization.partition(" ")
    return shown.strip() if kind.lower() == "bearer" else ""


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
