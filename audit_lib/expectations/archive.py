"""Legal archive: whether a record said to be archived meets every condition of its basis."""

from dataclasses import dataclass

from sqlglot import exp

from audit_lib.expectations.periods import Moment, local_date, plus
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Setting, Step, of_record
from audit_lib.expectations.sql import NULL, all_of, any_of, blank, filled, is_in, negate, node, select, sql


@dataclass(frozen=True)
class Archive:
    """`said`: the record claims to be archived. `branches` judge that claim, worst first."""

    said: exp.Expression
    branches: tuple[Branch, ...]

    def step(self, setting: Setting) -> Step:
        """(f, r, state): the verdict of each claim, worked out once however often a rule asks."""
        ifs = [exp.If(this=branch.when.copy(), true=node(branch.verdict.value)) for branch in self.branches]
        query = select(
            "SELECT b._file AS f, b._row AS r, :state AS state FROM :dataset AS b WHERE :said",
            state=exp.Case(ifs=ifs, default=node(Verdict.PASS.value)),
            dataset=exp.to_table(setting.relation.name),
            said=self.said,
        )
        return Step("claims", query)


CLAIM = of_record("claim", "claims")


def state(verdict: Verdict) -> exp.Expression:
    """The record claims to be archived, and the claim was judged so; PASS is a valid archive."""
    return is_in(CLAIM["state"], [verdict.value])


def archive(setting: Setting, access_groups: list[str] | None, category: str = "archive_category") -> Archive:
    """The archive model of LEGAL section 0: basis, category, duration, store and readers.

    `access_groups` None: the dataset does not tell where an archive is nor who reads it; what else it has no column
    for is blank.
    """
    bases = setting.table("archive_bases")
    canonical = setting.relation.columns.keys() - set(setting.relation.extras)

    def column(name: str) -> exp.Expression:
        return setting.column(name) if name in canonical else NULL

    def moment(name: str) -> Moment:
        return setting.moment(name) if name in canonical else Moment(*3 * [sql("CAST(NULL AS TIMESTAMP)")])

    basis, store = column("archive_basis"), column("archive_store")
    hold = is_in(basis, [row["code"] for row in bases if not row["period"]])
    dated = [row for row in bases if row["period"]]
    clock, closed_at = moment("archive_clock"), moment("hold_closed_at")

    def each(condition: str, clock: exp.Expression = clock.at) -> exp.Expression:
        return any_of(
            sql(
                f":basis = :code AND {condition}",
                basis=basis,
                code=row["code"],
                category=column(category),
                wanted=row["category"],
                limit=plus(clock, row["period"]),
                today=setting.today,
            )
            for row in dated
        )

    def expired(clock: exp.Expression) -> exp.Expression:
        return each(":limit < :today", clock)

    def closed(at: exp.Expression) -> exp.Expression:
        day = local_date(at, setting.time_zone)
        return all_of([hold, sql(":closed < :today", closed=day, today=setting.today)])

    fail = [
        (
            all_of([filled(basis), negate(is_in(basis, [row["code"] for row in bases]))]),
            "archive_basis_unknown",
        ),
        (each(":category <> :wanted"), "archive_category_mismatch"),
        (expired(clock.high), "archive_expired"),
        (closed(closed_at.high), "hold_closed"),
    ]
    placed = []
    if access_groups is not None:
        groups = column("archive_access_groups")
        fail += [
            (all_of([filled(store), sql(":store <> 'intermediate'", store=store)]), "archive_in_active_store"),
            (_readers_beyond(groups, access_groups), "archive_access_too_wide"),
        ]
        placed = [blank(store), blank(groups)]
    for_consumers = is_in(basis, [row["code"] for row in bases if row["counterparty"] == "consumer"])
    # A blank cell says that the hold is open, or that there is no company; a column that is not there says nothing.
    untold = [
        when
        for when, name in ((hold, "hold_closed_at"), (for_consumers, "company"))
        if name not in setting.relation.supplied
    ]
    incomplete = any_of(
        [
            *untold,
            blank(basis),
            *placed,
            all_of([hold, any_of([blank(column("hold_id")), blank(column("hold_opened_at"))])]),
            all_of([filled(basis), negate(hold), any_of([blank(clock.at), blank(column(category))])]),
        ]
    )
    future = any_of(
        [
            sql(":archived > :now", archived=column("archived_at"), now=setting.now),
            all_of([hold, sql(":opened > :now", opened=column("hold_opened_at"), now=setting.now)]),
        ]
    )
    near = [expired(clock.low)] if not clock.sure else []
    near += [closed(closed_at.low)] if not closed_at.sure else []
    to_judge = []
    if "company" in canonical:
        of_company = all_of([for_consumers, filled(column("company"))])
        to_judge = [Branch(of_company, Verdict.REVIEW, "consumer_basis_for_company")]
    return Archive(
        said=any_of(
            [
                filled(column("archived_at")),
                filled(basis),
                filled(column("hold_id")),
                is_in(store, ["intermediate"]),
            ]
        ),
        branches=(
            *(Branch(sql("COALESCE(:c, FALSE)", c=when), Verdict.FAIL, reason) for when, reason in fail),
            Branch(incomplete, Verdict.INDETERMINATE, "archive_incomplete"),
            Branch(sql("COALESCE(:c, FALSE)", c=future), Verdict.INDETERMINATE, "clock_in_future"),
            *(Branch(sql("COALESCE(:c, FALSE)", c=each), Verdict.INDETERMINATE, "time_zone_unknown") for each in near),
            *to_judge,
        ),
    )


def _readers_beyond(groups: exp.Expression, allowed: list[str]) -> exp.Expression:
    """Some item of the `;` list is not an allowed group: removing the allowed ones leaves something."""
    rest = sql("LOWER(CONCAT(';', REPLACE(REPLACE(:groups, ' ', ''), ';', ';;'), ';'))", groups=groups)
    for group in sorted(allowed):
        rest = sql("REPLACE(:rest, :item, '')", rest=rest, item=f";{group.lower().replace(' ', '')};")
    return all_of([filled(groups), sql("LENGTH(REPLACE(:rest, ';', '')) > 0", rest=rest)])
