"""Rule: what an expectation asks of each record, as SQL nodes that every engine can run."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlglot import exp

from audit_lib.expectations.periods import Moment, moment
from audit_lib.expectations.reasons import NOT_EVALUATED, REASONS, Verdict
from audit_lib.expectations.sql import BATCH, FALSE, TRUE, Value, col, holds, sql, values_table


class NotEvaluated(Exception):  # noqa: N818 - it names an outcome
    """The rule cannot be evaluated. `reason` is a code; `about` names columns or datasets, never values."""

    def __init__(self, reason: str, about: str = "") -> None:
        if reason not in NOT_EVALUATED:
            raise ValueError(f"no such reason: {reason}")
        self.reason = reason
        self.about = about
        super().__init__(f"{reason}: {about}" if about else reason)


@dataclass(frozen=True)
class Branch:
    """The verdict of the records for which `when` holds and no earlier branch did."""

    when: exp.Expression
    verdict: Verdict
    reason: str

    def __post_init__(self) -> None:
        if self.reason not in REASONS:
            raise ValueError(f"no such reason: {self.reason}")


@dataclass(frozen=True)
class Step:
    """A relation worked out once, before the records are judged: lookups, aggregates and later steps name it.

    `groups`: text columns of which one's values are the groups of the query, roughly; `rows`: it may have as many rows
    as there are records. Both tell an engine what may not fit in memory.
    """

    name: str
    query: exp.Query
    groups: tuple[str, ...] = ()
    rows: bool = False


def written(name: str, columns: Sequence[str], rows: Iterable[Iterable[Value]]) -> Step:
    """A step of rows written out, such as those of a table of the law: texts, whole numbers and nulls."""
    return Step(name, exp.select("*", copy=False).from_(values_table(rows, columns), copy=False))


@dataclass(frozen=True)
class Lookup:
    """Facts joined to each record: `query` has at most one row for each value of `on`'s columns.

    `on` maps a column of the query to an expression over the record.
    """

    alias: str
    query: exp.Query
    on: Mapping[str, exp.Expression]

    def __getitem__(self, column: str) -> exp.Column:
        return col(column, self.alias)


# The record itself, for a lookup by its file and row.
RECORD = {"f": sql("b._file"), "r": sql("b._row")}


def of_record(alias: str, step: str) -> Lookup:
    """What a step (f, r, …) found of each record."""
    return Lookup(alias, exp.select("*").from_(step), RECORD)


@dataclass(frozen=True)
class Aggregate:
    """A small table for a figure: counts by something that is no personal data."""

    name: str
    columns: tuple[str, ...]
    query: exp.Query


@dataclass(frozen=True)
class Rule:
    """Records outside `scope` are not judged; in scope the first branch that holds decides, else PASS.

    `clock` is an instant (UTC), `due` the last lawful day (date), `ended` the day on which what was due was done,
    `detail` a text without personal data; each may be null on a record. Days overdue count until `ended`, else until
    today.
    """

    branches: tuple[Branch, ...]
    scope: exp.Expression = TRUE
    clock: exp.Expression | None = None
    due: exp.Expression | None = None
    ended: exp.Expression | None = None
    detail: exp.Expression | None = None
    steps: tuple[Step, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()


@dataclass(frozen=True)
class Relation:
    """What is known of a dataset before it is read: names only, no values.

    Only speed and memory depend on `rows`.
    """

    name: str
    columns: Mapping[str, str]
    supplied: frozenset[str]
    extras: tuple[str, ...] = ()
    stopped: Mapping[str, str] = field(default_factory=dict)
    naive: frozenset[str] = frozenset()
    key: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    rows: int = 0

    def refuse_stopped(self, column: str) -> None:
        """Raises NotEvaluated when the column was supplied and not read: it holds null, not nothing."""
        if column in self.stopped:
            raise NotEvaluated("column_stopped", f"{self.name}: {column}")

    def moment(self, column: str, table: str | None = None) -> Moment:
        """A column of instants; `table` qualifies it. Raises NotEvaluated when it was not read."""
        self.refuse_stopped(column)
        naive = holds(exp.column(f"{column}__naive", table=table, quoted=True)) if column in self.naive else FALSE
        return moment(exp.column(column, table=table, quoted=True), naive)


@dataclass(frozen=True)
class Setting:
    """Where and when a rule is asked: the dataset, the datasets beside it, the law, the instant.

    `as_of` is aware; "today" is its date in `time_zone`. `recurring` looks for the text columns of the relation that
    hold few distinct values, as far as a sample tells: only speed and memory depend on it.
    """

    relation: Relation
    others: Mapping[str, Relation]
    law: Mapping[str, list[dict[str, str]]]
    as_of: dt.datetime
    time_zone: str
    recurring: Callable[[], frozenset[str]] = frozenset

    @property
    def now(self) -> dt.datetime:
        """The audit instant, naive, in UTC: how instants are stored."""
        return self.as_of.astimezone(dt.UTC).replace(tzinfo=None)

    @property
    def today(self) -> dt.date:
        return self.as_of.astimezone(ZoneInfo(self.time_zone)).date()

    def instant(self, day: dt.date) -> dt.datetime:
        """First instant of a day in the policy's time zone, naive UTC."""
        start = dt.datetime.combine(day, dt.time(), ZoneInfo(self.time_zone))
        return start.astimezone(dt.UTC).replace(tzinfo=None)

    def later(self, at: exp.Expression) -> exp.Expression:
        """The instant is later than the audit's, also on the same day; false for null."""
        return holds(sql(":at > :now", at=at, now=self.now))

    def column(self, name: str) -> exp.Expression:
        """A column of the record. A canonical column that no file supplied reads as null."""
        self.relation.refuse_stopped(name)
        return col(name)

    def moment(self, name: str) -> Moment:
        """A column of instants of the record, with the doubt that an unknown offset leaves."""
        return self.relation.moment(name, BATCH)

    def require(self, *names: str) -> None:
        """Raises NotEvaluated unless some file supplied each of these columns."""
        missing = [name for name in names if name not in self.relation.supplied]
        if missing:
            raise NotEvaluated("column_not_supplied", f"{self.relation.name}: {', '.join(missing)}")
        for name in names:
            self.relation.refuse_stopped(name)

    def verdict_of_blank(self, name: str) -> Verdict:
        """Of a record that must fill the column and does not: what no file supplied proves nothing."""
        return Verdict.FAIL if name in self.relation.supplied else Verdict.INDETERMINATE

    def require_any(self, *names: str) -> None:
        """Raises NotEvaluated when none of these columns was supplied."""
        if not self.relation.supplied.intersection(names):
            raise NotEvaluated("column_not_supplied", f"{self.relation.name}: {', '.join(names)}")

    def other(self, dataset: str, *columns: str) -> Relation:
        """Another dataset that the rule reads; raises NotEvaluated when it or a column of it was not supplied."""
        relation = self.others.get(dataset)
        if relation is None:
            raise NotEvaluated("dataset_not_supplied", dataset)
        if relation.refused:
            raise NotEvaluated("file_refused", ", ".join(relation.refused))
        missing = [name for name in columns if name not in relation.supplied]
        if missing:
            raise NotEvaluated("column_not_supplied", f"{dataset}: {', '.join(missing)}")
        for name in columns:
            relation.refuse_stopped(name)
        return relation

    def table(self, name: str) -> list[dict[str, str]]:
        """Rows of a table of the law; raises NotEvaluated when it is not there."""
        rows = self.law.get(name)
        if not rows:
            raise NotEvaluated("reference_not_supplied", f"law/{name}.csv")
        return rows
