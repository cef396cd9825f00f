"""Every dialect there is: each module of this package that has a `KIND`.

Loading them all takes longer than loading the rest of the media process: it does so when it hears of an engine that is
reached by WebSocket.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

import bridge.dialects
from bridge.dialects.kinds import Kind


def _find() -> Mapping[str, Kind[Any]]:
    package = bridge.dialects
    names = (f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__))
    found = [getattr(importlib.import_module(name), "KIND", None) for name in names if name != __name__]
    return {kind.name: kind for kind in found if isinstance(kind, Kind)}


#: By the name that the settings call it by.
KINDS = _find()
