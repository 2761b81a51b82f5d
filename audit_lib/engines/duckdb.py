"""DuckDB: the embedded engine; files in, verdicts and Parquet out, spilling to disk when memory is short."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from audit_lib.datasets.quarantine import KEYS
from audit_lib.datasets.schema import ROW_KEY
from audit_lib.engines import Tally
from audit_lib.engines.ledger import Ledger, listed, table
from audit_lib.engines.scan import (
    Lent,
    joined,
    key_text,
    mark,
    named_in,
    padded,
    recurring,
    reported,
    sampled,
    shares,
    shown_of,
    together,
    whole_step,
    written_out,
)
from audit_lib.expectations.base import instant
from audit_lib.expectations.dictionary import BARE, COMPOSED
from audit_lib.expectations.hashes import DIGESTS, HEX, UNBASE64, URL
from audit_lib.expectations.identifiers import FOLDED, LUHN, REMAINDER, SAID, TOKENS
from audit_lib.expectations.mailboxes import WORDS
from audit_lib.expectations.rule import Aggregate, NotEvaluated, Relation, Rule, Setting, Step
from audit_lib.expectations.scanned import BASE64_TEXT, DECODED
from audit_lib.expectations.sql import HASH, call, node, owned, sql
from audit_lib.unforeseen import EngineLostError

JSON, BYTES, TEXT = "dpo_json", "dpo_bytes", "dpo_text"

# Functions that the verbs share and each engine defines: what an encoded text says, its words, its digits.
# None of them raises on what is not encoded after all: thousands of errors caught take minutes.
FUNCTIONS = (
    # An escape that is no UTF-8 (%E9 of a Latin-1 page) leaves the others to be read.
    f"CREATE OR REPLACE TEMP MACRO {URL}(x) AS CASE WHEN contains(x, '%') THEN coalesce(TRY(url_decode(x)), "
    "list_reduce(list_prepend(x, regexp_extract_all(x, '%([2-7][0-9A-Fa-f])', 1)), "
    "lambda said, digits: replace(said, '%' || digits, chr(CAST('0x' || digits AS INT))))) ELSE x END",
    f"CREATE OR REPLACE TEMP MACRO {JSON}(x) AS CASE WHEN contains(x, '\\u') THEN "
    "list_reduce(list_prepend(x, regexp_extract_all(x, "
    "'\\\\u((?:[0-9A-Ca-cEFef][0-9A-Fa-f]|[Dd][0-7])[0-9A-Fa-f]{2})', 1)), "
    "lambda said, digits: replace(said, '\\u' || digits, chr(CAST('0x' || digits AS INT)))) ELSE x END",
    f"CREATE OR REPLACE TEMP MACRO {BYTES}(x) AS from_base64(rpad("
    "CASE WHEN length(x) % 4 = 1 THEN left(x, -1) ELSE x END, CAST((length(x) + 2) // 4 * 4 AS INT), '='))",
    # Bytes that are no Latin text stay escaped.
    f"CREATE OR REPLACE TEMP MACRO {TEXT}(bytes) AS CASE WHEN regexp_full_match(CAST(bytes AS VARCHAR), "
    "'([ -\\[\\]-~]|\\\\x(0[9AD]|2[27]|5C|(C[2-9A-F]|E[2-9A-F]\\\\x[89AB][0-9A-F])\\\\x[89AB][0-9A-F]))*') "
    "THEN decode(bytes) "
    "ELSE CAST(bytes AS VARCHAR) END",
    # With and without the slash of the first alphabet: in a URL it ends a word. A list of one names a value: as an
    # argument of a macro it would be worked out wherever the macro names it.
    f"CREATE OR REPLACE TEMP MACRO {DECODED}(x) AS list_transform([{URL}(x)], lambda plain: "
    "list_transform([concat_ws(' ', "
    f"nullif(CASE WHEN contains(x, '=') AND contains(x, '+') THEN {URL}(replace(x, '+', ' ')) ELSE plain END, x), "
    "CASE WHEN contains(x, '\\u') THEN x END, "
    f"CASE WHEN regexp_matches(plain, '{BASE64_TEXT}') THEN array_to_string(list_transform(list_concat("
    "regexp_extract_all(plain, '[A-Za-z0-9+/]{12,}'), regexp_extract_all(plain, '[A-Za-z0-9_-]{12,}')), "
    f"lambda one: {TEXT}({BYTES}(translate(one, '-_', '+/')))), ' ') END)], lambda said: {JSON}(said))[1])[1]",
    f"CREATE OR REPLACE TEMP MACRO {FOLDED}(x) AS "
    "trim(regexp_replace(lower(strip_accents(x)), '[^\\p{L}\\p{N}]+', ' ', 'g'))",
    # Names of JSON keys and of parameters stand between a first and a last name: said a second time without them.
    f"CREATE OR REPLACE TEMP MACRO {SAID}(x) AS concat({FOLDED}(x), ' | ', "
    f"{FOLDED}(regexp_replace(x, '\"[^\"]*\"\\s*:|[?&;][A-Za-z_.-]+=', ' ', 'g')))",
    f"CREATE OR REPLACE TEMP MACRO {TOKENS}(x, said) AS list_distinct(list_concat("
    "list_transform(string_split_regex(lower(strip_accents(x)), '[^\\p{L}\\p{N}@._+-]+'), "
    "lambda one: trim(one, '._+-')), "
    "[string_split(said, ' ')[i] || ' ' || string_split(said, ' ')[i + 1] "
    "FOR i IN range(1, len(string_split(said, ' ')))]))",
    f"CREATE OR REPLACE TEMP MACRO {WORDS}(x) AS string_split(x, ' ')",
    f"CREATE OR REPLACE TEMP MACRO {HASH}(x) AS hash(x)",
    f"CREATE OR REPLACE TEMP MACRO {HEX}(x) AS lower(hex(encode(x)))",
    f"CREATE OR REPLACE TEMP MACRO {BARE}(x) AS strip_accents(x)",
    f"CREATE OR REPLACE TEMP MACRO {COMPOSED}(x) AS nfc_normalize(x)",
    f"CREATE OR REPLACE TEMP MACRO {UNBASE64}(x) AS lower(hex({BYTES}(rtrim(translate(x, '-_', '+/'), '='))))",
    # From the right every second digit counts twice, its own digits added up.
    f"CREATE OR REPLACE TEMP MACRO {LUHN}(x) AS CASE WHEN x <> '' THEN list_sum(list_transform("
    "string_split(reverse(x), ''), lambda d, i: CASE WHEN i % 2 = 1 THEN CAST(d AS INT) "
    "ELSE CAST(translate(d, '0123456789', '0246813579') AS INT) END)) % 10 = 0 END",
    # Letters are two digits, from 10.
    f"CREATE OR REPLACE TEMP MACRO {REMAINDER}(x) AS CASE WHEN x <> '' THEN list_reduce(list_prepend(0, list_transform("
    "string_split(x, ''), lambda c: CASE WHEN c <= '9' THEN CAST(c AS INT) ELSE ascii(c) - 55 END)), "
    "lambda rest, one: (rest * CASE WHEN one > 9 THEN 100 ELSE 10 END + one) % 97) END",
)

REFERENCE = "dpo_reference"

# Errors of a machine that is short of memory or disk, for which no rule is to blame.
SHORT = (duckdb.OutOfMemoryException, duckdb.IOException, duckdb.TransactionException, duckdb.FatalException)

# A step whose groups take more is worked out within this limit, beyond which DuckDB goes on on disk. Of a group:
# bytes of its key with its place in the table, and of what is kept for each aggregate.
# Even on disk, many groups take more than little.
_LEAST_MEMORY, _LITTLE_MEMORY, _SOME_MEMORY, _KEY, _STATE = 32 << 20, 256 << 20, 960 << 20, 24, 16
# The same for the marks of a record with a finding.
_FINDING = 64


@contextmanager
def refusing() -> Iterator[None]:
    """Raises NotEvaluated for what DuckDB refuses, EngineLostError where it cannot go on; never its own words, which
    may quote a value.
    """
    try:
        yield
    except SHORT as error:
        raise EngineLostError(type(error).__name__) from None
    except duckdb.Error as error:
        raise NotEvaluated("engine_refused", type(error).__name__) from None


def _reference(key: bytes) -> str:
    """First 16 hexadecimal digits of HMAC-SHA256(key, text), computed by the engine (RFC 2104)."""
    inner, outer = padded(key)
    return (
        f"CREATE OR REPLACE TEMP MACRO {REFERENCE}(x) AS "
        f"left(sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode(x)))), 16)"
    )


class DuckDB:
    """Relations of a DuckDB connection, judged there."""

    dialect = "duckdb"

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        relations: Mapping[str, Relation],
        *,
        law: Mapping[str, list[dict[str, str]]] | None = None,
        files: tuple[str, ...] = (),
        key: bytes = b"",
        out: Path | None = None,
    ) -> None:
        """`key` pseudonymises record references, `out` receives the findings; without `out` none are written."""
        self.lost: EngineLostError | None = None
        self.read: Mapping[str, list[str]] = {}
        self._con = con
        self._relations = relations
        self._law = law or {}
        self._files = files
        self._out = out
        self._ledger = Ledger(con, files, out)
        self._distinct: dict[str, dict[str, float]] = {}
        # Read once: DuckDB tells it rounded down.
        [self._limit] = con.execute(
            "SELECT s, parse_formatted_bytes(s) FROM (SELECT current_setting('memory_limit') AS s)"
        ).fetchall()
        # Rows are numbered when they are loaded, and results are sorted: engines keep no order in between.
        con.execute("SET preserve_insertion_order = false")
        # A list in a condition would become a table to join, in time to plan and to run; the audit's are short.
        con.execute("SET disabled_optimizers = 'in_clause'")
        for function in (*FUNCTIONS, _reference(key)):
            con.execute(function)
        self._digests = False

    def setting(self, dataset: str, as_of: str, time_zone: str) -> Setting:
        relation = self._relations.get(dataset)
        if relation is None:
            raise NotEvaluated("dataset_not_supplied", dataset)
        if relation.refused:
            raise NotEvaluated("file_refused", ", ".join(relation.refused))
        return Setting(
            relation,
            self._relations,
            self._law,
            instant(as_of),
            time_zone,
            lambda: recurring(self._shares(relation)),
        )

    def _shares(self, relation: Relation) -> dict[str, float]:
        """Distinct values a row of the text columns, in a sample: a pattern is asked once of a value that recurs."""
        if relation.name not in self._distinct:
            self._distinct[relation.name] = shares(relation, self._run(sampled(relation)).fetchall()[0])
        return self._distinct[relation.name]

    def know(self, dataset: str, found: Mapping[str, float]) -> None:
        """The shares of distinct values of a dataset of which only some columns will be there."""
        self._distinct[dataset] = dict(found)

    def columns(self, dataset: str) -> Mapping[str, str]:
        """Columns of a dataset and their types; empty when it is not there."""
        relation = self._relations.get(dataset)
        return relation.columns if relation else {}

    def judge(self, setting: Setting, rules: Mapping[str, Rule]) -> dict[str, Tally]:
        if not rules:
            return {}
        dataset = setting.relation.name
        own = together(rules)
        try:
            self._mark(dataset, own)
            aggregates = {name: [self._aggregate(one) for one in rule.aggregates] for name, rule in own.items()}
            tallies = self._ledger.tallies(own, aggregates)
            if self._out and any(reported(rule) for rule in own.values()):
                self._show(dataset, own)
                self._ledger.write(setting, own)
        except SHORT as error:
            raise EngineLostError(type(error).__name__) from None
        except duckdb.Error as error:
            # The engine's message may quote a value: only its kind is kept.
            self._forget(own)
            if len(rules) == 1:
                refused = {"not_evaluated": "engine_refused", "about": type(error).__name__}
                return dict.fromkeys(rules, refused)
            return {name: self.judge(setting, {name: rule})[name] for name, rule in rules.items()}
        self._forget(own)
        return tallies

    def count(self, setting: Setting, aggregate: Aggregate) -> dict[str, Any]:  # noqa: ARG002
        """A small table of the dataset. Raises NotEvaluated, EngineLostError."""
        with refusing():
            return self._aggregate(aggregate)

    def bring(self, dataset: str, columns: Iterable[str]) -> None:
        """They are there."""

    def references(self, dataset: str) -> str | None:
        if self._relations[dataset].key == ROW_KEY:
            return None
        there = self._records(dataset, [exp.alias_(self._reference(dataset), "ref"), sql("true AS read")])
        text = sql("CONCAT_WS(CHR(31), :name, ARRAY_TO_STRING(key, CHR(31)))", name=node(dataset))
        aside = exp.select(exp.alias_(call(REFERENCE, text), "ref"), sql("false AS read")).from_(KEYS)
        return _text(there.union(aside.where(sql("dataset = :name", name=node(dataset))), distinct=False))

    def frame(self, dataset: str, columns: list[str]) -> Any:
        """A pandas frame of these columns, for stock expectations; its index is file and row in one number."""
        wanted = [exp.column(name, quoted=True) for name in columns]
        query = exp.select(sql("CAST(_file AS BIGINT) * 1099511627776 + _row AS position"), *wanted)
        return self._run(query.from_(exp.to_table(dataset))).df().set_index("position")

    def report(self, control: str, setting: Setting, positions: list[int], reason: str) -> None:
        """Findings of a stock expectation, by the positions that `frame` gave."""
        self._con.execute(
            "CREATE OR REPLACE TEMP TABLE positions AS SELECT unnest(?::BIGINT[]) AS position", [positions]
        )
        dataset = setting.relation.name
        query = sql(
            "SELECT b._file, b._row, :ref AS ref, 1 AS m0, CAST(NULL AS TIMESTAMP) AS c0, "
            "CAST(NULL AS TEXT) AS t0 FROM :dataset AS b "
            "WHERE CAST(_file AS BIGINT) * 1099511627776 + _row IN (SELECT position FROM positions)",
            ref=self._reference(dataset),
            dataset=exp.to_table(dataset),
        )
        self._keep("shown", query)
        self._ledger.write_one(control, setting, reason)

    def _run(self, query: exp.Expression) -> duckdb.DuckDBPyConnection:
        return self._con.execute(_text(query))

    def marks(self, setting: Setting, rule: Rule) -> list[int | None]:
        """The mark of every record in order of file and row: for tests and for looking into one rule."""
        own = together({"": rule})
        self._prepare(setting.relation.name, own)
        query = _text(self._marked(setting.relation.name, own))
        found = self._con.execute(f"SELECT m0 FROM ({query}) ORDER BY _file, _row").fetchall()
        self._forget(own)
        return [mark_ for (mark_,) in found]

    def details(self, setting: Setting, rule: Rule) -> dict[int, str | None]:
        """The detail of every record with a finding, by row: for tests and for looking into one rule."""
        own = together({"": rule})
        self._mark(setting.relation.name, own)
        self._show(setting.relation.name, own)
        return dict(self._con.execute("SELECT _row, t0 FROM shown WHERE m0 > 0").fetchall())

    def _mark(self, dataset: str, rules: Mapping[str, Rule]) -> None:
        """`marks`: a mark a rule, the last lawful day where a rule has one, and how many records have the same.

        A record with a finding is there on its own, with its _file and _at, which are null for the others.
        """
        self._prepare(dataset, rules)
        told = [f"m{place}" for place in range(len(rules))]
        places = [f"CASE WHEN GREATEST({', '.join(told)}) > 0 THEN {at} END AS {at}" for at in ("_file", "_at")]
        told += [f"d{place}" for place, rule in enumerate(rules.values()) if rule.due]
        query = sql(
            f"SELECT {', '.join([*told, *places])}, COUNT(*) AS records FROM :marked AS s GROUP BY ALL",
            marked=self._marked(dataset, rules).subquery(copy=False),
        )
        # All records may have a finding.
        self._sparing(self._relations[dataset].rows * _FINDING, lambda: self._keep("marks", query))

    def _prepare(self, dataset: str, rules: Mapping[str, Rule]) -> None:
        """Works out the steps of the rules, and their lookups: once for marks and details."""
        done = set()
        for rule in rules.values():
            for step in rule.steps:
                if step.name not in done:
                    self._work_out(dataset, step)
                    done.add(step.name)
            for lookup in rule.lookups:
                if not whole_step(lookup):
                    self._work_out(dataset, Step(lookup.alias, lookup.query))

    def _marked(self, dataset: str, rules: Mapping[str, Rule]) -> exp.Select:
        """(_file, _row, _at, m…, d…): every record with its marks and last lawful days."""
        # Marks in an inner query, days in an outer one: a mark says whether there is a day.
        lent = Lent()
        inner: list[exp.Expression] = [sql("b._file"), sql("b._row"), sql("b._at")]
        outer: list[exp.Expression] = [sql("_file"), sql("_row"), sql("_at")]
        for place, rule in enumerate(rules.values()):
            inner.append(exp.alias_(exp.cast(mark(rule), "TINYINT", copy=False), f"m{place}", copy=False))
            outer.append(exp.column(f"m{place}"))
            if rule.due:
                outer.append(_when(f"m{place} IS NOT NULL", exp.cast(lent(rule.due), "DATE"), f"d{place}"))
        inner += lent.columns
        marked = joined(self._records(dataset, inner), (one for rule in rules.values() for one in rule.lookups))
        return exp.select(*outer, copy=False).from_(marked.subquery("s", copy=False), copy=False)

    def _work_out(self, dataset: str, step: Step) -> None:
        if rows := written_out(step.query):
            self._write(step.name, rows)
        elif step.rows:
            self._keep(step.name, step.query)
        elif step.groups:
            self._group(self._relations[dataset], step)
        else:
            self._create(step.name, step.query)

    def _group(self, relation: Relation, step: Step) -> None:
        needed: float = relation.rows * (_KEY + _STATE * sum(1 for _ in step.query.find_all(exp.AggFunc)))
        if needed > _LEAST_MEMORY:
            needed *= max(self._shares(relation).get(name, 1) for name in step.groups)
        self._sparing(needed, lambda: self._create(step.name, step.query))

    def _sparing(self, needed: float, work: Callable[[], None]) -> None:
        """Does the work, which needs so many bytes: in little memory if it can be done there."""
        if needed <= _LEAST_MEMORY:
            work()
            return
        little = int(min(max(needed / 4, _LITTLE_MEMORY), _SOME_MEMORY)) if needed > _LITTLE_MEMORY else None
        # Each thread has groups of its own until they are put together.
        for most, threads in ((little, None), (_SOME_MEMORY, None), (_SOME_MEMORY, 1)):
            with suppress(duckdb.OutOfMemoryException), self._memory(most, threads):
                work()
                return
        work()

    @contextmanager
    def _memory(self, most: int | None, threads: int | None = None) -> Iterator[None]:
        """Within it DuckDB has `most` bytes or its own limit, and starts without what earlier steps left allocated."""
        given, own = self._limit
        # Setting a limit, even the same, gives free pages back to the system.
        self._con.execute(f"SET memory_limit = '{given if most is None or own < most else f'{most}B'}'")
        if threads:
            self._con.execute(f"SET threads = {threads}")
        try:
            yield
        finally:
            self._con.execute(f"SET memory_limit = '{given}'")
            if threads:
                self._con.execute("RESET threads")

    def _create(self, name: str, query: exp.Query) -> None:
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {self._taught(query)}")

    def _taught(self, query: exp.Expression) -> str:
        """The query's text, once DuckDB knows its functions."""
        text = _text(query)
        if not self._digests and f"{DIGESTS}(" in text.lower():
            self._teach_digests()
        return text

    def _teach_digests(self) -> None:
        """The one function that is none of DuckDB's: pyarrow, which it takes, is imported where it is asked."""
        from audit_lib.engines.digests import digests

        # Without the types that its parameters name: DuckDB would look for them.
        function = lambda texts, ways: digests(texts, ways)  # noqa: E731
        kinds = ["VARCHAR", "VARCHAR"]
        self._con.create_function(DIGESTS, function, kinds, "VARCHAR[]", type="arrow", null_handling="special")
        self._digests = True

    def _write(self, name: str, rows: exp.Values) -> None:
        """Rows written out, as parameters: of a text DuckDB would plan every cell."""
        heads = rows.args["alias"].columns
        columns = [[_cell(row.expressions[place]) for row in rows.expressions] for place in range(len(heads))]
        kinds = ["INTEGER" if any(isinstance(cell, int) for cell in column) else "VARCHAR" for column in columns]
        named = ", ".join(f"unnest(?::{kind}[]) AS {head.name}" for head, kind in zip(heads, kinds, strict=True))
        self._con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {named}", columns)

    def _keep(self, name: str, query: exp.Expression) -> None:
        """A relation of one row a record, in a file: it would be the largest thing in memory."""
        if self._out is None:
            self._create(name, query)
            return
        place = node(os.fspath(self._out.parent / f"{name}.parquet")).sql("duckdb")
        self._con.execute(
            f"COPY ({self._taught(query)}) TO {place} (FORMAT parquet, PARQUET_VERSION v2, COMPRESSION uncompressed)"
        )
        self._con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM read_parquet({place})")

    def _forget(self, rules: Mapping[str, Rule]) -> None:
        """Drops what was worked out for the rules: others may have steps of the same names."""
        for rule in rules.values():
            for step in rule.steps:
                if step.rows and self._out:
                    self._con.execute(f"DROP VIEW IF EXISTS {step.name}")
                    (self._out.parent / f"{step.name}.parquet").unlink(missing_ok=True)
                else:
                    self._con.execute(f"DROP TABLE IF EXISTS {step.name}")
            for lookup in rule.lookups:
                self._con.execute(f"DROP TABLE IF EXISTS {lookup.alias}")

    def _show(self, dataset: str, rules: Mapping[str, Rule]) -> None:
        """`shown`: what is told of the records with a finding, which few have: clocks, texts and keys."""
        columns: list[exp.Expression] = [sql("b._row"), exp.column(exp.Star(), table="m")]
        for place, rule in enumerate(rules.values()):
            for letter, value, kind in shown_of(rule):
                columns.append(_when(f"m{place} > 0", exp.cast(owned(value), kind), f"{letter}{place}"))
        columns.append(exp.alias_(self._reference(dataset), "ref"))
        query = self._records(dataset, columns).join(
            exp.select("*").from_("marks").where(sql("_at IS NOT NULL")).subquery("m"),
            # One equality alone, on a column that the file has: DuckDB looks for no more while it reads.
            on=sql("m._at = b._at AND m._file - b._file = 0"),
            copy=False,
        )
        self._keep("shown", joined(query, named_in(columns, rules)))

    @staticmethod
    def _records(dataset: str, columns: list[exp.Expression]) -> exp.Select:
        records = exp.alias_(exp.to_table(dataset), "b", table=True, copy=False)
        return exp.select(*columns, copy=False).from_(records, copy=False)

    def _reference(self, dataset: str) -> exp.Expression:
        return call(REFERENCE, key_text(self._relations[dataset], listed(self._files, "b._file")))

    def _aggregate(self, aggregate: Aggregate) -> dict[str, Any]:
        return table(aggregate, self._run(aggregate.query).fetchall())


def _when(condition: str, value: exp.Expression, name: str) -> exp.Expression:
    return exp.alias_(sql(f"CASE WHEN {condition} THEN :v END", v=value), name, copy=False)


def _cell(literal: exp.Expression) -> str | int | None:
    if isinstance(literal, exp.Null):
        return None
    return literal.name if literal.is_string else int(literal.to_py())


def _text(query: exp.Expression) -> str:
    text: str = query.sql("duckdb", copy=False)
    return text
