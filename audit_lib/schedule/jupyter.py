"""Jupyter: a notebook for jupyter-scheduler, which copies it elsewhere and pastes its parameters as they are typed."""

import json
from typing import Any

from audit_lib.schedule.job import LOCK, MARK, Job, filled, locked


def notebook(job: Job, fields: str) -> str:
    """The same job gives the same bytes."""
    command = filled(
        "command",
        before=_items([*job.around, *locked(job.flock, "")[:-1]]),
        lock=_literal(LOCK),
        program=_items([*job.limited, job.program, "run"]),
        options=_items(job.options),
        folder=_literal(job.folder),
    )
    parameters = filled("parameters", exports=_literal(job.exports), out=_literal(job.out))
    cells = [
        _cell("title", "markdown", filled("title", fields=fields)),
        _cell("parameters", "code", parameters, tags=["parameters"]),
        _cell("run", "code", command),
        _cell("status", "code", filled("status")),
    ]
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "written_by": MARK.removeprefix("# "),
    }
    made = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _cell(name: str, kind: str, text: str, tags: list[str] | None = None) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": name, "metadata": {"tags": tags} if tags else {}}
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return {**cell, "source": text.rstrip("\n").splitlines(keepends=True)}


def _items(words: list[str] | tuple[str, ...]) -> str:
    return ", ".join(map(_literal, words))


def _literal(text: str) -> str:
    """A text as Python reads it, in double quotes."""
    return json.dumps(text, ensure_ascii=False)
