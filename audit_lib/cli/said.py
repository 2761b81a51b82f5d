"""Said: what a command says, and how it ends."""

import sys
from collections.abc import Iterable
from typing import NoReturn

import typer

DONE, VIOLATED, WRONG_INPUT, UNFINISHED = 0, 1, 2, 3


def show_progress(step: str) -> None:
    print(f"· {step}", file=sys.stderr, flush=True)


def say(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def warn(message: str) -> None:
    print(message, file=sys.stderr)


def stop(status: int, messages: Iterable[str]) -> NoReturn:
    for message in messages:
        warn(message)
    raise typer.Exit(status)


# DuckDB's names for what the machine is short of; its own text may quote a value.
_SHORT_OF = {
    "OutOfMemoryException": "memory: close other programs, or write a larger --memory-limit",
    "SIGKILL": "memory: close other programs, or write a smaller --memory-limit",
    **dict.fromkeys(("IOException", "TransactionException", "FatalException"), "disk: free some where --out is"),
}


def hint(kind: str) -> str:
    short_of = _SHORT_OF.get(kind)
    return f", perhaps short of {short_of}" if short_of else ""
