"""Virtual agents as lines of a CSV file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.settings.agents_file import read_agents
from bridge.settings.sections import AgentEntry

HEADER = "number,user_name,service_id,engines,password_env\n"
#: As messages list them.
COLUMNS = "number,user_name,password_env,service_id,engines"


def wrong(text: str) -> list[str]:
    _, problems = read_agents("agents.csv", text)
    return [str(problem) for problem in problems]


def test_each_line_is_an_agent() -> None:
    agents, problems = read_agents("agents.csv", HEADER + "8990000001,VA1,46014,bot|standby,VA1_PASSWORD\n")
    assert problems == []
    (agent,) = agents
    expected = AgentEntry.model_validate(
        {
            "number": "8990000001",
            "user_name": "VA1",
            "service_id": "46014",
            "engines": ["bot", "standby"],
            "password_env": "VA1_PASSWORD",
        }
    )
    assert (agent.line, agent.entry) == (2, expected)


def test_columns_may_come_in_any_order_and_those_with_a_default_may_be_left_out() -> None:
    agents, problems = read_agents("agents.csv", "user_name,number\nVA1,8990000001\n")
    assert problems == []
    assert [agent.entry for agent in agents] == [AgentEntry(number="8990000001", user_name="VA1")]


def test_spaces_empty_lines_a_byte_order_mark_and_quotes_do_no_harm() -> None:
    text = '\ufeffnumber , user_name,engines\r\n\r\n 8990000001 ,"VA 1, north", bot | standby \r\n,,\r\n'
    agents, problems = read_agents("agents.csv", text)
    assert problems == []
    assert [(agent.line, agent.entry.user_name, agent.entry.engines) for agent in agents] == [
        (3, "VA 1, north", ("bot", "standby"))
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "",
            [
                f"agents.csv:1: number: is required; begin the file with a line {COLUMNS}",
                f"agents.csv:1: user_name: is required; begin the file with a line {COLUMNS}",
            ],
        ),
        (
            "number,username\n",
            [
                'agents.csv:1: username: is not a column; did you mean "user_name"?',
                f"agents.csv:1: user_name: is required; begin the file with a line {COLUMNS}",
            ],
        ),
        ("number,user_name,number\n", ["agents.csv:1: number: is a column twice; remove one of them"]),
        (
            "number,user_name\n8990000001\n",
            [
                "agents.csv:2: has 1 columns, the header has 2; give each agent a value or nothing in each column",
            ],
        ),
        (
            "number,user_name\n899,VA1\n8990000002,\n",
            [
                'agents.csv:2: number: "899" is not an 899 number; write its ten digits, as in "8990000001"',
                "agents.csv:3: user_name: must not be empty; write a value",
            ],
        ),
        (
            "number,user_name,password_env\n8990000001,VA1,hunter2\n",
            [
                "agents.csv:2: password_env: is not the name of an environment variable; write the name of the "
                'variable, as in "LIVEVOX_PASSWORD_VA1", never the password',
            ],
        ),
        ('number,user_name\n8990000001,"VA1\n', ["agents.csv:2: is not CSV: unexpected end of data; check its quotes"]),
    ],
)
def test_each_mistake_names_its_line_and_the_remedy(text: str, said: list[str]) -> None:
    assert wrong(text) == said


def test_a_mistake_in_one_line_leaves_the_others() -> None:
    agents, problems = read_agents("agents.csv", "number,user_name\n899,VA1\n8990000002,VA2\n")
    assert [agent.entry.user_name for agent in agents] == ["VA2"]
    assert len(problems) == 1


@given(st.text() | st.text('number,user_name"|89\r\n\x00', max_size=80))
def test_no_text_raises(text: str) -> None:
    agents, problems = read_agents("agents.csv", text)
    assert problems or agents or text
