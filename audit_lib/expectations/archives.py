"""Archives: what is said to be archived meets the conditions of its legal basis."""

from audit_lib.expectations import archive as legal_archive
from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.rule import Rule, Setting
from audit_lib.expectations.sql import sql


class ExpectArchivesMeetConditions(RecordExpectation):
    """Each record said to be archived has a basis that fits, still runs, and sits where only a few may read it."""

    access_groups: list[str]

    def branches(self, setting: Setting) -> Rule:
        setting.require("archive_basis")
        found = legal_archive.archive(setting, self.access_groups)
        clock = sql("CAST(:day AS TIMESTAMP)", day=setting.column("archive_clock"))
        return Rule(branches=found.branches, scope=found.said, clock=clock)
