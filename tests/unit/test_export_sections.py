"""[hep] and [tracing] in the settings."""

from pathlib import Path

import pytest

from bridge.part_settings import hep_settings
from tests.unit.settings_texts import GOOD, SECRETS, load_text, problems_of


def test_without_the_sections_nothing_is_sent_anywhere(tmp_path: Path) -> None:
    settings = load_text(tmp_path, GOOD)
    assert (settings.hep.server, settings.tracing.endpoint) == ("", "")


def test_the_hep_server_has_its_key_from_the_environment(tmp_path: Path) -> None:
    text = GOOD + '[hep]\nserver = "homer.example.com:9060"\ntransport = "tcp"\nsecret_env = "HEP_KEY"\n'
    settings = load_text(tmp_path, text, SECRETS | {"HEP_KEY": "k"})
    server, ours = hep_settings(settings)
    assert (server.host, server.port, server.tcp, server.capture_id, server.key) == (
        "homer.example.com",
        9060,
        True,
        2001,
        b"k",
    )
    assert ours == ("127.0.0.1", 5070)
    assert "b'k'" not in repr(server)


def test_a_key_that_is_named_and_not_there_is_a_problem(tmp_path: Path) -> None:
    text = GOOD + '[hep]\nserver = "h:1"\nsecret_env = "HEP_KEY"\n[tracing]\nsecret_env = "OTLP_TOKEN"\n'
    assert [problem.partition(" is ")[0] for problem in problems_of(tmp_path, text)] == [
        "environment: HEP_KEY:",
        "environment: OTLP_TOKEN:",
    ]


@pytest.mark.parametrize("server", ["homer", "homer:0", "homer:70000", "http://homer:1", "[::1]:9060"])
def test_a_server_without_a_port_is_a_problem(tmp_path: Path, server: str) -> None:
    (problem,) = problems_of(tmp_path, GOOD + f'[hep]\nserver = "{server}"\n')
    assert "is not a host with a port" in problem and "homer.example.com:9060" in problem


def test_a_share_is_between_none_and_all(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path, GOOD + "[tracing]\nsample = 1.5\n")
    assert "must be at most 1" in problem
