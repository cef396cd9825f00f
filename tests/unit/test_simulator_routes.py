"""From a method and a path to an endpoint."""

import pytest

from bridge.simulator.endpoints import Endpoint
from bridge.simulator.routes import find


@pytest.mark.parametrize("endpoint", [endpoint for endpoint in Endpoint if endpoint is not Endpoint.UNKNOWN])
def test_every_endpoint_is_found_under_its_own_path(endpoint: Endpoint) -> None:
    path = endpoint.path.replace("{", "").replace("}", "")
    assert find(endpoint.method, path).endpoint is endpoint


@pytest.mark.parametrize("version", ["v5.0", "v17", "v6.0"])
def test_a_version_may_follow_the_category(version: str) -> None:
    assert find("POST", f"/session/{version}/login").endpoint is Endpoint.LOGIN
    assert find("POST", f"/callControl/{version}/agent/status/ready").endpoint is Endpoint.READY


def test_parameters_are_unquoted_after_the_path_is_split() -> None:
    route = find("GET", "/context/call/U5EF%4010.1.1.1/1088/a%2Fb")
    assert route.parameters == {"session": "U5EF@10.1.1.1", "transaction": "1088", "account": "a/b"}


def test_a_known_path_with_another_method_says_which_are_allowed() -> None:
    route = find("DELETE", "/contact/contacts/100200300")
    assert (route.endpoint, sorted(route.allowed)) == (Endpoint.UNKNOWN, ["GET", "PUT"])


@pytest.mark.parametrize("path", ["/", "", "/session", "/session/login/", "/call/hangup", "/session/v1.2.3/login"])
def test_other_paths_are_nowhere(path: str) -> None:
    route = find("POST", path)
    assert (route.endpoint, route.allowed) == (Endpoint.UNKNOWN, ())
