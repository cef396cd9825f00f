"""What is said to speech engines that are reached by WebSocket, one module a dialect.

A dialect is one file: its table of the settings, the class that reads and writes its messages, and a `KIND` that names
both. Nothing else must be told of it: `KINDS` finds it.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any

from bridge.dialects.kinds import DialectTerms, Kind

__all__ = ["KINDS", "DialectTerms", "Kind"]


def _find() -> Mapping[str, Kind[Any]]:
    modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    found = [module.KIND for module in modules if isinstance(getattr(module, "KIND", None), Kind)]
    return {kind.name: kind for kind in found}


#: Every dialect by its name.
KINDS = _find()
