"""Deferred imports: libraries that Great Expectations imports at start and only some expectations use."""

import importlib
import sys
import types

# 1 s and 90 MB of every process: drawing and statistics of expectations that no control here uses.
HEAVY = ("altair", "scipy.stats")


class _Deferred(types.ModuleType):
    """Stands for a module until something of it is used; then the real one takes its place."""

    __path__: list[str] = []

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def defer() -> None:
    """Must run before Great Expectations is first imported; later calls change nothing."""
    for name in HEAVY:
        if name not in sys.modules:
            sys.modules[name] = _Deferred(name)
