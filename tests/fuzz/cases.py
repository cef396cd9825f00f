"""The inputs that once did harm: files in tests/data, in a folder for each target."""

import hashlib
import importlib
from pathlib import Path

from tests.fuzz.pumping import Pumped
from tests.fuzz.target import Target

DATA = Path(__file__).parents[1] / "data"
#: Every target's name: that of its module, and of its folder.
NAMES = tuple(sorted(path.stem for path in (Path(__file__).parent / "targets").glob("*.py")))
#: A file that says how a long input is made.
_RECIPE = ".pumped.json"


def target(name: str) -> Target:
    """A target by its name."""
    found = importlib.import_module(f"tests.fuzz.targets.{name}").TARGET
    assert isinstance(found, Target)
    return found


def files(name: str) -> list[Path]:
    """A target's cases."""
    return sorted(path for path in (DATA / name).glob("*") if path.is_file())


def read(path: Path) -> bytes:
    """The input in a case's file."""
    content = path.read_bytes()
    return Pumped.read(content).data if path.name.endswith(_RECIPE) else content


def write(name: str, found: bytes | Pumped) -> Path:
    """Keep an input that did harm."""
    content, ending = (found.written(), _RECIPE) if isinstance(found, Pumped) else (found, "")
    path = DATA / name / f"found_{hashlib.sha256(content).hexdigest()[:10]}{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
