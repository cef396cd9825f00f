"""What leads from one set of settings to another."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bridge.reload.plan import Change, What, changes, leaves
from bridge.section import Section
from bridge.settings import Agent, Settings
from bridge.settings.sections import Outcome, Target
from tests.unit.settings_texts import GOOD, load_text, with_line

NAMES = st.sampled_from(["a", "b", "c"])
TEXTS = st.sampled_from(["x", "y", "z"])


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_text(tmp_path_factory.mktemp("settings"), GOOD)


@st.composite
def variants(draw: st.DrawFn) -> dict[str, object]:
    """What may differ between two sets of settings."""
    numbers = draw(st.lists(st.sampled_from(["8990000001", "8990000002", "8990000003"]), unique=True, max_size=3))
    return {
        "agents": tuple(
            Agent(number, draw(TEXTS), SecretStr(draw(TEXTS)), draw(TEXTS), (draw(NAMES),)) for number in numbers
        ),
        "outcomes": {name: Outcome(term_code=draw(TEXTS)) for name in draw(st.sets(NAMES))},
        "targets": {name: Target(contacts=(draw(TEXTS),)) for name in draw(st.sets(NAMES))},
        "engine_secrets": {name: SecretStr(draw(TEXTS)) for name in draw(st.sets(NAMES))},
        "tool_secrets": {name: {"f": SecretStr(draw(TEXTS))} for name in draw(st.sets(NAMES))},
        "admin_token": SecretStr(draw(TEXTS)),
    }


def variant(base: Settings, drawn: Mapping[str, object], calls: int, hours: bool) -> Settings:
    """The settings with these differences."""
    livevox = base.livevox if hours else base.livevox.model_copy(update={"hours": None})
    sip = base.sip.model_copy(update={"max_calls": calls})
    return replace(base, sip=sip, livevox=livevox, **drawn)  # type: ignore[arg-type]


def applied(old: Mapping[tuple[str, ...], object], found: Iterable[Change]) -> dict[tuple[str, ...], object]:
    """The values after the changes: a model of what a change says."""
    values = dict(old)
    for change in found:
        whole = isinstance(change.new if change.what is What.ADDED else change.old, Mapping) and len(change.path) == 2
        if change.what is What.REMOVED:
            gone = [path for path in values if path == change.path or (whole and path[:2] == change.path)]
            for path in gone:
                del values[path]
        elif whole and isinstance(change.new, Mapping):
            values |= {(*change.path, *rest): value for rest, value in change.new.items()}
        else:
            assert (change.path in values) is (change.what is What.CHANGED)
            values[change.path] = change.new
    return values


@given(st.tuples(variants(), st.integers(1, 3), st.booleans()), st.tuples(variants(), st.integers(1, 3), st.booleans()))
@hypothesis_settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_changes_lead_from_one_to_the_other(
    base: Settings,
    one: tuple[dict[str, object], int, bool],
    other: tuple[dict[str, object], int, bool],
) -> None:
    old, new = variant(base, *one), variant(base, *other)
    assert applied(leaves(old), changes(old, new)) == leaves(new)
    assert changes(old, old) == () and changes(new, new) == ()
    assert (changes(old, new) == ()) is (leaves(old) == leaves(new))
    assert len({change.path for change in changes(old, new)}) == len(changes(old, new))


def test_every_setting_is_compared(base: Settings) -> None:
    compared = {path[0] for path in leaves(base)}
    for field in fields(base):
        value = getattr(base, field.name)
        if isinstance(value, Section):
            assert {(field.name, name) for name in type(value).model_fields if getattr(value, name) is not None} <= {
                path[:2] for path in leaves(base)
            }
        elif field.name not in ("path", "engine_secrets", "tool_secrets", "export_secrets"):
            assert field.name in compared or isinstance(value, SecretStr) or value == {}, field.name


def test_the_order_of_agents_and_tables_does_not_matter(base: Settings) -> None:
    agents = tuple(Agent(f"899000000{n}", f"VA{n}", SecretStr("p"), "46014", ("bot",)) for n in range(3))
    assert changes(replace(base, agents=agents), replace(base, agents=agents[::-1])) == ()


@pytest.mark.parametrize(
    ("section", "line", "path"),
    [
        ("[sip]", 'listen = "127.0.0.1:5071"', "sip.listen"),
        ("[sip]", "session_expires_s = 900", "sip.session_expires_s"),
        ("[media]", 'ports = "30000-31999"', "media.ports"),
        ("[livevox]", 'client_name = "Other"', "livevox.client_name"),
        ("[admin]", 'listen = "127.0.0.1:8081"', "admin.listen"),
        ("[log]", 'level = "debug"', "log.level"),
    ],
)
def test_what_sockets_workers_and_files_are_made_of_needs_a_restart(
    tmp_path: Path, section: str, line: str, path: str
) -> None:
    found = changes(load_text(tmp_path, GOOD), load_text(tmp_path, with_line(section, line)))
    assert path in [".".join(change.path) for change in found if change.needs_restart]


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ("[sip]", "max_calls = 7\nspare_calls = 2"),
        ("[media]", "dead_air_s = 0"),
        ("[livevox]", "login_per_s = 9"),
        ("[livevox.hours]", 'monday = ["09:00-17:00"]'),
        ("[agent_defaults]", 'engines = ["bot"]\n[engines.other]\nkind = "sip"\nuri = "sip:other@127.0.0.1:5093"'),
    ],
)
def test_the_rest_does_not(tmp_path: Path, section: str, line: str) -> None:
    found = changes(load_text(tmp_path, GOOD), load_text(tmp_path, with_line(section, line)))
    assert found and not any(change.needs_restart for change in found)
