"""Base: what every verb shares, a Great Expectations expectation that judges records one by one."""

import datetime as dt
import json
from abc import abstractmethod
from typing import Any, ClassVar

from great_expectations.compatibility import pydantic
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.util import camel_to_snake
from great_expectations.validator.metric_configuration import MetricConfiguration

from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, NotEvaluated, Rule, Setting
from audit_lib.expectations.sql import all_of, any_of, blank, is_in, negate

RULE_METRIC = "dpo.rule"

# Filled by Great Expectations itself: no part of what the rule says.
_FRAME = frozenset(
    {
        "batch_id",
        "id",
        "meta",
        "notes",
        "description",
        "severity",
        "rendered_content",
        "result_format",
        "catch_exceptions",
        "windows",
    }
)

VERBS: dict[str, type["RecordExpectation"]] = {}

Where = dict[str, list[str]]


class RecordExpectation(BatchExpectation):
    """Each record in scope gets one verdict; the expectation succeeds when records are in scope and all pass.

    `where` keeps the records whose column holds one of the values; a blank value, or one that is not `among` the
    known ones, stays in scope as INDETERMINATE. Records with a value in `outside` are out of scope.
    `control` names the findings. `as_of` is an ISO 8601 instant with an offset, `time_zone` an IANA name: both are
    usually suite parameters.
    """

    as_of: str | dict[str, Any]
    time_zone: str | dict[str, Any]
    control: str = ""
    where: Where = {}
    among: Where = {}
    outside: str | None = None

    # Whether the verb says how long records may be kept.
    limits_retention: ClassVar[bool] = False

    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)
    success_keys: ClassVar[tuple[str, ...]] = ()
    metric_dependencies: ClassVar[tuple[str, ...]] = (RULE_METRIC,)

    class Config:
        # A kwarg equal to its default must be written too: a later change of the default would change a duty.
        extra = pydantic.Extra.forbid

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        VERBS[camel_to_snake(cls.__name__)] = cls

    @abstractmethod
    def branches(self, setting: Setting) -> Rule:
        """The rule of the verb, without `where` and `outside`."""

    def rule(self, setting: Setting) -> Rule:
        """The whole rule. Raises NotEvaluated when the data cannot answer."""
        setting.require(*self.where)
        rule = self.branches(setting)
        scope, doubtful = [rule.scope], []
        if self.outside:
            scope.append(blank(setting.column(self.outside)))
        for name, values in self.where.items():
            column = setting.column(name)
            known = self.among.get(name, values)
            unknown = any_of([blank(column), negate(is_in(column, known))]) if name in self.among else blank(column)
            scope.append(any_of([unknown, is_in(column, values)]))
            doubtful.append(unknown)
        doubt = (Branch(any_of(doubtful), Verdict.INDETERMINATE, self.doubt_reason()),) if doubtful else ()
        return Rule(
            branches=doubt + rule.branches,
            scope=all_of(scope),
            clock=rule.clock,
            due=rule.due,
            ended=rule.ended,
            detail=rule.detail,
            steps=rule.steps,
            lookups=rule.lookups,
            aggregates=rule.aggregates,
        )

    def doubt_reason(self) -> str:
        return "status_missing"

    def asked(self) -> str:
        """What the rule says, as JSON: the identity of its metric."""
        kwargs = {k: v for k, v in self.configuration.kwargs.items() if k not in _FRAME}
        return json.dumps({"type": self.expectation_type, "kwargs": kwargs}, sort_keys=True)

    def get_validation_dependencies(
        self, execution_engine: Any = None, runtime_configuration: dict[str, Any] | None = None
    ) -> Any:
        dependencies = super().get_validation_dependencies(execution_engine, runtime_configuration)
        dependencies.set_metric_configuration(
            RULE_METRIC,
            MetricConfiguration(RULE_METRIC, {"batch_id": self.batch_id}, {"rule": self.asked()}),
        )
        return dependencies

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,  # noqa: ARG002
        execution_engine: Any = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        tally = metrics[RULE_METRIC]
        if "not_evaluated" in tally:
            raise NotEvaluated(tally["not_evaluated"], tally.get("about", ""))
        counts = tally["counts"]
        population = sum(counts.values())
        return {
            "success": population > 0 and counts["PASS"] + counts["EXEMPT"] == population,
            "result": {
                "observed_value": counts["FAIL"],
                "element_count": population,
                "unexpected_count": counts["FAIL"],
                "unexpected_percent": 100.0 * counts["FAIL"] / population if population else 0.0,
                "missing_count": counts["INDETERMINATE"],
                "details": tally,
            },
        }


def from_json(asked: str) -> RecordExpectation:
    """The expectation that wrote `asked`. Raises NotEvaluated when its kwargs are not the verb's."""
    said = json.loads(asked)
    try:
        return VERBS[said["type"]](**said["kwargs"])
    except pydantic.ValidationError as error:
        about = ", ".join(sorted({".".join(map(str, e["loc"])) for e in error.errors()}))
        raise NotEvaluated("control_invalid", about) from None


def instant(text: Any) -> dt.datetime:
    """An aware instant from ISO 8601; raises NotEvaluated when it has no offset."""
    try:
        value = dt.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise NotEvaluated("control_invalid", "as_of") from None
    if value.tzinfo is None:
        raise NotEvaluated("control_invalid", "as_of")
    return value
