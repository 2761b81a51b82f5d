"""Airflow: a file of its DAGs folder."""

import shlex

from audit_lib.schedule.job import BUSY, Job, filled

_NOTEBOOK = "03_retention"


def dag(job: Job, fields: str) -> str:
    return filled(
        "dag",
        name=repr(job.name),
        schedule=repr(fields),
        time_zone=repr(job.time_zone),
        folder=repr(job.folder),
        command=_text(_command(job), 4),
        busy=str(BUSY),
        notebook=repr(f"{job.notebooks}/{_NOTEBOOK}.ipynb"),
        output=repr(f"-{_NOTEBOOK}.ipynb"),
        exports=repr(_raw(job.exports)),
        language=repr(job.language),
    )


def _command(job: Job) -> str:
    """The last line of what it says is the run's folder: Airflow hands it to the next task."""
    return _raw(
        f"said=$({shlex.join(job.whole)}); status=$?; "
        r"""printf '%s\n' "$said"; printf '%s\n' "$said" | sed -n 's/^run: //p'; exit $status"""
    )


def _raw(text: str) -> str:
    """A text that Airflow's templates leave as it is."""
    return f"{{% raw %}}{text}{{% endraw %}}"


def _text(text: str, indent: int) -> str:
    """A literal over several lines, between parentheses."""
    width = 100
    pieces = [text[at : at + width] for at in range(0, len(text), width)]
    return ("\n" + " " * indent).join(map(repr, pieces))
