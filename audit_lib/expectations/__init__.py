"""Expectations: one verb a file; importing this registers every verb with Great Expectations."""

# ruff: noqa: E402 - deferring must come before anything that imports Great Expectations

from audit_lib.expectations.deferred import defer

defer()

from audit_lib.expectations.access import ExpectAccessGrounded, ExpectAccessWithinDepartments
from audit_lib.expectations.aggregates import ExpectOnlyAggregatesAfter
from audit_lib.expectations.agreements import ExpectAgreementsSigned
from audit_lib.expectations.answered import ExpectAnsweredInTime, ExpectExtensionsToldInTime
from audit_lib.expectations.archives import ExpectArchivesMeetConditions
from audit_lib.expectations.base import VERBS, RecordExpectation
from audit_lib.expectations.breaches import ExpectActionTaken, ExpectBreachesNotified
from audit_lib.expectations.calls import ExpectGoneAfterRequest, ExpectStoredWherePromised
from audit_lib.expectations.cookies import (
    ExpectCookieProvidersDeclared,
    ExpectTrackersAfterChoice,
    ExpectTrackingToolsDeclared,
)
from audit_lib.expectations.covering import ExpectCoveringRecord
from audit_lib.expectations.declared_columns import ExpectOnlyDeclaredColumns
from audit_lib.expectations.declared_values import ExpectLegalBasesDeclared, ExpectPurposesDeclared
from audit_lib.expectations.departures import ExpectAccessEndedAtDeparture
from audit_lib.expectations.disabled import ExpectDomainsDisabled
from audit_lib.expectations.diversity import ExpectSensitiveValuesDiverse
from audit_lib.expectations.erasure import ExpectErasedSubjectsAbsent
from audit_lib.expectations.expiry import ExpectNoMailingAfterExpiry
from audit_lib.expectations.full_ip import ExpectNoFullIpAddress
from audit_lib.expectations.group_size import ExpectGroupSizeAtLeast
from audit_lib.expectations.identifiers import ExpectNoDirectIdentifier, ExpectNoIdentifierLeft
from audit_lib.expectations.inactive import ExpectInactiveAccountsReviewed
from audit_lib.expectations.linkable import ExpectIdsNotLinkable
from audit_lib.expectations.measures import ExpectMeasuresInPlace
from audit_lib.expectations.objections import ExpectNothingAfterObjection
from audit_lib.expectations.persistent import ExpectIdsNotPersistent
from audit_lib.expectations.places import ExpectCountriesCovered
from audit_lib.expectations.recipients import ExpectNoThirdPartyController, ExpectRecipientsBound
from audit_lib.expectations.residues import ExpectResiduesLimited, ExpectResiduesWithinRetention
from audit_lib.expectations.retention import ExpectRecordsWithinRetention
from audit_lib.expectations.signed import ExpectSignedBeforeUse
from audit_lib.expectations.small_cells import ExpectNoSmallCell
from audit_lib.expectations.storage_access import ExpectAccessOnCustomerRequest
from audit_lib.expectations.training import ExpectStaffTrained
from audit_lib.expectations.transfers import ExpectClausesFitRoles, ExpectTransfersCovered

__all__ = [
    "VERBS",
    "ExpectAccessEndedAtDeparture",
    "ExpectAccessGrounded",
    "ExpectAccessOnCustomerRequest",
    "ExpectAccessWithinDepartments",
    "ExpectActionTaken",
    "ExpectAgreementsSigned",
    "ExpectAnsweredInTime",
    "ExpectArchivesMeetConditions",
    "ExpectBreachesNotified",
    "ExpectClausesFitRoles",
    "ExpectCookieProvidersDeclared",
    "ExpectCountriesCovered",
    "ExpectCoveringRecord",
    "ExpectDomainsDisabled",
    "ExpectErasedSubjectsAbsent",
    "ExpectExtensionsToldInTime",
    "ExpectGoneAfterRequest",
    "ExpectGroupSizeAtLeast",
    "ExpectIdsNotLinkable",
    "ExpectIdsNotPersistent",
    "ExpectInactiveAccountsReviewed",
    "ExpectLegalBasesDeclared",
    "ExpectMeasuresInPlace",
    "ExpectNoDirectIdentifier",
    "ExpectNoFullIpAddress",
    "ExpectNoIdentifierLeft",
    "ExpectNoMailingAfterExpiry",
    "ExpectNoSmallCell",
    "ExpectNoThirdPartyController",
    "ExpectNothingAfterObjection",
    "ExpectOnlyAggregatesAfter",
    "ExpectOnlyDeclaredColumns",
    "ExpectPurposesDeclared",
    "ExpectRecipientsBound",
    "ExpectRecordsWithinRetention",
    "ExpectResiduesLimited",
    "ExpectResiduesWithinRetention",
    "ExpectSensitiveValuesDiverse",
    "ExpectSignedBeforeUse",
    "ExpectStaffTrained",
    "ExpectStoredWherePromised",
    "ExpectTrackersAfterChoice",
    "ExpectTrackingToolsDeclared",
    "ExpectTransfersCovered",
    "RecordExpectation",
]
