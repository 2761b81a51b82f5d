"""Handoff: bundle, verify, rerun."""

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from audit_lib.cli.asked import HistoryAt, Lang, Language, RunFolder, open_run
from audit_lib.cli.auditing import checking
from audit_lib.cli.past import of_series
from audit_lib.cli.said import DONE, UNFINISHED, VIOLATED, WRONG_INPUT, say, show_progress, stop, warn

BundleFile = Annotated[Path, typer.Argument(metavar="BUNDLE", help="The zip of a bundle.", show_default=False)]
Signers = Annotated[
    Path | None,
    typer.Option(
        "--signers", help="Whom you trust: allowed_signers of OpenSSH, or certificates (PEM).", show_default=False
    ),
]
Authorities = Annotated[
    Path | None,
    typer.Option("--authorities", help="Certificates (PEM) of the time-stamping authority.", show_default=False),
]
BundlePolicy = Annotated[
    Path | None,
    typer.Option("--policy", help="Policy folder. By default the one in the bundle.", show_default=False),
]
Before = Annotated[
    Path | None, typer.Option("--previous", help="The bundle before. By default the one beside.", show_default=False)
]


def bundle(
    run: RunFolder,
    sign: Annotated[
        Path | None,
        typer.Option("--sign", help="Private key: OpenSSH's, or of --certificate (PEM).", show_default=False),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="Signer's certificate (PEM), for CMS.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder of the bundle. By default the run's.", show_default=False)
    ] = None,
    previous: Before = None,
    seed: Annotated[str, typer.Option("--seed", help="An auditor's seed of the sample.")] = "",
    sign_pdf: Annotated[
        bool, typer.Option("--sign-pdf", help="Sign report.pdf too, with the certificate (PAdES), beside the bundle.")
    ] = False,
    stamp: Annotated[bool, typer.Option("--stamp", help="Write the question for a time-stamping authority.")] = False,
    history: HistoryAt = "",
) -> None:
    """Write a run and all that vouches for it as one archive.

    A BagIt zip, the same for the same run, with a signature beside it that standard programs verify.
    """
    from audit_lib.handoff import bag
    from audit_lib.handoff.bundle import Asked, BundleError, Previous, name_of, write
    from audit_lib.handoff.signing import MissingProgramError, Signer, SigningError, query

    if certificate and not sign:
        stop(WRONG_INPUT, ["--certificate: add --sign with its private key"])
    if sign_pdf and not certificate:
        stop(WRONG_INPUT, ["--sign-pdf: add --sign and --certificate: PDF readers know certificates only"])
    if sign_pdf and not (run / "report.pdf").is_file():
        stop(WRONG_INPUT, [f"--sign-pdf: {run} has no report.pdf: dpo-audit run writes one, where there is a browser"])
    opened = open_run(run, None, None)
    signer = Signer(sign, certificate) if sign else None
    past = _Bundles(history, run)
    found = Previous(previous.name, bag.digest(previous)) if previous else past.previous()
    target = (out or run.parent) / f"{name_of(opened)}.zip"
    draft = target.with_name(f".{target.name}")
    try:
        fingerprint = signer.fingerprint() if signer else None
        target.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(mode=0o600)
        write(opened, draft, Asked(fingerprint, found, seed or None))
        draft.replace(target)
        made = [signer.sign(target)] if signer else []
        made += [query(target)] if stamp else []
        made += [_signed_report(run, target, sign, certificate)] if sign_pdf and sign and certificate else []
    except (BundleError, SigningError) as error:
        stop(WRONG_INPUT, [str(error)])
    except MissingProgramError as error:
        stop(UNFINISHED, [str(error)])
    except OSError as error:
        stop(UNFINISHED, [f"{error.filename or target}: {error.strerror}"])
    finally:
        draft.unlink(missing_ok=True)
    if past.changed():
        warn(f"{run}: its files are not those that were published: a notebook or a report was changed since")
    past.made(target.name, bag.digest(target), found)
    say([f"bundle: {target}", f"sha256: {bag.digest(target)}", *(f"beside: {one}" for one in made)])


def _signed_report(run: Path, bundle: Path, key: Path, certificate: Path) -> Path:
    """Beside the bundle, in which it would be another file each time. Raises SigningError."""
    from audit_lib.handoff.pades import sign

    target = bundle.with_suffix(".report.pdf")
    draft = target.with_name(f".{target.name}")
    draft.touch(mode=0o600)
    try:
        sign(run / "report.pdf", draft, key, certificate)
        return draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def verify(
    bundle: BundleFile,
    signers: Signers = None,
    authorities: Authorities = None,
    previous: Before = None,
    lang: Lang = None,
) -> None:
    """Whether a bundle is whole, whose it is and what it follows.

    Status 1 when something is wrong with it. Nothing of it is unpacked.
    """
    from audit_lib.handoff.told import verify_lines
    from audit_lib.handoff.verify import Trust

    trust = Trust(signers and _there(signers), authorities and _there(authorities), previous and _there(previous))
    found = _verified(bundle, trust)
    say(verify_lines(found, bundle, _words(found, lang)))
    raise typer.Exit(VIOLATED if found.wrong else DONE)


def rerun(
    bundle: BundleFile,
    exports: Annotated[Path, typer.Argument(help="The exports that were audited.", show_default=False)],
    policy: BundlePolicy = None,
    lang: Lang = None,
) -> None:
    """Audit again what a bundle says, and compare every verdict.

    With the bundle's policy, parameters and instant, or with --policy. Status 1 when a verdict differs.
    """
    from audit_lib.handoff.rerun import rerun as again
    from audit_lib.handoff.told import rerun_lines, verify_lines
    from audit_lib.handoff.verify import Trust

    whole = _verified(bundle, Trust())
    said = _words(whole, lang)
    if whole.wrong or whole.facts is None:
        warn("\n".join(verify_lines(whole, bundle, said)))
    if whole.facts is None:
        raise typer.Exit(WRONG_INPUT)
    with tempfile.TemporaryDirectory() as work:
        with checking(exports):
            found = again(bundle, exports, Path(work), policy, show_progress)
        say(rerun_lines(found, whole.facts, str(exports), said))
        for problem in found.problems:
            warn(problem)
        shutil.rmtree(work, ignore_errors=True)
        raise typer.Exit(DONE if found.agrees and not whole.wrong else VIOLATED)


def _verified(bundle: Path, trust: Any) -> Any:
    from audit_lib.handoff.signing import MissingProgramError
    from audit_lib.handoff.verify import verify

    try:
        return verify(_there(bundle), trust)
    except MissingProgramError as error:
        stop(UNFINISHED, [str(error)])
    except OSError as error:
        stop(UNFINISHED, [f"{error.filename or bundle}: {error.strerror}"])


def _words(found: Any, lang: Language | None) -> Any:
    """In the language that is asked for, else the one of the bundle's run."""
    from audit_lib.report.words import words

    return words(lang.value if lang else found.facts["language"] if found.facts else "en")


def _there(path: Path) -> Path:
    if not path.is_file():
        stop(WRONG_INPUT, [f"{path}: no such file"])
    return path


class _Bundles:
    """What the history knows of the bundles of a run's folder; nothing where there is none."""

    def __init__(self, where: str, run: Path) -> None:
        self._where, self._run = where, run.resolve()

    def previous(self) -> Any:
        """The bundle that the run's follows: the one that it followed already, if it was bundled before."""
        from audit_lib.handoff.bundle import Previous

        def known(series: Any) -> Any:
            if already := series.bundle(self._run.name):
                return already["previous_name"] and Previous(already["previous_name"], already["previous_sha256"])
            before = series.bundle_before(self._run.name)
            return before and Previous(before["name"], before["sha256"])

        return self._asked(known)

    def changed(self) -> bool:
        """Whether the run is not as it was when the history got to know it."""
        from audit_lib.history.series import digest_of

        def known(series: Any) -> Any:
            return [one["digest"] for one in series.runs() if one["run_id"] == self._run.name]

        return bool(digests := self._asked(known)) and digests[0] != digest_of(self._run)

    def made(self, name: str, sha256: str, previous: Any) -> None:
        pair = (previous.name, previous.sha256) if previous else None
        self._asked(lambda series: series.bundled(self._run.name, name, sha256, pair))

    def _asked(self, what: Any) -> Any:
        from audit_lib.history.store import HistoryError

        with suppress(HistoryError):
            return of_series(self._where, self._run.parent, what)
        return None
