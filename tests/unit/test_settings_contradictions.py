"""Settings that are each valid and cannot be true together."""

from pathlib import Path

import pytest

from tests.unit.settings_texts import GOOD, load_text, problems_of, with_line

OPEN = with_line("[sip]", 'listen = "0.0.0.0:5070"')
SECOND_AGENT = '[[agents]]\nnumber = "8990000002"\nuser_name = "VA0002"\n'
SECOND_TARGET = '[targets.billing]\ncontacts = ["Billing"]\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            with_line("[sip]", 'allow = ["198.51.100.0/24"]', OPEN),
            "1: sip.public_address: is needed: sip.listen is 0.0.0.0, which nobody can send to; set it to the address "
            "LiveVox and the engines reach us at",
        ),
        (
            with_line("[engines.bot]", 'uri = "sip:bot@192.0.2.20"', OPEN),
            "1: sip.public_address: is needed: sip.listen is 0.0.0.0, which nobody can send to; set it to the address "
            "LiveVox and the engines reach us at",
        ),
        (
            OPEN + '[engines.other]\nkind = "rtp"\nsecret_env = ""\nurl = "https://bot.example.com/calls"\n',
            "1: sip.public_address: is needed: sip.listen is 0.0.0.0, which nobody can send to; set it to the address "
            "LiveVox and the engines reach us at",
        ),
        (
            with_line("[media]", 'listen_address = "192.0.2.11"'),
            "3: media.public_address: is needed: RTP is received on 192.0.2.11, but SDP would say 127.0.0.1; set it to "
            "the address that reaches media.listen_address",
        ),
        (
            with_line("[media]", 'ports = "20001-20201"', with_line("[sip]", "max_calls = 51")),
            "5: media.ports: 20001-20201 has 100 even ports, and 51 calls (sip.max_calls) take 102; widen it, with "
            "some to spare for ports that rest, or lower sip.max_calls",
        ),
        (
            with_line("[media]", 'ports = "5000-5999"'),
            "4: media.ports: 5000-5999 holds the SIP port 5070; choose a range without it",
        ),
        (
            with_line("[sip]", "session_expires_s = 100", with_line("[sip]", "min_se_s = 120")),
            "2: sip.session_expires_s: is 100, less than sip.min_se_s, which is 120; raise it, or lower sip.min_se_s",
        ),
        (
            with_line("[sip]", "spare_calls = 101"),
            "2: sip.spare_calls: is 101, more than sip.max_calls, which is 100; lower it",
        ),
        (
            GOOD + SECOND_AGENT.replace("8990000002", "+18990000001"),
            '25: agents[2].number: "8990000001" is another agent\'s too; give each agent its own',
        ),
        (
            GOOD + SECOND_AGENT.replace("VA0002", "VA0001"),
            '26: agents[2].user_name: "VA0001" is another agent\'s too; give each agent its own',
        ),
        (
            GOOD.replace('service_id = "46014"\n', ""),
            "9: agents[1].service_id: agent 8990000001 has no service to join; set it here, or livevox.service_id for "
            "all",
        ),
        (
            GOOD.replace('engines = ["bot"]\n', ""),
            "10: agents[1].engines: agent 8990000001 has no engine; set it here, or agent_defaults.engines for all",
        ),
        (
            with_line("[agent_defaults]", 'engines = ["bit"]'),
            '14: agent_defaults.engines: there is no [engines.bit]; did you mean "bot"?',
        ),
        (
            with_line("[[agents]]", 'engines = ["bot", "standby"]'),
            "11: agents[1].engines: there is no [engines.standby]; known are: bot",
        ),
        (
            GOOD + '[recording]\nengines = ["bot", "bit"]\n',
            '25: recording.engines: there is no [engines.bit]; did you mean "bot"?',
        ),
        (
            GOOD + '[recording]\nagents = ["8990000001", "8990000002"]\n',
            "25: recording.agents: there is no agent 8990000002; write the number of one of the agents, or leave it "
            "out",
        ),
        (
            with_line("[engines.bot]", 'uri = "sip:bot@127.0.0.1:5070"'),
            "16: engines.bot.uri: 127.0.0.1:5070 is this bridge itself (sip.listen); write the address of the speech "
            "engine",
        ),
        (
            with_line("[engines.bot]", 'uri = "sip:bot@localhost:5070"', OPEN),
            "16: engines.bot.uri: localhost:5070 is this bridge itself (sip.listen); write the address of the speech "
            "engine",
        ),
        (
            with_line("[targets.collections]", 'outcome = "transfered"'),
            '21: targets.collections.outcome: there is no [outcomes.transfered]; did you mean "transferred"?',
        ),
        (
            with_line("[targets.billing]", 'aliases = ["+1555"]', GOOD + SECOND_TARGET).replace(
                "[admin]", 'aliases = ["+1555"]\n[admin]'
            ),
            '26: targets.billing.aliases: "+1555" stands for the target "collections" already; keep it with one of '
            "them",
        ),
        (
            with_line("[targets.billing]", 'aliases = ["Collections"]', GOOD + SECOND_TARGET),
            '25: targets.billing.aliases: "Collections" stands for the target "collections" already; keep it with one '
            "of them",
        ),
        (
            with_line("[livevox]", 'on_failure = "collection"'),
            '5: livevox.on_failure: there is no [targets.collection]; did you mean "collections"?',
        ),
        (
            with_line("[livevox]", 'on_engine_unavailable = "transfer"'),
            '5: livevox.on_engine_unavailable: is "transfer", but livevox.on_failure names no target; name one of '
            '[targets] there, or write "refuse"',
        ),
        (
            with_line("[media]", 'wait_prompt = "no.wav"'),
            "4: media.wait_prompt: no.wav cannot be read (No such file or directory); name a WAV file with 8000 Hz, "
            "mono, PCM of 16 bits, A-law or µ-law",
        ),
        (
            with_line("[media]", 'unavailable_prompt = "bridge.toml"'),
            "4: media.unavailable_prompt: bridge.toml is not a WAV file; name a WAV file with 8000 Hz, mono, PCM of 16 "
            "bits, A-law or µ-law",
        ),
        (
            GOOD + '[engines.other]\nkind = "rtp"\nurl = "http://localhost:8080/calls"\n',
            "26: engines.other.url: localhost:8080 is this bridge itself (admin.listen); write the address of the "
            "speech engine",
        ),
        (
            GOOD.replace('monday = ["08:00-20:00"]\n', ""),
            "7: livevox.hours: no day has hours: the agents would never log in; add days, as in monday = "
            '["08:00-20:00"], or remove the section to be always open',
        ),
    ],
)
def test_each_contradiction_names_line_key_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    assert problems_of(tmp_path, text) == [f"bridge.toml:{said}"]


def test_settings_without_a_default_outcome(tmp_path: Path) -> None:
    (said,) = problems_of(tmp_path, GOOD.replace("[outcomes.default]", "[outcomes.finished]"))
    assert said.startswith("bridge.toml: outcomes.default: is required; add [outcomes.default] with term_code = ")


@pytest.mark.parametrize(
    "text",
    [
        with_line("[sip]", 'public_address = "203.0.113.1"', with_line("[sip]", 'allow = ["198.51.100.0/24"]', OPEN)),
        with_line("[media]", 'public_address = "192.0.2.11"', with_line("[media]", 'listen_address = "192.0.2.11"')),
        with_line("[media]", 'listen_address = "0.0.0.0"'),
        with_line("[media]", 'ports = "20000-20199"', with_line("[sip]", "max_calls = 50")),
        with_line("[sip]", "session_expires_s = 120", with_line("[sip]", "min_se_s = 120")),
        with_line("[engines.bot]", 'uri = "sip:bot@127.0.0.1:5071"'),
        with_line("[engines.bot]", 'uri = "sip:bot@127.0.0.1:8080"'),
        with_line("[engines.bot]", 'uri = "sip:bot@127.0.0.2:5070"'),
        OPEN + '[engines.other]\nkind = "rtp"\nsecret_env = ""\nurl = "http://127.0.0.1:8081/calls"\n',
        GOOD + '[engines.other]\nkind = "rtp"\nsecret_env = ""\nurl = "https://bot.example.com/calls"\n',
        with_line("[admin]", 'listen = "127.0.0.1:5070"'),
        with_line(
            "[livevox]",
            'on_engine_unavailable = "transfer"',
            with_line("[livevox]", 'on_failure = "collections"'),
        ),
        with_line("[targets.collections]", 'outcome = "default"'),
        with_line("[targets.collections]", 'aliases = ["collections", "+1555"]'),
        with_line("[livevox]", 'on_failure = "collections"'),
        GOOD.replace("[livevox.hours]\n", "").replace('timezone = "UTC"\nmonday = ["08:00-20:00"]\n', ""),
    ],
)
def test_what_fits_together_is_no_contradiction(tmp_path: Path, text: str) -> None:
    assert load_text(tmp_path, text).agents


def test_what_follows_only_from_another_mistake_is_not_told(tmp_path: Path) -> None:
    text = with_line("[engines.bot]", "uri = 5", with_line("[outcomes.default]", "term_code = 5"))
    assert len(problems_of(tmp_path, text)) == 2
    (said,) = problems_of(tmp_path, with_line("[[agents]]", 'number = "5"'))
    assert said.startswith("bridge.toml:11: agents[1].number: ")
