"""Reasons: the closed list of verdicts and of the codes that explain them."""

from enum import StrEnum


class Verdict(StrEnum):
    """What one record showed. Every record in scope gets exactly one."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    EXEMPT = "EXEMPT"
    INDETERMINATE = "INDETERMINATE"
    REVIEW = "REVIEW"


REASONS: frozenset[str] = frozenset(
    {
        # retention
        "kept_too_long",
        "recontact_refused",
        "recontact_unanswered",
        "recontact_pending",
        "reply_undated",
        "reply_before_recontact",
        "clock_missing",
        "clock_in_future",
        "time_zone_unknown",
        "status_missing",
        "contract_open",
        "within_period",
        "no_contract_known",
        "no_licence_known",
        "in_legal_archive",
        "archive_incomplete",
        "archive_to_review",
        "archive_invalid",
        # legal archives
        "archive_basis_unknown",
        "archive_category_mismatch",
        "archive_expired",
        "archive_in_active_store",
        "archive_access_too_wide",
        "hold_closed",
        "consumer_basis_for_company",
        # inactive accounts
        "account_inactive",
        "active_flag_missing",
        # aggregates kept after the limit
        "not_aggregated",
        "small_cell",
        # anonymisation
        "full_ip",
        "full_ip_in_text",
        "ip_digest",
        "ip_unreadable",
        "ip_not_supplied",
        "email_found",
        "phone_found",
        "mac_found",
        "imei_found",
        "known_user_found",
        "id_is_known_identifier",
        "hash_of_known_email",
        "hash_of_known_login",
        "hash_of_known_phone",
        "hash_of_known_name",
        "hash_of_known_id",
        "no_known_user",
        "id_missing",
        "persistent_id",
        "class_too_small",
        "l_too_low",
        "t_too_high",
        "value_missing",
        "identifier_left",
        # minimisation
        "undeclared_column",
        "forbidden_column",
        # transfers
        "not_covered",
        "no_adequacy_on_date",
        "clauses_not_valid_on_date",
        "wrong_module",
        "annexes_incomplete",
        "dpf_not_listed",
        "derogation_not_accepted",
        "bcr_not_approved",
        "tia_missing",
        "tia_late",
        "signed_after_start",
        "special_territory",
        "old_clauses_last_day",
        "derogation_to_judge",
        "country_unknown",
        "adequacy_scope_unknown",
        "dpf_scope_unknown",
        "start_missing",
        "role_missing",
        "module_missing",
        "signature_missing",
        "tool_missing",
        "annexes_unknown",
        "change_unknown",
        "approval_missing",
        "dates_contradictory",
        "purpose_undeclared",
        "purpose_missing",
        "country_not_registered",
        "region_unknown",
        "end_missing",
        # rights
        "answered_late",
        "not_answered",
        "dated_before_request",
        "extension_late",
        "extension_undated",
        "extension_reason_missing",
        "extension_reason_invalid",
        "authority_told_late",
        "authority_not_told",
        "people_not_told",
        "customer_not_told",
        "customer_told",
        "company_role_missing",
        "risk_missing",
        "risk_rationale_missing",
        "action_missing",
        "dated_before_awareness",
        # measures
        "measure_missing",
        "measure_unknown",
        "version_too_low",
        "certificate_expired",
        "not_seen_lately",
        "scope_unknown",
        # registers
        "basis_missing",
        "basis_undeclared",
        "balancing_test_missing",
        # recipients
        "recipient_type_missing",
        "recipient_type_undeclared",
        "proof_missing",
        "contract_missing",
        "contract_not_in_force",
        "contract_start_missing",
        "recipient_to_judge",
        "recipient_role_missing",
        "recipient_role_contradictory",
        "third_party_controller",
        # any stock Great Expectations expectation
        "unexpected_value",
    }
)

NOT_EVALUATED: frozenset[str] = frozenset(
    {
        "dataset_not_supplied",
        "column_not_supplied",
        "column_stopped",
        "file_refused",
        "engine_refused",
        "control_invalid",
        "suite_edited",
        "reference_not_supplied",
    }
)
