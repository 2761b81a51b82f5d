"""Notifying: a command that tells people how it ended."""

import inspect
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from audit_lib.cli.asked import Language, home
from audit_lib.cli.said import UNFINISHED, WRONG_INPUT, say, show_progress, stop, warn

if TYPE_CHECKING:
    from audit_lib.notify import Address, Message

Notify = Annotated[
    list[str] | None,
    typer.Option(
        "--notify",
        help="Tell in counts how the run ended: mailto:dpo@example.eu, an https:// webhook, or env:NAME of one.",
        show_default=False,
    ),
]


class Ended(typer.Exit):
    """A run was published, and the command ends with `code`.

    `changes`: records by what became of them since the previous run; `notes`: lines on runs that were missed.
    """

    def __init__(
        self, code: int, folder: Path, changes: Mapping[str, int] | None = None, notes: Sequence[str] = ()
    ) -> None:
        super().__init__(code)
        self.folder, self.changes, self.notes = folder, changes, notes


def notified(command: Callable[..., None]) -> Callable[..., None]:
    """The command with --notify: each URL hears once how it ended, well or not.

    What cannot be sent is told, and changes nothing of how the command ends: its results are there all the same.
    """

    @wraps(command)
    def telling(*, notify: list[str] | None = None, **options: Any) -> None:
        wanted, wrong = addresses(notify or ())
        try:
            if wrong:
                stop(WRONG_INPUT, wrong)
            command(**options)
        except BaseException as ending:
            if wanted:
                _tell(wanted, _message(ending, options["policy"], options["lang"]))
            raise

    asked = inspect.signature(command)
    option = inspect.Parameter("notify", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Notify)
    telling.__annotations__ = {**command.__annotations__, "notify": Notify}
    vars(telling)["__signature__"] = asked.replace(parameters=[*asked.parameters.values(), option])
    return telling


def addresses(texts: Iterable[str]) -> tuple[list["Address"], list[str]]:
    """Where to send to, and a line for each that is wrong."""
    wanted: list[Address] = []
    wrong: list[str] = []
    texts = list(texts)
    if texts:
        from audit_lib.notify import AddressError, address

        for text in texts:
            try:
                wanted.append(address(text, os.environ))
            except AddressError as error:
                wrong.append(str(error))
    return wanted, list(dict.fromkeys(wrong))


def _tell(wanted: list["Address"], message: "Message") -> None:
    from audit_lib.notify import sent

    show_progress("notify")
    lines = list(sent(message, wanted))
    for line in lines:
        warn(line)
    if lines:
        say([f"note: {len(lines)} of {len(dict.fromkeys(wanted))} notifications could not be sent"])


def _message(ending: BaseException, policy: Path | None, lang: Language | None) -> "Message":
    from audit_lib.notify import failed, finished
    from audit_lib.report.words import words

    if isinstance(ending, Ended):
        facts = json.loads((ending.folder / "run.json").read_text("utf-8"))
        controls = json.loads((ending.folder / "controls.json").read_text("utf-8"))
        said = words(facts["language"])
        return finished(facts, controls, said, status=ending.exit_code, changes=ending.changes, notes=ending.notes)
    company, language = _company(policy or home("expectations"))
    return failed(_status(ending), company, words(lang.value if lang else language))


def _status(ending: BaseException) -> int:
    if isinstance(ending, typer.Exit):
        return ending.exit_code
    return UNFINISHED


def _company(policy: Path) -> tuple[str, str]:
    """Its name and the language of its reports; no name, and English, when the policy cannot be read."""
    from audit_lib.policy import PolicyError, load_policy

    try:
        folder = load_policy(policy)
    except (PolicyError, OSError):
        return "", "en"
    return folder.policy.company.name, folder.policy.language
