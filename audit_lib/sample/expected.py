"""Expected: the verdict that a row of the invented company must get, and the account of all of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

AS_OF = "2026-11-01T06:00:00+01:00"

PROSPECTS = "prospects_kept_at_most_3_years"
CUSTOMERS = "former_customers_kept_at_most_3_years"
ARCHIVES = "archives_meet_legal_conditions"
NAVIGATION = "navigation_data_kept_at_most_30_days"
NAMED_USERS = "named_users_kept_at_most_2_years"
COUNTRY_ALONE = "ip_country_kept_alone_after_2_years"
INACTIVE = "inactive_accounts_reviewed_after_2_years"
FULL_IP = "usage_logs_hold_no_full_ip_address"
DIRECT = "usage_logs_hold_no_direct_identifier"
LINK = "usage_log_ids_do_not_link_to_users"
PERSIST = "usage_log_ids_do_not_persist"
GROUPS = "usage_logs_meet_k_anonymity"
INFERENCE = "usage_logs_resist_inference"
ANONYMISED = "anonymised_contacts_hold_no_identifier"
LOG_FIELDS = "usage_logs_hold_only_declared_fields"
USER_FIELDS = "user_base_holds_only_declared_fields"
NAVIGATION_FIELDS = "navigation_collects_only_declared_fields"
COVERED = "transfers_covered_by_adequacy_scc_or_bcr"
LAWFUL = "transfers_lawful_under_chapter_v"
MODULES = "scc_module_matches_roles"
PURPOSES = "transfer_purposes_declared"
ANSWERED = "rights_requests_answered_in_time"
ERASURES = "erased_subjects_absent_everywhere"
EXTENSIONS = "extensions_notified_in_time"
AGREEMENTS = "dpa_provided_on_request"
BREACHES = "breaches_notified_within_72_hours"
ACTIONS = "breach_corrective_action_taken"
NOTICES = "collection_notices_complete"
ENDPOINTS = "endpoints_use_https_and_tls"
HOSTS = "hosts_are_protected"
DECLARED = "purposes_declared"
GROUNDS = "legal_bases_declared"
GROUNDED = "access_granted_by_role_or_authorisation"
DEPARTURES = "access_revoked_at_departure"
DEPARTMENTS = "access_limited_to_declared_departments"
AGREED = "nda_signed_before_access"
TRAINED = "staff_trained_on_data_protection"
STORED = "call_data_stored_where_promised"
DELETED = "call_data_deleted_on_user_request"
ACCESSED = "storage_access_only_on_customer_request"
CHOICE = "cookies_set_after_consent"
PROVIDERS = "cookie_providers_declared"
TRACKING = "tracking_tools_declared"
CONSENT = "consent_precedes_collection"
MAILING_CONSENT = "no_mailing_without_consent"
OBJECTIONS = "no_prospecting_after_objection"
EXPIRY = "no_prospecting_after_retention_expiry"
SIGNED = "contract_signed_before_first_use"
FORM_FIELDS = "form_collects_only_declared_fields"
DISABLED = "customer_domain_disabled_at_licence_end"
RESIDUE_LIMITED = "directory_residue_limited_and_encrypted"
RESIDUE_KEPT = "directory_residue_kept_at_most_2_years"
RESIDUE_LINK = "directory_residue_does_not_link_to_users"
CELLS = "country_statistics_have_no_small_cell"
OTHERS = "other_data_kept_at_most_5_years"
PROCESSOR = "processor_contracts_have_dpa"
BOUND = "recipients_under_contract"
THIRD_PARTIES = "no_disclosure_to_third_parties"
HOSTING = "hosting_regions_covered"
UNDECLARED = "undeclared_transfers_detected"

CONTROLS = (
    PROSPECTS,
    CUSTOMERS,
    ARCHIVES,
    NAVIGATION,
    NAMED_USERS,
    COUNTRY_ALONE,
    INACTIVE,
    FULL_IP,
    DIRECT,
    LINK,
    PERSIST,
    GROUPS,
    INFERENCE,
    ANONYMISED,
    LOG_FIELDS,
    USER_FIELDS,
    NAVIGATION_FIELDS,
    COVERED,
    LAWFUL,
    MODULES,
    PURPOSES,
    ANSWERED,
    EXTENSIONS,
    ERASURES,
    AGREEMENTS,
    BREACHES,
    ACTIONS,
    NOTICES,
    ENDPOINTS,
    HOSTS,
    DECLARED,
    GROUNDS,
    GROUNDED,
    DEPARTURES,
    DEPARTMENTS,
    AGREED,
    TRAINED,
    STORED,
    DELETED,
    ACCESSED,
    CHOICE,
    PROVIDERS,
    TRACKING,
    CONSENT,
    MAILING_CONSENT,
    OBJECTIONS,
    EXPIRY,
    SIGNED,
    FORM_FIELDS,
    DISABLED,
    RESIDUE_LIMITED,
    RESIDUE_KEPT,
    RESIDUE_LINK,
    CELLS,
    OTHERS,
    PROCESSOR,
    BOUND,
    THIRD_PARTIES,
    HOSTING,
    UNDECLARED,
)

VERDICTS = ("PASS", "FAIL", "EXEMPT", "INDETERMINATE", "REVIEW")
OUTSIDE = "OUTSIDE"  # just outside the scope of a control: named, never counted


@dataclass(frozen=True)
class Expected:
    """One verdict, its reason and why, in French and English. A PASS with words is one that just passes."""

    verdict: str = "PASS"
    reason: str = ""
    fr: str = ""
    en: str = ""


@dataclass(frozen=True)
class Row:
    """One record: its canonical values and what each control that judges it must say.

    `extra` holds columns outside the canonical ones. A row with `quarantine` is judged by no control.
    """

    values: dict[str, str]
    judged: dict[str, Expected] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    quarantine: str = ""


CLEAN = Expected()


def fail(reason: str, fr: str, en: str) -> Expected:
    return Expected("FAIL", reason, fr, en)


def exempt(reason: str, fr: str, en: str) -> Expected:
    return Expected("EXEMPT", reason, fr, en)


def unsure(reason: str, fr: str, en: str) -> Expected:
    return Expected("INDETERMINATE", reason, fr, en)


def review(reason: str, fr: str, en: str) -> Expected:
    return Expected("REVIEW", reason, fr, en)


def just(fr: str, en: str) -> Expected:
    """A row on the right side of a boundary, or that looks wrong and is not."""
    return Expected("PASS", "", fr, en)


def outside(fr: str, en: str) -> Expected:
    """A row that a control must leave alone though it looks in scope."""
    return Expected(OUTSIDE, "", fr, en)


def ranges(numbers: Iterable[int]) -> str:
    """Row numbers as people write them: `12, 40-52`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


class Account:
    """Every verdict expected of a folder: counts for all rows, row numbers for those not plainly clean."""

    def __init__(self) -> None:
        self.counts = {control: dict.fromkeys(VERDICTS, 0) for control in CONTROLS}
        self._rows: dict[tuple[str, str, Expected], list[int]] = {}
        self._quarantine: list[dict[str, object]] = []

    def add(self, file: str, number: int, row: Row) -> None:
        """Row `number` (1-based data row, LDIF entry or log line) of a file."""
        if row.quarantine:
            self._quarantine.append({"file": file, "rows": str(number), "reason": row.quarantine})
            return
        for control, expected in row.judged.items():
            if expected.verdict != OUTSIDE:
                self.counts[control][expected.verdict] += 1
            if expected != CLEAN:
                self._rows.setdefault((control, file, expected), []).append(number)

    def add_many(self, control: str, verdict: str, rows: int) -> None:
        """Rows that are counted and not listed one by one."""
        self.counts[control][verdict] += rows

    def write(self, path: Path) -> None:
        document = {
            "as_of": AS_OF,
            "controls": {control: self._control(control) for control in CONTROLS},
            "quarantine": self._quarantine,
        }
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
        path.write_text(text, encoding="utf-8", newline="\n")

    def _control(self, control: str) -> dict[str, object]:
        counts = self.counts[control]
        listed = [(file, e, rows) for (c, file, e), rows in self._rows.items() if c == control]
        return {
            "population": sum(counts.values()),
            "counts": {verdict.lower(): counts[verdict] for verdict in VERDICTS},
            "findings": [
                {
                    "file": file,
                    "rows": ranges(rows),
                    "verdict": e.verdict,
                    "reason": e.reason,
                    "what": _words(e),
                }
                for file, e, rows in listed
                if e.verdict not in ("PASS", OUTSIDE)
            ],
            "just_passes": [
                {"file": file, "rows": ranges(rows), "what": _words(e)}
                for file, e, rows in listed
                if e.verdict == "PASS"
            ],
            "out_of_scope": [
                {"file": file, "rows": ranges(rows), "what": _words(e)}
                for file, e, rows in listed
                if e.verdict == OUTSIDE
            ],
        }


def _words(expected: Expected) -> dict[str, str]:
    return {"fr": expected.fr, "en": expected.en}
