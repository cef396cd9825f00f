"""The text of a settings file: whatever it is, what is wrong with it is said, with a line and a remedy."""

from collections.abc import Iterable
from pathlib import Path

from bridge.settings.contradictions import contradictions
from bridge.settings.document import Document
from bridge.settings.draft import read_draft
from tests.fuzz.target import Target
from tests.unit.settings_texts import GOOD

_CONFIG = Path(__file__).parents[3] / "config"


def run(data: bytes) -> None:
    """As the loader does, up to what needs other files."""
    text = data.decode("utf-8", "replace")
    document = Document("bridge.toml", text)
    if document.is_toml:
        draft = read_draft(document, None)
        for found in contradictions(draft):
            assert found.what and found.remedy
    lines = text.count("\n") + 1
    for problem in document.problems:
        assert problem.what and problem.remedy and str(problem)
        assert problem.line is None or 0 < problem.line <= lines


def seeds() -> Iterable[bytes]:
    """Good ones, and the mistakes people make."""
    yield GOOD.encode()
    yield (_CONFIG / "demo.toml").read_bytes()
    example = (_CONFIG / "bridge.example.toml").read_text(encoding="utf-8")
    yield "\n".join(line for line in example.splitlines() if line and not line.startswith("#")).encode()


WORDS = (
    *(
        b"[sip]\n",
        b"[media]\n",
        b"[livevox]\n",
        b"[livevox.hours]\n",
        b"[[agents]]\n",
        b"[engines.x]\n",
        b"[outcomes.x]\n",
    ),
    *(
        b"[targets.x]\n",
        b"[admin]\n",
        b"[log]\n",
        b'kind = "sip"\n',
        b'kind = "openai"\n',
        b'kind = "rtp"\n',
        b"listen = ",
    ),
    *(
        b"number = ",
        b"engines = []\n",
        b"aliases = ",
        b'"""',
        b"'''",
        b"[[",
        b"]]",
        b"{",
        b"}",
        b"= 1e400\n",
        b"= inf\n",
    ),
    *(
        b"= 1979-05-27\n",
        b"= true\n",
        b'= ""\n',
        b"= [1]\n",
        b"= {a=1}\n",
        b"\\u0000",
        b"\xd9\xa1",
        b"#",
        b"\r\n",
        b".",
    ),
)

TARGET = Target(run, seeds, WORDS, hostile=False)
