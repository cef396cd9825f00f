"""Log lines: their form, and what may not stand in them."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bridge.logs import configure, hide_secrets, mask_customers


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, structured = list(root.handlers), root.level, structlog.get_config()
    yield
    logging.captureWarnings(False)
    structlog.configure(**structured)
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def masked(**event: object) -> dict[str, object]:
    return dict(mask_customers(None, "info", dict(event)))


def hidden(**event: object) -> dict[str, object]:
    return dict(hide_secrets(None, "info", dict(event)))


def test_a_line_is_json_with_level_time_and_the_values_given() -> None:
    stream = io.StringIO()
    configure(stream=stream)
    structlog.get_logger().info("call_ended", calls=3)
    (line,) = lines(stream)
    timestamp = line.pop("timestamp")
    assert line == {"event": "call_ended", "level": "info", "calls": 3}
    assert timestamp.endswith("Z")


def test_what_is_bound_to_the_context_is_in_every_line() -> None:
    stream = io.StringIO()
    configure(stream=stream)
    with structlog.contextvars.bound_contextvars(call="abc"):
        structlog.get_logger().info("one")
        logging.getLogger("aiohttp.client").warning("two")
    structlog.get_logger().info("three")
    assert [line.get("call") for line in lines(stream)] == ["abc", "abc", None]


def test_lines_below_the_level_are_not_written() -> None:
    stream = io.StringIO()
    configure(level="warning", stream=stream)
    structlog.get_logger().info("quiet")
    logging.getLogger("asyncio").info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_the_standard_librarys_lines_have_the_same_form_and_name_their_logger() -> None:
    stream = io.StringIO()
    configure(stream=stream)
    logging.getLogger("asyncio").error("Task %s was never awaited", "x", extra={"phone": "2134634007"})
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("Task x was never awaited", "error", "asyncio")
    assert line["phone"] == "2134****07"


def test_warnings_become_log_lines() -> None:
    stream = io.StringIO()
    configure(stream=stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    (line,) = lines(stream)
    assert line["logger"] == "py.warnings"


def test_an_exception_is_a_traceback_in_the_line_and_shows_no_local_variable() -> None:
    for style in ("json", "console"):
        stream = io.StringIO()
        configure(style=style, stream=stream)
        local = "".join(["hunter", "2"])
        try:
            int(f"x{len(local)}")
        except ValueError:
            structlog.get_logger().exception("failed")
        assert "ValueError" in stream.getvalue()
        assert "hunter2" not in stream.getvalue()


def test_auto_is_coloured_on_a_terminal_and_json_elsewhere() -> None:
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        configure(stream=stream)
        structlog.get_logger().info("started")
    assert "\x1b[" in terminal.getvalue()
    assert lines(file)[0]["event"] == "started"


def test_console_in_a_file_has_no_colours_and_json_on_a_terminal_is_json() -> None:
    file, terminal = io.StringIO(), Terminal()
    configure(style="console", stream=file)
    structlog.get_logger().info("started", port=5070)
    assert "port=5070" in file.getvalue()
    assert "\x1b[" not in file.getvalue()
    configure(style="json", stream=terminal)
    structlog.get_logger().info("started")
    assert lines(terminal)[0]["event"] == "started"


def test_customers_are_masked_in_lines_and_shown_when_the_setting_says_so() -> None:
    for mask, expected in ((True, "+1213*****07"), (False, "+12134634007")):
        stream = io.StringIO()
        configure(mask=mask, stream=stream)
        structlog.get_logger().info("invite", caller="+12134634007")
        assert lines(stream)[0]["caller"] == expected


def test_secrets_are_hidden_even_when_customers_are_not() -> None:
    stream = io.StringIO()
    configure(mask=False, stream=stream)
    structlog.get_logger().info("login", password="hunter2", headers={"LV-Session": "38de9bcc"})
    assert lines(stream)[0] | {"timestamp": ""} == {
        "event": "login",
        "level": "info",
        "timestamp": "",
        "password": "[secret]",
        "headers": {"LV-Session": "[secret]"},
    }


def test_masking_goes_by_the_key_in_any_case_and_spelling() -> None:
    event = masked(Caller="+12134634007", display_name="John", notes="paid", digits="41", account="4711", calls=7)
    assert event == {
        "Caller": "+1213*****07",
        "display_name": "J***",
        "notes": "[masked]",
        "digits": "[masked]",
        "account": "4***",
        "calls": 7,
    }
    assert masked(**{"phone-dialed": "2134634007"}) == {"phone-dialed": "2134****07"}


def test_masking_reaches_into_tables_and_lists_and_leaves_the_callers_own_alone() -> None:
    facts = {"inner": {"phone": "2134634007"}, "rows": [{"ani": "2134634007"}, 5]}
    expected = {"inner": {"phone": "2134****07"}, "rows": [{"ani": "2134****07"}, 5]}
    assert masked(facts=facts) == {"facts": expected}
    assert facts == {"inner": {"phone": "2134634007"}, "rows": [{"ani": "2134634007"}, 5]}


def test_values_that_say_nothing_stay() -> None:
    assert masked(caller=None, phone="") == {"caller": None, "phone": ""}
    assert hidden(token=None) == {"token": None}


@pytest.mark.parametrize(
    "key", ["token", "Password", "LV-Access", "lv_session", "session_id", "Authorization", "api_token", "db_password"]
)
def test_a_secret_is_known_by_its_key(key: str) -> None:
    assert hidden(**{key: "hunter2"}) == {key: "[secret]"}
