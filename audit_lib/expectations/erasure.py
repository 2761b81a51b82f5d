"""Erasure: who asked to be erased is found nowhere once that is due or said to be done."""

from dataclasses import replace
from typing import Any

from sqlglot import exp

from audit_lib.expectations import archive as legal_archive
from audit_lib.expectations.answered import Deadline, clocks
from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.mailboxes import elided, mailboxes, texts_with_addresses
from audit_lib.expectations.periods import Moment, local_date, midnight
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import RECORD, Branch, Lookup, Rule, Setting, Step
from audit_lib.expectations.scanned import naming, scanned_columns
from audit_lib.expectations.sql import (
    FALSE,
    NULL,
    all_of,
    any_of,
    blank,
    filled,
    holds,
    is_in,
    negate,
    select,
    sql,
    union_all,
)

# Of a record that holds the subject: it claims no archive, or the verdict on its claim.
_LEFT = "LEFT"
_STATES = (_LEFT, *(verdict.value for verdict in Verdict))
_OPEN = sql("m.state IN (:left, :invalid)", left=_LEFT, invalid=Verdict.FAIL.value)


class ExpectErasedSubjectsAbsent(RecordExpectation):
    """The e-mail address `subject` of a request is in no text column of the `searched` datasets, however written.

    Asked from the last day for an answer (`period`, `roll`, `extension`: see ExpectAnsweredInTime) or from `erased`
    on, whichever comes first; until then a request passes. `outcome`: {column, accepted, refused: its words}; refused
    is out of scope, blank counts as accepted. `searched`: dataset -> the instant at which its records are created, or
    null: one created after `erased` is a reappearance. `archives`: {dataset, access}: a valid legal archive is EXEMPT.
    `suppression`: {dataset, marked, columns}: a record of which nothing but these columns is filled, `marked` among
    them, is not searched. `variants`: see `mailboxes`. Addresses in base64 are not looked for.
    """

    subject: str
    received: str
    erased: str
    outcome: dict[str, Any]
    period: str | dict[str, Any]
    searched: dict[str, str | None]
    archives: dict[str, Any]
    suppression: dict[str, Any]
    variants: dict[str, Any]
    roll: bool = False
    extension: dict[str, Any] = {}

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.subject, self.received, self.outcome["column"])
        received, erased = setting.moment(self.received), setting.moment(self.erased)
        deadline = Deadline(setting, received, str(self.period), roll=self.roll, extension=self.extension)
        surely, perhaps = (
            any_of([filled(erased.at), holds(sql(":today > :last", today=setting.today, last=last))])
            for last in (deadline.longest, deadline.shortest)
        )
        found = self._found()
        claimed = {verdict: filled(found[f"is_{verdict.lower()}"]) for verdict in Verdict}
        alone = filled(found[f"is_{_LEFT.lower()}"])
        left = any_of([alone, claimed[Verdict.FAIL]])
        outcome = setting.column(self.outcome["column"])
        return Rule(
            scope=negate(is_in(outcome, self.outcome["refused"])),
            branches=(
                *clocks(setting, received, [deadline.told, erased]),
                Branch(negate(perhaps), Verdict.PASS, "within_period"),
                Branch(blank(found["f"]), Verdict.INDETERMINATE, "subject_missing"),
                Branch(
                    all_of([filled(outcome), negate(is_in(outcome, self.outcome["accepted"]))]),
                    Verdict.INDETERMINATE,
                    self.doubt_reason(),
                ),
                Branch(_after(setting, found["created"], erased), Verdict.FAIL, "subject_reappeared"),
                Branch(all_of([surely, alone]), Verdict.FAIL, "subject_found"),
                Branch(all_of([surely, claimed[Verdict.FAIL]]), Verdict.FAIL, "archive_invalid"),
                *deadline.doubts(left),
                Branch(claimed[Verdict.INDETERMINATE], Verdict.INDETERMINATE, "archive_incomplete"),
                Branch(claimed[Verdict.REVIEW], Verdict.REVIEW, "archive_to_review"),
                Branch(claimed[Verdict.PASS], Verdict.EXEMPT, "in_legal_archive"),
            ),
            clock=received.at,
            due=sql("CASE WHEN :left OR NOT :perhaps THEN :due END", left=left, perhaps=perhaps, due=deadline.due),
            detail=sql(
                "CASE WHEN :left THEN :open ELSE :archived END",
                left=left,
                open=naming({name: filled(found[f"left_{name}"]) for name in self.searched}),
                archived=naming({name: filled(found[f"in_{name}"]) for name in self.searched}),
            ),
            steps=(*deadline.steps, *self._steps(setting)),
            lookups=(*deadline.lookups, found),
        )

    def doubt_reason(self) -> str:
        return "request_unclear"

    def _steps(self, setting: Setting) -> tuple[Step, ...]:
        """`subjects`: (f, r, k), the mailboxes of each request; `met`: in which dataset and state they were found."""
        others = [replace(setting, relation=setting.other(name)) for name in self.searched]
        archived = replace(setting, relation=setting.other(self.archives["dataset"]))
        asked = [is_in(setting.column(name), words) for name, words in self.where.items()]
        subjects = select(
            "SELECT b._file AS f, b._row AS r, :subject AS said FROM :dataset AS b WHERE :asked",
            subject=setting.column(self.subject),
            dataset=exp.to_table(setting.relation.name),
            asked=all_of([*asked, negate(is_in(setting.column(self.outcome["column"]), self.outcome["refused"]))]),
        )
        cells = [self._met(there, list(texts.values())) for there in others if (texts := scanned_columns(there, []))]
        met = select(
            "SELECT f, r, place, state, MAX(created) AS created FROM :cells AS c GROUP BY f, r, place, state",
            cells=union_all(cells).subquery(),
        )
        return (
            legal_archive.archive(archived, self.archives["access"]).step(archived),
            Step(
                "subjects", select("SELECT f, r, k FROM :all AS a", all=mailboxes(subjects, self.variants).subquery())
            ),
            Step("met", met),
        )

    def _met(self, there: Setting, texts: list[exp.Expression]) -> exp.Select:
        """(f, r, place, state, created): each record of a dataset that holds a subject, made at `created` or later."""
        name = there.relation.name
        created, (may, said) = self.searched[name], texts_with_addresses(texts)
        cells = select(
            "SELECT b._file AS f, b._row AS r, CAST(:created AS TIMESTAMP) AS created, :said AS said "
            "FROM :dataset AS b WHERE :may AND NOT :suppressed",
            created=there.relation.moment(created).low if created else NULL,
            said=elided(said),
            dataset=exp.to_table(name),
            may=may,
            suppressed=self._suppressed(there) if name == self.suppression["dataset"] else FALSE,
        )
        archived = name == self.archives["dataset"]
        query = select(
            "SELECT s.f AS f, s.r AS r, :name AS place, :state AS state, w.created AS created "
            "FROM :cells AS w JOIN subjects AS s ON s.k = w.k",
            name=name,
            state=sql("COALESCE(c.state, :left)", left=_LEFT) if archived else _LEFT,
            cells=mailboxes(cells, self.variants).subquery(),
        )
        return query.join("claims AS c", on="c.f = w.f AND c.r = w.r", join_type="left") if archived else query

    def _suppressed(self, there: Setting) -> exp.Expression:
        """The record is an entry of the suppression list."""
        others = sorted({*there.relation.supplied, *there.relation.extras} - {*self.suppression["columns"]})
        return all_of([filled(there.column(self.suppression["marked"])), *(blank(there.column(one)) for one in others)])

    def _found(self) -> Lookup:
        """For each request with an address: in which states and datasets its subject was found."""
        query = exp.select(
            sql("s.f AS f"),
            sql("s.r AS r"),
            *(_flag(sql("m.state = :one", one=one), f"is_{one.lower()}") for one in _STATES),
            *(_flag(sql("m.place = :name", name=name), f"in_{name}") for name in self.searched),
            *(_flag(sql("m.place = :name AND :open", name=name, open=_OPEN), f"left_{name}") for name in self.searched),
            sql("MAX(CASE WHEN :open THEN m.created END) AS created", open=_OPEN),
        )
        asked = select("SELECT DISTINCT f, r FROM subjects").subquery("s")
        query = query.from_(asked).join("met AS m", on="m.f = s.f AND m.r = s.r", join_type="left")
        return Lookup("found", query.group_by("s.f", "s.r"), RECORD)


def _flag(condition: exp.Expression, name: str) -> exp.Expression:
    return exp.alias_(sql("MAX(CASE WHEN :it THEN 1 END)", it=condition), name)


def _after(setting: Setting, created: exp.Expression, erased: Moment) -> exp.Expression:
    """Created once the person was erased; an erasure dated by its day alone may have been at the end of it."""
    days = [local_date(at, setting.time_zone) for at in (created, erased.at)]
    return holds(
        sql(
            "CASE WHEN :whole_day THEN :made > :day ELSE :created > :erased END",
            whole_day=midnight(erased.at, setting.time_zone),
            made=days[0],
            day=days[1],
            created=created,
            erased=erased.high,
        )
    )
