"""PostgreSQL: records judged where they lie, in one read-only statement a dataset; what it cannot do is done here."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from audit_lib.datasets import Database, DatabaseError, Remote
from audit_lib.engines import Tally
from audit_lib.engines.duckdb import DuckDB
from audit_lib.engines.ledger import Ledger, table
from audit_lib.engines.scan import (
    expressions,
    functions_of,
    key_text,
    padded,
    recurring,
    sampled,
    shares,
    together,
    whole_step,
)
from audit_lib.engines.told import told
from audit_lib.expectations.base import instant
from audit_lib.expectations.mailboxes import WORDS
from audit_lib.expectations.rule import Aggregate, NotEvaluated, Relation, Rule, Setting
from audit_lib.expectations.sql import HASH, call, node, sql
from audit_lib.sources.postgres import QueryError
from audit_lib.sources.raw import literal, quoted
from audit_lib.unforeseen import EngineLostError

_REFERENCE, _IN = "dpo_reference", "dpo_in_"
_INNER, _OUTER = "dpo.inner", "dpo.outer"

# What the functions of the engines' own are here; a rule that names another is judged by DuckDB.
_FUNCTIONS = {
    HASH: "HASHTEXTEXTENDED(:x, 0)",
    WORDS: "STRING_TO_ARRAY(:x, ' ')",
    _REFERENCE: f"LEFT(ENCODE(SHA256(DECODE(CURRENT_SETTING('{_OUTER}'), 'hex') || SHA256("
    f"DECODE(CURRENT_SETTING('{_INNER}'), 'hex') || CONVERT_TO(:x, 'UTF8'))), 'hex'), 16)",
}
# Those of SQL that PostgreSQL has not, or only with an extension; and those that know no accents in the locale C.
_LACKING = (exp.SHA, exp.SHA2)
_OF_LETTERS = (exp.Lower, exp.Upper)


@contextmanager
def _going_on(connection: str) -> Iterator[None]:
    """Raises EngineLostError where the database cannot go on."""
    try:
        yield
    except DatabaseError as error:
        raise EngineLostError(f"{connection}: {error}") from None


def _opened(remote: Remote, key: bytes) -> Database:
    with _going_on(remote.connection):
        database = Database(os.environ[remote.connection], timeout=remote.timeout, snapshot=remote.snapshot)
        for setting, pad in zip((_INNER, _OUTER), padded(key), strict=True):
            # A setting of the transaction: what a log of statements shows names no key.
            database.tell(setting, pad)
    return database


class Postgres:
    """Datasets of which some stay in databases: a rule that asks only of those of one database is judged there.

    For any other rule the columns that it needs are read into DuckDB, which judges the same. `read`: those columns by
    dataset.
    """

    dialect = "postgres"

    def __init__(
        self,
        local: DuckDB,
        con: duckdb.DuckDBPyConnection,
        relations: Mapping[str, Relation],
        remotes: Mapping[str, Remote],
        *,
        law: Mapping[str, list[dict[str, str]]],
        files: tuple[str, ...],
        key: bytes,
        out: Path,
        stay: bool,
    ) -> None:
        """`local` judges the other datasets, and every one if not `stay`. Raises EngineLostError."""
        self.lost: EngineLostError | None = None
        self._local = local
        self._con = con
        self._relations = relations
        self._remotes = remotes
        self._law = law
        self._files = files
        self._out = out
        self._stay = stay
        self._ledger = Ledger(con, files, out, name="remote")
        self._shares: dict[str, dict[str, float]] = {}
        self.read: dict[str, list[str]] = {}
        self._databases: dict[str, Database] = {}
        self._lacking: dict[str, tuple[type[exp.Expression], ...]] = {}
        for one in remotes.values():
            if one.connection not in self._databases:
                self._databases[one.connection] = database = _opened(one, key)
                with _going_on(one.connection):
                    folds = database.one("SELECT lower('É') = 'é'")[0]
                self._lacking[one.connection] = _LACKING if folds else (*_LACKING, *_OF_LETTERS)

    def close(self) -> None:
        for database in self._databases.values():
            database.close()

    def columns(self, dataset: str) -> Mapping[str, str]:
        return self._local.columns(dataset)

    def setting(self, dataset: str, as_of: str, time_zone: str) -> Setting:
        remote = self._remotes.get(dataset)
        if remote is None:
            return self._local.setting(dataset, as_of, time_zone)
        return Setting(
            self._relations[dataset],
            self._relations,
            self._law,
            instant(as_of),
            time_zone,
            lambda: recurring(self._shared(dataset, remote.connection)),
        )

    def _shared(self, dataset: str, connection: str) -> dict[str, float]:
        """Distinct values a row of the text columns, in a sample."""
        if dataset not in self._shares:
            relation = self._relations[dataset]
            with _going_on(connection):
                row = self._databases[connection].one(self._written(sampled(relation), [dataset]))
            self._shares[dataset] = shares(relation, row)
            self._local.know(dataset, self._shares[dataset])
        return self._shares[dataset]

    def judge(self, setting: Setting, rules: Mapping[str, Rule]) -> dict[str, Tally]:
        here = {name: rule for name, rule in rules.items() if self._can(setting, rule)}
        tallies = self._judge(setting, here)
        left = {name: rule for name, rule in rules.items() if name not in tallies}
        if left:
            if any(step.groups for rule in left.values() for step in rule.steps):
                # Asked where all the columns are.
                setting.recurring()
            self._read(left.values(), setting.relation.name)
            tallies |= self._local.judge(setting, left)
        return tallies

    def count(self, setting: Setting, aggregate: Aggregate) -> dict[str, Any]:
        """A small table of the dataset, where it is. Raises NotEvaluated, EngineLostError."""
        if setting.relation.name not in self._remotes:
            return self._local.count(setting, aggregate)
        # Of no record a verdict: the table is all that is asked.
        tally = self.judge(setting, {"": Rule(branches=(), scope=exp.false(), aggregates=(aggregate,))})[""]
        if "not_evaluated" in tally:
            raise NotEvaluated(tally["not_evaluated"], tally["about"])
        found: dict[str, Any] = tally["aggregates"][0]
        return found

    def bring(self, dataset: str, columns: Iterable[str]) -> None:
        """Has these columns of the dataset in DuckDB."""
        if dataset in self._remotes:
            self._fetch(dataset, set(columns))

    def references(self, dataset: str) -> str | None:
        self.bring(dataset, self._relations[dataset].key)
        return self._local.references(dataset)

    def frame(self, dataset: str, columns: list[str]) -> Any:
        """A pandas frame of these columns, for stock expectations."""
        self._fetch(dataset, {*columns, *self._relations[dataset].key})
        return self._local.frame(dataset, columns)

    def report(self, control: str, setting: Setting, positions: list[int], reason: str) -> None:
        """Findings of a stock expectation, by the positions that `frame` gave."""
        self._local.report(control, setting, positions, reason)

    def _can(self, setting: Setting, rule: Rule) -> bool:
        """Every dataset that the rule names is in one database, which has every function that it calls."""
        tables = self._tables([rule], setting.relation.name)
        places = {self._remotes[name].connection if name in self._remotes else "" for name in tables}
        if not self._stay or len(places) > 1 or "" in places:
            return False
        lacking = self._lacking[places.pop()]
        if functions_of(rule) - _FUNCTIONS.keys():
            return False
        return not any(isinstance(part, lacking) for one in expressions(rule) for part in one.walk())

    def _tables(self, rules: Iterable[Rule], dataset: str) -> list[str]:
        """The datasets that the rules name."""
        named = {dataset}
        for rule in rules:
            steps = {step.name for step in rule.steps}
            for one in expressions(rule):
                named |= {found.name for found in one.find_all(exp.Table)} - steps
        return sorted(name for name in named if name in self._relations)

    def _judge(self, setting: Setting, rules: Mapping[str, Rule]) -> dict[str, Tally]:
        """Tallies of the rules that the database could judge, all at once or else one by one."""
        if not rules:
            return {}
        own = together(rules)
        try:
            self._tell(setting.relation.name, own)
        except QueryError:
            if len(rules) == 1:
                return {}
            return {
                name: tally for one, rule in rules.items() for name, tally in self._judge(setting, {one: rule}).items()
            }
        tallies = self._ledger.tallies(own, self._tables_of(own))
        self._ledger.write(setting, own)
        return tallies

    def _tell(self, dataset: str, rules: Mapping[str, Rule]) -> None:
        """`marks` and `shown`, in DuckDB; and `dpo_aggregates`, each row of which is a row of a table as JSON."""
        relation = self._relations[dataset]
        number = self._files.index(f"sql:{dataset}")
        reference = call(_REFERENCE, key_text(relation, node(self._files[number])))
        main = told(dataset, rules, reference, fence=True)
        columns = [one.alias_or_name for one in main.expressions]
        steps: dict[str, exp.Expression] = {}
        for rule in rules.values():
            steps |= {step.name: step.query for step in rule.steps}
            steps |= {one.alias: one.query for one in rule.lookups if not whole_step(one)}
        parts = [f"SELECT {', '.join(columns)}, CAST(NULL AS INT) AS part, CAST(NULL AS TEXT) AS said FROM dpo_told"]
        aggregates = [one for rule in rules.values() for one in rule.aggregates]
        for place, one in enumerate(aggregates):
            names = ", ".join(quoted(name) for name in one.query.named_selects)
            nulls = ", ".join(["NULL"] * len(columns))
            steps[f"dpo_table_{place}"] = one.query
            parts.append(f"SELECT {nulls}, {place}, CAST(JSON_BUILD_ARRAY({names}) AS TEXT) FROM dpo_table_{place}")
        steps["dpo_told"] = main
        tables = self._tables(rules.values(), dataset)
        connection = self._remotes[dataset].connection
        ctes = [f"{name} AS ({self._text(query, tables)})" for name, query in steps.items()]
        statement = f"WITH {', '.join([*self._datasets(tables), *ctes])} {' UNION ALL '.join(parts)}"
        file = self._out.parent / "told.parquet"
        self._take(connection, statement, f"COPY (FROM dpo_stream) TO {literal(str(file))} (FORMAT parquet)")
        source = f"read_parquet({literal(str(file))})"
        self._ledger.look_at(f"(FROM {source} WHERE part IS NULL)")
        self._con.execute(
            f"CREATE OR REPLACE TEMP VIEW dpo_aggregates AS SELECT part, said FROM {source} WHERE part IS NOT NULL"
        )

    def _tables_of(self, rules: Mapping[str, Rule]) -> dict[str, list[dict[str, Any]]]:
        rows: dict[int, list[list[Any]]] = {}
        for part, said in self._con.execute("FROM dpo_aggregates").fetchall():
            rows.setdefault(part, []).append(json.loads(said))
        places = iter(range(sum(len(rule.aggregates) for rule in rules.values())))
        return {
            name: [table(one, rows.get(next(places), [])) for one in rule.aggregates] for name, rule in rules.items()
        }

    def _read(self, rules: Iterable[Rule], dataset: str) -> None:
        """The columns that the rules need, in DuckDB."""
        rules = list(rules)
        named = {column.name for rule in rules for one in expressions(rule) for column in one.find_all(exp.Column)}
        for name in self._tables(rules, dataset):
            if name in self._remotes:
                self._fetch(name, named | {*self._relations[name].key})

    def read_all(self) -> None:
        """Every column of every dataset, in DuckDB."""
        for name in self._remotes:
            relation = self._relations[name]
            self._fetch(name, {*relation.columns, *(f"{one}__naive" for one in relation.naive)})

    def _fetch(self, dataset: str, wanted: set[str]) -> None:
        relation, remote = self._relations[dataset], self._remotes[dataset]
        own = [*relation.columns, *(f"{name}__naive" for name in sorted(relation.naive))]
        columns = [name for name in own if name in wanted or name in self.read.get(dataset, [])]
        if columns == self.read.get(dataset):
            return
        named = ", ".join([*map(quoted, columns), "_file", "_row", "_at"])
        self._take(
            remote.connection,
            f"SELECT {named} FROM ({remote.select}) AS q",
            f"CREATE OR REPLACE TABLE {quoted(dataset)} AS FROM dpo_stream",
        )
        self.read[dataset] = columns

    def _take(self, connection: str, query: str, statement: str) -> None:
        """Runs a statement of DuckDB on what the database answers, `dpo_stream`. Raises QueryError."""
        with _going_on(connection), self._databases[connection].stream(query) as stream:
            self._con.register("dpo_stream", stream)
            try:
                self._con.execute(statement)
            finally:
                self._con.unregister("dpo_stream")

    def _text(self, query: exp.Expression, tables: Iterable[str]) -> str:
        """The query as PostgreSQL says it, of the datasets as they stand in the statement."""

        def one(part: exp.Expression) -> exp.Expression:
            if isinstance(part, exp.Anonymous) and part.name in _FUNCTIONS:
                return sql(_FUNCTIONS[part.name], x=part.expressions[0])
            if isinstance(part, exp.Table) and part.name in tables:
                part.set("this", exp.to_identifier(f"{_IN}{part.name}"))
            return part

        text: str = query.copy().transform(one, copy=False).sql("postgres")
        return text

    def _written(self, query: exp.Expression, tables: list[str]) -> str:
        return f"WITH {', '.join(self._datasets(tables))} {self._text(query, tables)}"

    def _datasets(self, names: Iterable[str]) -> list[str]:
        """The datasets as parts of a statement, under names that no table of the database has."""
        return [f"{_IN}{name} AS NOT MATERIALIZED ({self._remotes[name].select})" for name in names]
