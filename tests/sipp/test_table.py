"""The tables of sipp_scenarios/README.md, the files they name, and how they are read."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.sipp import pcap
from tests.sipp.sipp import SCENARIOS, Passed
from tests.sipp.table import AGENT, BRIDGE, ENGINE_PORT, Row, read

ROWS = read((SCENARIOS / "README.md").read_text())


def test_the_tables_name_every_scenario_and_no_other() -> None:
    assert sorted(f"{name}.xml" for name in ROWS) == sorted(path.name for path in SCENARIOS.glob("*.xml"))


@pytest.mark.parametrize("row", list(ROWS.values()), ids=lambda row: row.name)
def test_a_command_plays_its_scenario_once_against_the_demos_bridge(row: Row) -> None:
    root = SCENARIOS.parent
    assert row.command[:2] == ("sipp", BRIDGE)
    assert Path(row.command[row.command.index("-sf") + 1]) == (SCENARIOS / f"{row.name}.xml").relative_to(root)
    assert row.command[row.command.index("-m") + 1] == "1"
    assert row.proves and row.result


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.xml")), ids=lambda path: path.stem)
def test_a_scenario_is_named_as_its_file_and_says_what_it_is_for(path: Path) -> None:
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    scenario = ElementTree.fromstring(path.read_text(), parser)
    assert scenario.get("name") == path.stem
    assert path.read_text().split("\n")[2].startswith("<!-- ")
    files = [element.get("play_pcap_audio") for element in scenario.iter("exec") if element.get("play_pcap_audio")]
    assert all((SCENARIOS / name).is_file() for name in files if name)


def test_the_pcap_file_is_what_its_script_writes() -> None:
    assert pcap.FILE.read_bytes() == pcap.pcap(pcap.speech_and_keys())


def test_a_command_takes_other_addresses_and_numbers() -> None:
    row = Row.parse(
        "| [a](a.xml) | b | `wait` | `sipp 127.0.0.1:5070 -m 1 -s +18990000001 -sf sipp_scenarios/a.xml -p 1` | c |"
    )
    assert row is not None
    assert (row.engine, row.is_engine, row.result) == ("wait", False, "c")
    changed = row.options({BRIDGE: "127.0.0.1:4000", AGENT: "8990000042", ENGINE_PORT: "6000"})
    assert changed == ["127.0.0.1:4000", "-m", "1", "-s", "+18990000042", "-p", "1"]


@pytest.mark.parametrize("line", ["", "text", "| scenario | what |", "|---|---|"])
def test_other_lines_are_no_rows(line: str) -> None:
    assert Row.parse(line) is None


@pytest.mark.parametrize("line", ["| [a](b.xml) | b | – | `sipp` | c |", "| [a](a.xml) | b |"])
def test_a_row_that_breaks_the_form_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match="not a row"):
        Row.parse(line)


def test_a_scenario_that_stands_there_twice_is_an_error() -> None:
    line = "| [a](a.xml) | b | – | `sipp` | c |\n"
    with pytest.raises(ValueError, match="twice"):
        read(line + line)


def test_a_line_of_sipps_short_trace_is_a_message() -> None:
    when = "2026-11-22\t11:19:28.157567\t1795346368.157567"
    heard = Passed.parse(f"{when}\tR\t1-31806@127.0.0.1\tCSeq:1 INVITE\tSIP/2.0 200 OK")
    assert heard == Passed(sent=False, call_id="1-31806@127.0.0.1", method="INVITE", start="SIP/2.0 200 OK")
    assert heard is not None and heard.status == 200
    said = Passed.parse(f"{when}\tS\tx\tCSeq:2 BYE\tBYE sip:a SIP/2.0")
    assert said is not None and (said.sent, said.status) == (True, 0)
    assert Passed.parse("something else") is None
