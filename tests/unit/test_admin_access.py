from base64 import b64encode

import pytest

from bridge.admin.access import Access, Scope, TwilioAccount, engines_of, same_secret
from bridge.errors import ApiRefused

ACCESS = Access("engine-token", "admin-token", "view-token")
ACCOUNT, OTHER, OPEN = "AC" + "1" * 32, "AC" + "2" * 32, "AC" + "3" * 32
ACCOUNTS = (
    TwilioAccount("bot", ACCOUNT, "auth-token"),
    TwilioAccount("spare", ACCOUNT, "auth-token"),
    TwilioAccount("other", OTHER, "another"),
    TwilioAccount("open", OPEN, ""),
)


def refusal(access: Access, scope: Scope, authorization: str) -> ApiRefused:
    with pytest.raises(ApiRefused) as caught:
        access.demand(scope, authorization)
    return caught.value


def basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize("authorization", ["Bearer engine-token", "bearer engine-token", "Bearer  engine-token "])
def test_the_engine_token_opens_the_engines_scope(authorization: str) -> None:
    ACCESS.demand(Scope.ENGINE, authorization)


def test_the_admin_token_opens_every_scope_and_is_known_as_the_admins() -> None:
    for scope in Scope:
        assert ACCESS.demand(scope, "Bearer admin-token") is Scope.ADMIN


def test_the_view_token_opens_its_own_scope_alone() -> None:
    assert ACCESS.demand(Scope.VIEW, "Bearer view-token") is Scope.VIEW
    for scope in (Scope.ENGINE, Scope.ADMIN):
        refused = refusal(ACCESS, scope, "Bearer view-token")
        assert (refused.status, refused.code) == (403, "forbidden")


@pytest.mark.parametrize("scope", [Scope.VIEW, Scope.ADMIN])
def test_the_engine_token_opens_nothing_of_the_operators(scope: Scope) -> None:
    refused = refusal(ACCESS, scope, "Bearer engine-token")
    assert (refused.status, refused.code) == (403, "forbidden")


def test_tokens_that_are_the_same_open_as_much_as_the_strongest() -> None:
    assert Access("same", "same", "same").demand(Scope.VIEW, "Bearer same") is Scope.ADMIN
    assert Access("same", "", "same").demand(Scope.VIEW, "Bearer same") is Scope.VIEW


def test_a_token_is_the_password_of_basic_auth_only_where_a_browser_may_show_it() -> None:
    assert ACCESS.demand(Scope.VIEW, basic("anybody", "view-token"), basic=True) is Scope.VIEW
    assert ACCESS.demand(Scope.VIEW, basic("", "admin-token"), basic=True) is Scope.ADMIN
    assert refusal(ACCESS, Scope.VIEW, basic("anybody", "view-token")).status == 401
    with pytest.raises(ApiRefused, match="Bearer"):
        ACCESS.demand(Scope.VIEW, basic("view-token", "x"), basic=True)


def test_the_view_scope_without_a_token_of_its_own_is_open_to_the_admin() -> None:
    access = Access("engine-token", "admin-token")
    assert access.demand(Scope.VIEW, "Bearer admin-token") is Scope.ADMIN
    assert refusal(access, Scope.VIEW, "").status == 401


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer engine-toke",
        "Bearer engine-token2",
        "Basic engine-token",
        "engine-token",
        "ü ß",
    ],
)
def test_without_a_token_of_the_bridge_nothing_is_open(authorization: str) -> None:
    for scope in Scope:
        refused = refusal(ACCESS, scope, authorization)
        assert (refused.status, refused.code) == (401, "unauthorized")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Bearer x"])
def test_a_scope_without_a_token_is_closed_and_the_error_names_the_variable(authorization: str) -> None:
    closed = Access("", "")
    for scope, variable in (
        (Scope.ENGINE, "BRIDGE_ENGINE_TOKEN"),
        (Scope.VIEW, "BRIDGE_VIEW_TOKEN"),
        (Scope.ADMIN, "BRIDGE_ADMIN_TOKEN"),
    ):
        refused = refusal(closed, scope, authorization)
        assert (refused.status, refused.code) == (403, "scope_closed")
        assert f"set {variable} or {variable}_FILE" in refused.message


def test_the_admin_token_opens_the_engines_scope_that_has_no_token_of_its_own() -> None:
    Access("", "admin-token").demand(Scope.ENGINE, "Bearer admin-token")
    assert refusal(Access("", "admin-token"), Scope.ENGINE, "Bearer x").code == "scope_closed"


def test_a_token_may_have_characters_outside_ascii_and_a_header_its_raw_bytes() -> None:
    Access("schlüssel", "").demand(Scope.ENGINE, "Bearer schlüssel")
    Access("schlüssel", "").demand(Scope.ENGINE, "Bearer schl\udcc3\udcbcssel")


def test_the_tokens_are_not_shown() -> None:
    assert "token" not in repr(ACCESS).replace("engine_token", "").replace("admin_token", "").replace("view_token", "")
    assert "auth-token" not in repr(ACCOUNTS)


def test_an_empty_secret_is_never_the_right_one() -> None:
    assert not same_secret("", "")
    assert same_secret("x", "x")


def test_an_account_speaks_for_its_engines() -> None:
    assert engines_of(ACCOUNTS, ACCOUNT, basic(ACCOUNT, "auth-token")) == {"bot", "spare"}
    assert engines_of(ACCOUNTS, OTHER, basic(OTHER, "another")) == {"other"}


@pytest.mark.parametrize(
    ("sid", "authorization"),
    [
        (ACCOUNT, ""),
        (ACCOUNT, "Bearer engine-token"),
        (ACCOUNT, basic(ACCOUNT, "another")),
        (ACCOUNT, basic(OTHER, "another")),
        (OTHER, basic(ACCOUNT, "auth-token")),
        (OPEN, basic(OPEN, "")),
        ("", basic("", "")),
        (ACCOUNT, "Basic !!!"),
        (ACCOUNT, "Basic ü"),
        (ACCOUNT, "Basic " + b64encode(b"\xff\xfe").decode()),
        (ACCOUNT, "Basic " + b64encode(ACCOUNT.encode()).decode()),
    ],
)
def test_other_credentials_than_those_of_the_account_in_the_path_are_refused_as_by_twilio(
    sid: str, authorization: str
) -> None:
    with pytest.raises(ApiRefused) as caught:
        engines_of(ACCOUNTS, sid, authorization)
    assert (caught.value.status, caught.value.code, caught.value.message) == (401, 20003, "Authenticate")
