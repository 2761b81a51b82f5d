"""Expectations: one verb a file; importing this registers every verb with Great Expectations."""

# ruff: noqa: E402 - deferring must come before anything that imports Great Expectations

from audit_lib.expectations.deferred import defer

defer()

from audit_lib.expectations.aggregates import ExpectOnlyAggregatesAfter
from audit_lib.expectations.answered import ExpectAnsweredInTime, ExpectExtensionsToldInTime
from audit_lib.expectations.archives import ExpectArchivesMeetConditions
from audit_lib.expectations.base import VERBS, RecordExpectation
from audit_lib.expectations.breaches import ExpectActionTaken, ExpectBreachesNotified
from audit_lib.expectations.declared_columns import ExpectOnlyDeclaredColumns
from audit_lib.expectations.declared_values import ExpectLegalBasesDeclared, ExpectPurposesDeclared
from audit_lib.expectations.diversity import ExpectSensitiveValuesDiverse
from audit_lib.expectations.full_ip import ExpectNoFullIpAddress
from audit_lib.expectations.group_size import ExpectGroupSizeAtLeast
from audit_lib.expectations.identifiers import ExpectNoDirectIdentifier, ExpectNoIdentifierLeft
from audit_lib.expectations.inactive import ExpectInactiveAccountsReviewed
from audit_lib.expectations.linkable import ExpectIdsNotLinkable
from audit_lib.expectations.measures import ExpectMeasuresInPlace
from audit_lib.expectations.persistent import ExpectIdsNotPersistent
from audit_lib.expectations.places import ExpectCountriesCovered
from audit_lib.expectations.recipients import ExpectNoThirdPartyController, ExpectRecipientsBound
from audit_lib.expectations.retention import ExpectRecordsWithinRetention
from audit_lib.expectations.transfers import ExpectClausesFitRoles, ExpectTransfersCovered

__all__ = [
    "VERBS",
    "ExpectActionTaken",
    "ExpectAnsweredInTime",
    "ExpectArchivesMeetConditions",
    "ExpectBreachesNotified",
    "ExpectClausesFitRoles",
    "ExpectCountriesCovered",
    "ExpectExtensionsToldInTime",
    "ExpectGroupSizeAtLeast",
    "ExpectIdsNotLinkable",
    "ExpectIdsNotPersistent",
    "ExpectInactiveAccountsReviewed",
    "ExpectLegalBasesDeclared",
    "ExpectMeasuresInPlace",
    "ExpectNoDirectIdentifier",
    "ExpectNoFullIpAddress",
    "ExpectNoIdentifierLeft",
    "ExpectNoThirdPartyController",
    "ExpectOnlyAggregatesAfter",
    "ExpectOnlyDeclaredColumns",
    "ExpectPurposesDeclared",
    "ExpectRecipientsBound",
    "ExpectRecordsWithinRetention",
    "ExpectSensitiveValuesDiverse",
    "ExpectTransfersCovered",
    "RecordExpectation",
]
