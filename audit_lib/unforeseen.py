"""Unforeseen: what may be said of an error that nobody handles, or that ends a run."""

from pathlib import Path


class UnforeseenError(Exception):
    """Its kind and its place, never its message, which may quote a value."""

    def __init__(self, kind: str, place: str) -> None:
        self.kind, self.place = kind, place
        super().__init__(kind, place)

    def __str__(self) -> str:
        return f"{self.kind} in {self.place}"


class EngineLostError(Exception):
    """An engine cannot go on, and no rule is to blame: what it judged already counts for nothing. Says why."""


def unforeseen(error: Exception) -> UnforeseenError:
    """The error itself when it is one already."""
    if isinstance(error, UnforeseenError):
        return error
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
    return UnforeseenError(type(error).__name__, place)
