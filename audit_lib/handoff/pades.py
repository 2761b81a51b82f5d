"""PAdES: a signature inside the PDF of a report, which PDF readers show; made by pyHanko."""

from pathlib import Path

from audit_lib.handoff.signing import SigningError


def sign(report: Path, target: Path, key: Path, certificate: Path) -> None:
    """Writes the signed report. `key` and `certificate`: PEM, the key without a passphrase. Raises SigningError."""
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import signers
        from pyhanko.sign.fields import SigSeedSubFilter
    except ImportError:
        raise SigningError("--sign-pdf: pyHanko is missing: pip install 'dpo-audit[pades]'") from None
    signer = signers.SimpleSigner.load(str(key), str(certificate))
    if signer is None:
        raise SigningError(f"--sign-pdf: {key}: it is not the key of the certificate, PEM and without a passphrase")
    how = signers.PdfSignatureMetadata(field_name="Signature", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    with report.open("rb") as given, target.open("wb") as out:
        signers.sign_pdf(IncrementalPdfFileWriter(given), how, signer=signer, output=out)
