"""Great Expectations: a data source over the audit's engines, and the metrics that share one scan."""

import datetime as dt
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

from great_expectations.compatibility import pydantic
from great_expectations.core.batch import BatchMarkers, LegacyBatchDefinition
from great_expectations.core.batch_spec import PandasBatchSpec
from great_expectations.core.id_dict import IDDict
from great_expectations.datasource.fluent import BatchRequest
from great_expectations.datasource.fluent.batch_identifier_util import make_batch_identifier
from great_expectations.datasource.fluent.interfaces import Batch, DataAsset, Datasource
from great_expectations.execution_engine import PandasExecutionEngine
from great_expectations.execution_engine.pandas_batch_data import PandasBatchData
from great_expectations.expectations.metrics.metric_provider import MetricProvider, metric_value
from great_expectations.validator.metric_configuration import MetricConfiguration

from audit_lib.datasets.schema import ROW_KEY
from audit_lib.engines import Engine, Tally
from audit_lib.engines.duckdb import DuckDB
from audit_lib.expectations.base import RULE_METRIC, RecordExpectation, from_json
from audit_lib.expectations.rule import NotEvaluated, Relation, Rule, Setting
from audit_lib.unforeseen import EngineLostError

SCAN_METRIC = "dpo.scan"

# Great Expectations asks every expectation what it depends on before it computes anything: rules gather here, by
# thread and batch, and the first one computed runs the scan for all.
_asked: dict[tuple[int, str], set[str]] = {}


class DatasetBatchData(PandasBatchData):
    """A dataset where it lies: becomes a frame only if a stock expectation asks, with the columns it names."""

    def __init__(self, execution_engine: Any, engine: Engine, dataset: str, wanted: list[str]) -> None:
        super().__init__(execution_engine, None)
        self._frame: Any = None
        self.engine = engine
        self.dataset = dataset
        self._wanted = wanted

    @property
    def dataframe(self) -> Any:
        if self._frame is None:
            with noted(self.engine):
                self._frame = self.engine.frame(self.dataset, self._wanted)
        return self._frame


class AuditExecutionEngine(PandasExecutionEngine):
    """Stock metrics come by inheritance; the audit's own run in the engine that holds the data."""


class DatasetAsset(DataAsset):
    """One dataset of an audit; `wanted`: the columns that stock expectations name, all a frame will hold."""

    type: Literal["dataset"] = "dataset"
    wanted: list[str] = []

    def test_connection(self) -> None:
        """The data are already loaded."""

    def get_batch_parameters_keys(self, partitioner: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        return ()

    def get_batch_identifiers_list(self, batch_request: BatchRequest) -> list[IDDict]:
        return [IDDict(batch_request.options)]

    def build_batch_request(
        self,
        options: Any = None,
        batch_slice: Any = None,  # noqa: ARG002
        partitioner: Any = None,  # noqa: ARG002
    ) -> BatchRequest:
        return BatchRequest(datasource_name=self.datasource.name, data_asset_name=self.name, options=options or {})

    def get_batch(self, batch_request: BatchRequest) -> Batch:
        source = self.datasource
        data = DatasetBatchData(source.get_execution_engine(), source.engine, self.name, self.wanted)
        return Batch(
            datasource=source,
            data_asset=self,
            batch_request=batch_request,
            data=data,
            # A marker that Great Expectations requires and nothing reads: the audit's time is a parameter.
            batch_markers=BatchMarkers({"ge_load_time": dt.datetime.min.strftime("%Y%m%dT%H%M%S.%fZ")}),
            batch_spec=PandasBatchSpec(reader_method="dataset", reader_options={}),
            batch_definition=LegacyBatchDefinition(
                source.name, "fluent", self.name, make_batch_identifier(batch_request.options)
            ),
        )


# Named outside the class, whose own `type` hides the built-in one.
_EngineType = type[AuditExecutionEngine]


class AuditDatasource(Datasource):
    """The datasets of an audit; whoever loaded them says where with `use`."""

    asset_types: ClassVar[list[type[DataAsset]]] = [DatasetAsset]
    type: Literal["audit"] = "audit"
    assets: list[DatasetAsset] = []
    _engine: Any = pydantic.PrivateAttr(None)

    @property
    def engine(self) -> Engine:
        engine: Engine = self._engine
        return engine

    def use(self, engine: Engine) -> None:
        """Judge the datasets of this engine from now on."""
        self._engine = engine

    @property
    def execution_engine_type(self) -> _EngineType:
        return AuditExecutionEngine

    def test_connection(self, test_assets: bool = True) -> None:
        """The data are already loaded."""

    def add_dataset_asset(self, name: str, wanted: list[str] | None = None) -> DatasetAsset:
        return self._add_asset(DatasetAsset(name=name, wanted=wanted or []))  # type: ignore[no-any-return]


class Scan(MetricProvider):
    """All the rules of a batch, in one scan."""

    metric_name = SCAN_METRIC
    domain_keys = ("batch_id",)
    value_keys = ()

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, execution_engine: Any, metric_domain_kwargs: dict[str, Any], **_: Any) -> dict[str, Tally]:
        batch_id = metric_domain_kwargs["batch_id"]
        asked = _asked.pop((threading.get_ident(), batch_id), set())
        data = execution_engine.batch_manager.batch_data_cache.get(batch_id)
        if isinstance(data, DatasetBatchData):
            with noted(data.engine):
                return judged(data.engine, data.dataset, asked)
        return judged(framed(execution_engine.get_domain_records(metric_domain_kwargs)), "frame", asked)


class RuleOutcome(MetricProvider):
    """One rule's tally, out of the scan."""

    metric_name = RULE_METRIC
    domain_keys = ("batch_id",)
    value_keys = ("rule",)

    @classmethod
    def _get_evaluation_dependencies(
        cls,
        metric: MetricConfiguration,
        configuration: Any = None,  # noqa: ARG003
        execution_engine: Any = None,  # noqa: ARG003
        runtime_configuration: Any = None,  # noqa: ARG003
    ) -> dict[str, MetricConfiguration]:
        batch_id = metric.metric_domain_kwargs["batch_id"]
        asked = _asked.setdefault((threading.get_ident(), batch_id), set())
        asked.add(metric.metric_value_kwargs["rule"])
        return {SCAN_METRIC: MetricConfiguration(SCAN_METRIC, metric.metric_domain_kwargs, None)}

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, metrics: dict[str, Any], metric_value_kwargs: dict[str, Any], **_: Any) -> Tally:
        tally: Tally = metrics[SCAN_METRIC][metric_value_kwargs["rule"]]
        return tally


@contextmanager
def noted(engine: Engine) -> Iterator[None]:
    """Keeps with the engine why it is lost: Great Expectations would take it for the fault of the rules.

    What a rule is to blame for never comes so far.
    """
    try:
        yield
    except Exception as error:
        engine.lost = error if isinstance(error, EngineLostError) else EngineLostError(type(error).__name__)
        raise


def judged(engine: Engine, dataset: str, asked: set[str]) -> dict[str, Tally]:
    """A tally for each rule asked, as JSON; what cannot be evaluated says so in its tally."""
    tallies: dict[str, Tally] = {}
    ready: dict[str, tuple[Setting, str, Rule]] = {}
    for text in sorted(asked):
        try:
            expectation = from_json(text)
            setting = engine.setting(dataset, str(expectation.as_of), str(expectation.time_zone))
            ready[text] = (setting, _name(expectation), expectation.rule(setting))
        except NotEvaluated as refusal:
            tallies[text] = {"not_evaluated": refusal.reason, "about": refusal.about}
        except KeyError as error:
            tallies[text] = {"not_evaluated": "control_invalid", "about": str(error.args[0])}
        except (AttributeError, LookupError, TypeError, ValueError):
            # No row was read yet: what is wrong is an argument, and it must not hide the other rules.
            tallies[text] = {"not_evaluated": "control_invalid", "about": json.loads(text)["type"]}
    if ready:
        setting = next(iter(ready.values()))[0]
        found = engine.judge(setting, {name: rule for _, name, rule in ready.values()})
        tallies.update({text: found[name] for text, (_, name, _) in ready.items()})
    return tallies


def _name(expectation: RecordExpectation) -> str:
    """The control, which findings carry; outside an audit, the rule itself."""
    return expectation.control or expectation.asked()


def framed(frame: Any) -> DuckDB:
    """An engine over a frame that a Great Expectations user already holds: dates and numbers as they are."""
    import duckdb

    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    con.register("given", frame)
    con.execute("CREATE TEMP TABLE frame AS SELECT *, 0 AS _file, row_number() OVER () AS _row FROM given")
    described = con.execute("DESCRIBE frame").fetchall()
    kinds = {"VARCHAR": "text", "DATE": "date", "BOOLEAN": "bool", "BIGINT": "int"}
    columns = {
        name: kinds.get(kind, "instant" if kind.startswith("TIMESTAMP") else "text") for name, kind, *_ in described
    }
    own = {name: kind for name, kind in columns.items() if name not in ROW_KEY}
    relation = Relation("frame", own, frozenset(own), key=ROW_KEY)
    return DuckDB(con, {"frame": relation})
