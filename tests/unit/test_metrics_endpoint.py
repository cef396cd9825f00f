"""Who may read /metrics."""

import pytest

from bridge.admin.access import Scope
from bridge.metrics.endpoint import metrics_scope
from bridge.settings.sections import AdminSection


@pytest.mark.parametrize(
    ("listen", "metrics", "scope"),
    [
        ("127.0.0.1:8080", "auto", None),
        ("0.0.0.0:8080", "auto", Scope.VIEW),
        ("192.0.2.7:8080", "auto", Scope.VIEW),
        ("192.0.2.7:8080", "open", None),
        ("127.0.0.1:8080", "token", Scope.VIEW),
    ],
)
def test_metrics_are_open_on_this_machine_alone_unless_the_settings_say_another(
    listen: str, metrics: str, scope: Scope | None
) -> None:
    assert metrics_scope(AdminSection.model_validate({"listen": listen, "metrics": metrics})) is scope
