"""Spark: records judged by a cluster's executors, which write what they found as Parquet."""

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from audit_lib.engines import Engine, Tally
from audit_lib.engines.ledger import Ledger, table
from audit_lib.engines.scan import expressions, functions_of, key_text, padded, together, whole_step
from audit_lib.engines.spark_functions import REFERENCE, functions
from audit_lib.engines.told import told
from audit_lib.expectations.rule import Aggregate, Relation, Rule, Setting
from audit_lib.expectations.sql import call, node, sql
from audit_lib.sources.raw import literal, quoted
from audit_lib.unforeseen import EngineLostError

# Records of a dataset.
_FEW = 1_000_000
# What Spark calls the errors for which a query is to blame.
_REFUSALS = (
    "AnalysisException",
    "ArithmeticException",
    "ArrayIndexOutOfBoundsException",
    "DateTimeException",
    "IllegalArgumentException",
    "NumberFormatException",
    "ParseException",
)
_LOOK_SECONDS, _PATIENCE_SECONDS = 2, 30

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # Its messages may quote a value, on the driver and on the workers.
    "spark.log.level": "OFF",
    "spark.sql.session.timeZone": "UTC",
    # Of no use to rules, and its time grows with the square of theirs.
    "spark.sql.constraintPropagation.enabled": "false",
    # Java compiles no method that is larger: rules are, and would be interpreted for each record.
    "spark.sql.codegen.hugeMethodLimit": "8000",
    # Instants are stored without an offset, in UTC.
    "spark.sql.parquet.inferTimestampNTZ.enabled": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}


class Spark:
    """Datasets of a run, judged by Spark; `work` of the run must be on storage that driver and workers share."""

    dialect = "spark"

    def __init__(
        self,
        local: Engine,
        con: duckdb.DuckDBPyConnection,
        relations: Mapping[str, Relation],
        *,
        master: str,
        files: tuple[str, ...],
        key: bytes,
        out: Path,
    ) -> None:
        """`local` has every dataset, and judges what is left to it. Raises EngineLostError."""
        self.lost: EngineLostError | None = None
        self._local = local
        self._con = con
        self._relations = relations
        self._files = files
        self._out = out
        self._ledger = Ledger(con, files, out, name="spark")
        self._handed: set[str] = set()
        self._why = ""
        self._session = _session(master)
        self._functions = functions(*padded(key))
        for function in self._functions.values():
            self._session.sql(function)

    def close(self) -> None:
        from py4j.protocol import Py4JError

        # It may be gone already, and its port closed.
        with suppress(Py4JError, OSError):
            self._session.stop()

    @property
    def read(self) -> Mapping[str, list[str]]:
        return self._local.read

    def columns(self, dataset: str) -> Mapping[str, str]:
        return self._local.columns(dataset)

    def setting(self, dataset: str, as_of: str, time_zone: str) -> Setting:
        return self._local.setting(dataset, as_of, time_zone)

    def judge(self, setting: Setting, rules: Mapping[str, Rule]) -> dict[str, Tally]:
        # What Spark has no function for is judged where all the exports are.
        left = {name: rule for name, rule in rules.items() if functions_of(rule) - self._functions.keys()}
        tallies = self._local.judge(setting, left)
        return tallies | self._judge_all(setting, {name: rule for name, rule in rules.items() if name not in left})

    def _judge_all(self, setting: Setting, rules: Mapping[str, Rule]) -> dict[str, Tally]:
        if not rules:
            return {}
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        own = together(rules)
        try:
            with self._watched():
                return self._judge(setting, own)
        except (PySparkException, Py4JError) as error:
            # What Spark says may quote a value: only the kind of the error is kept.
            kind = type(error).__name__
            if kind not in _REFUSALS:
                raise EngineLostError(self._why or f"Spark cannot go on ({kind})") from None
            if len(rules) == 1:
                return {name: {"not_evaluated": "engine_refused", "about": kind} for name in rules}
            return {name: self._judge_all(setting, {name: rule})[name] for name, rule in rules.items()}

    def _judge(self, setting: Setting, rules: Mapping[str, Rule]) -> dict[str, Tally]:
        trees = [one for rule in rules.values() for one in expressions(rule)]
        named = {found.name for one in trees for found in one.find_all(exp.Table)}
        for dataset in sorted({setting.relation.name, *named} & self._relations.keys()):
            self._hand_over(dataset)
        self._suit(self._relations[setting.relation.name].rows)
        self._tell(setting.relation.name, rules)
        aggregates = {
            name: [table(one, [tuple(row) for row in self._ask(one.query).collect()]) for one in rule.aggregates]
            for name, rule in rules.items()
        }
        tallies = self._ledger.tallies(rules, aggregates)
        self._ledger.write(setting, rules)
        self._session.catalog.clearCache()
        return tallies

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Work that is given up when no worker answers any more: Spark itself would wait for ever."""
        done = threading.Event()
        watcher = threading.Thread(target=self._watch, args=[done], daemon=True)
        if not self._session.sparkContext.master.startswith("local"):
            watcher.start()
        try:
            yield
        finally:
            done.set()

    def _watch(self, done: threading.Event) -> None:
        context = self._session.sparkContext
        alone = 0
        while not done.wait(_LOOK_SECONDS):
            # The driver is one of them.
            alone = alone + 1 if len(context._jsc.sc().statusTracker().getExecutorInfos()) < 2 else 0
            if alone * _LOOK_SECONDS >= _PATIENCE_SECONDS:
                self._why = f"no worker of Spark's has answered for {_PATIENCE_SECONDS} seconds"
                context.cancelAllJobs()
                return

    def count(self, setting: Setting, aggregate: Aggregate) -> dict[str, Any]:
        """A small table of the dataset: not worth a job of a cluster."""
        return self._local.count(setting, aggregate)

    def bring(self, dataset: str, columns: Iterable[str]) -> None:
        self._local.bring(dataset, columns)

    def references(self, dataset: str) -> str | None:
        return self._local.references(dataset)

    def frame(self, dataset: str, columns: list[str]) -> Any:
        return self._local.frame(dataset, columns)

    def report(self, control: str, setting: Setting, positions: list[int], reason: str) -> None:
        self._local.report(control, setting, positions, reason)

    def _suit(self, rows: int) -> None:
        """Few records take less time than compiling what is asked of them, and than planning as the work goes on."""
        few = rows < _FEW
        chosen = {
            "spark.sql.codegen.factoryMode": "NO_CODEGEN" if few else "FALLBACK",
            "spark.sql.codegen.wholeStage": str(not few).lower(),
            "spark.sql.adaptive.enabled": str(not few).lower(),
            "spark.sql.shuffle.partitions": "4" if few else "200",
        }
        for name, value in chosen.items():
            self._session.conf.set(name, value)

    def _hand_over(self, dataset: str) -> None:
        """The dataset as a view of Spark."""
        if dataset in self._handed:
            return
        place = self._out.parent / "handed" / dataset
        place.parent.mkdir(exist_ok=True)
        self._con.execute(
            f"COPY (FROM {quoted(dataset)}) TO {literal(str(place))} (FORMAT parquet, PER_THREAD_OUTPUT true)"
        )
        self._session.read.parquet(place.as_uri()).createOrReplaceTempView(dataset)
        self._handed.add(dataset)

    def _tell(self, dataset: str, rules: Mapping[str, Rule]) -> None:
        """`marks` and `shown`, in DuckDB, over what the executors wrote."""
        done = set()
        for rule in rules.values():
            for step in rule.steps:
                if step.name not in done:
                    self._keep(step.name, step.query)
                    done.add(step.name)
            for lookup in rule.lookups:
                if not whole_step(lookup):
                    self._keep(lookup.alias, lookup.query)
        relation = self._relations[dataset]
        names = exp.Array(expressions=[node(name) for name in self._files])
        file = exp.Anonymous(this="ELEMENT_AT", expressions=[names, sql("b._file + 1")])
        main = told(dataset, rules, call(REFERENCE, key_text(relation, file)))
        place = self._out.parent / "told"
        self._ask(main).write.mode("overwrite").parquet(place.as_uri())
        if not (place / "_SUCCESS").exists():
            raise EngineLostError(
                f"workers do not write where --out is ({place.parent.parent.parent}): share it with them"
            )
        source = f"read_parquet({literal(str(place / '*.parquet'))})"
        self._ledger.look_at(source)

    def _keep(self, name: str, query: exp.Expression) -> None:
        """A step, worked out when it is first asked of, and kept in the memory or on the disk of the executors."""
        self._ask(query).persist().createOrReplaceTempView(name)

    def _ask(self, query: exp.Expression) -> Any:
        return self._session.sql(query.sql("spark"))


def _session(master: str) -> Any:
    """Raises EngineLostError when Spark does not start."""
    import logging

    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise EngineLostError("Spark is not installed: pip install 'dpo-audit[spark]'") from None
    # It logs each query that is refused, with what the query names.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    quiet = Path(__file__).with_name("log4j2.properties").as_uri()
    builder = SparkSession.builder.master(master).appName("dpo-audit")
    for name, value in {**_SETTINGS, "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={quiet}"}.items():
        builder = builder.config(name, value)
    try:
        with _silent():
            return builder.getOrCreate()
    except (PySparkException, Py4JError):
        raise EngineLostError(
            f"Spark does not start: it needs Java 17 (JAVA_HOME) and a master that answers at {master}"
        ) from None


@contextmanager
def _silent() -> Iterator[None]:
    """A process that starts within it has no standard error: what Java writes there may quote a value."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
