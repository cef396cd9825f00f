"""What changes of the settings are called."""

from pathlib import Path

from bridge.reload.plan import changes
from bridge.reload.words import sentence
from bridge.settings import Settings
from tests.unit.settings_texts import GOOD, SECRETS, load_text

ENGINES = """
[engines.gpt]
kind = "openai"
url = "wss://one.example.com/v1/realtime?key=hidden-key"
instructions = "Say hidden words."
headers = { X-Key = "hidden-header" }
greeting_wait_s = 1
"""


def words(old: Settings, new: Settings) -> list[str]:
    return [sentence(change) for change in changes(old, new)]


def test_agents_are_told_with_what_follows(tmp_path: Path) -> None:
    old = load_text(tmp_path, GOOD)
    text = GOOD.replace("VA0001", "VA0009") + '[[agents]]\nnumber = "8990000002"\nuser_name = "VA0002"\n'
    new = load_text(tmp_path, text)
    assert words(old, new) == [
        'agent 8990000001: user_name: "VA0001" → "VA0009": leaves after its call and logs in anew',
        'agent 8990000002: new: logs in as "VA0002", joins service "46014", engines ["bot"]',
    ]
    assert words(new, old)[1] == "agent 8990000002: gone: leaves after its call"


def test_values_are_shown_as_the_file_writes_them(tmp_path: Path) -> None:
    old = load_text(tmp_path, GOOD)
    text = GOOD.replace('listen = "127.0.0.1:5070"', 'listen = "127.0.0.1:5070"\nallow = ["192.0.2.0/24"]')
    text = text.replace("[media]", '[media]\ncodecs = ["PCMA"]').replace('"Completed"', '"Done"')
    text = text.replace("[targets.collections]", "[targets.billing]")
    assert words(old, load_text(tmp_path, text)) == [
        'sip.allow: ["127.0.0.0/8"] → ["192.0.2.0/24"]',
        'media.codecs: ["PCMU", "PCMA"] → ["PCMA"]',
        'outcomes.default.term_code: "Completed" → "Done"',
        "targets.collections: gone, for calls that come from now on",
        "targets.billing: new",
    ]
    webhook = load_text(tmp_path, GOOD + '[webhooks.crm]\nurl = "https://crm.example.com/hidden"\n')
    assert words(old, webhook) == ["webhooks.crm: new"] and words(webhook, old) == ["webhooks.crm: gone"]


def test_what_needs_a_restart_says_so(tmp_path: Path) -> None:
    old = load_text(tmp_path, GOOD)
    new = load_text(tmp_path, GOOD.replace("5070", "5071"))
    assert words(old, new) == ['sip.listen: "127.0.0.1:5070" → "127.0.0.1:5071": needs a restart']


def test_secrets_are_never_shown_nor_what_may_hold_one(tmp_path: Path) -> None:
    secrets = SECRETS | {"OPENAI_API_KEY": "hidden-one", "BRIDGE_ADMIN_TOKEN": "hidden-admin"}
    old = load_text(tmp_path, GOOD + ENGINES, secrets)
    others = {name: f"hidden-other-{name}" for name in secrets}
    text = (GOOD + ENGINES).replace("hidden", "hidden-too").replace("greeting_wait_s = 1", "greeting_wait_s = 2")
    said = words(old, load_text(tmp_path, text, others))
    assert sorted(said) == [
        "agent 8990000001: password changed: for its next log-in",
        "engines.gpt.greeting_wait_s: 1.0 → 2.0",
        "engines.gpt.headers changed",
        "engines.gpt.instructions changed",
        "engines.gpt.secret changed",
        "engines.gpt.url changed",
        "environment.BRIDGE_ADMIN_TOKEN changed",
        "environment.LIVEVOX_TOKEN changed",
    ]
    moved = load_text(tmp_path, (GOOD + ENGINES).replace("one.example.com", "two.example.com"), secrets)
    assert words(old, moved) == ['engines.gpt.url: "wss://one.example.com" → "wss://two.example.com"']
