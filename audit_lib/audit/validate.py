"""Validate: suites run by Great Expectations, one dataset after the other, and what each control showed."""

import copy
import logging
import os
from collections.abc import Mapping
from typing import Any

from audit_lib.audit.outcome import outcome
from audit_lib.expectations.reasons import NOT_EVALUATED, Verdict
from audit_lib.suites import is_stock

# Nothing that a stock expectation saw may be kept: counts and positions only.
RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "include_unexpected_rows": False,
    "exclude_unexpected_values": True,
    "partial_unexpected_count": 0,
}
_KEPT = ("element_count", "unexpected_count", "unexpected_percent", "missing_count", "missing_percent")


class Validator:
    """Great Expectations over the datasets of one engine."""

    def __init__(self, engine: Any) -> None:
        os.environ["GX_ANALYTICS_ENABLED"] = "false"
        import great_expectations as gx

        import audit_lib.engines.gx
        import audit_lib.expectations  # noqa: F401 - registers the verbs

        logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
        self._gx = gx
        self._engine = engine
        self._context = gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = {"globally": False}
        self._source = self._context.data_sources.add_audit("audit")
        self._source.use(engine)

    def refused(self, suite: Mapping[str, Any]) -> dict[str, str]:
        """Controls that are no expectation, and what to write: Great Expectations would drop them in silence."""
        import difflib

        from great_expectations.compatibility import pydantic
        from great_expectations.expectations.expectation_configuration import (
            ExpectationConfiguration,
        )
        from great_expectations.expectations.registry import (
            list_registered_expectation_implementations,
        )

        known = list_registered_expectation_implementations()
        found = {}
        for said in suite["expectations"]:
            control = said["meta"]["control"]
            if said["type"] not in known:
                near = difflib.get_close_matches(said["type"], known, n=1)
                found[control] = f"no such verb '{said['type']}'" + (f", write {near[0]}" if near else "")
                continue
            try:
                ExpectationConfiguration(type=said["type"], kwargs=dict(said["kwargs"])).to_domain_obj()
            except pydantic.ValidationError as error:
                found[control] = "; ".join(
                    f"{said['type']}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()
                )
        return found

    def run(self, dataset: str, suite: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Tally of each control of the suite, by control id: counts, reasons and aggregates, or why it has none.

        The suite holds nothing that `refused` names.
        """
        wanted = {value for said in suite["expectations"] if is_stock(said["type"]) for value in _texts(said["kwargs"])}
        columns = self._engine.columns(dataset)
        asset = self._source.add_dataset_asset(dataset, sorted(wanted & columns.keys()))
        batch = asset.get_batch(asset.build_batch_request())
        built = self._gx.ExpectationSuite(**copy.deepcopy(dict(suite)))
        result = batch.validate(
            built, expectation_parameters=dict(parameters), result_format=copy.deepcopy(RESULT_FORMAT)
        )
        tallies = {}
        for one in result.results:
            control = one.expectation_config.meta["control"]
            stock = is_stock(one.expectation_config.type)
            tallies[control] = self._stock(control, dataset, one, parameters) if stock else _own(one)
        return tallies

    def _stock(self, control: str, dataset: str, one: Any, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """A stock expectation as verdicts: expected PASS, unexpected FAIL, missing INDETERMINATE."""
        if _raised(one):
            return {"not_evaluated": "engine_refused", "about": one.expectation_config.type}
        counts = {verdict.value: 0 for verdict in Verdict}
        result = one.result or {}
        if "element_count" not in result:
            counts["PASS" if one.success else "FAIL"] = 1
            return {"counts": counts, "reasons": {} if one.success else {"FAIL": {"unexpected_value": 1}}}
        fail, missing = result["unexpected_count"], result.get("missing_count") or 0
        counts["FAIL"], counts["INDETERMINATE"] = fail, missing
        counts["PASS"] = result["element_count"] - fail - missing
        reasons: dict[str, dict[str, int]] = {}
        if fail:
            reasons["FAIL"] = {"unexpected_value": fail}
            listed = result.get("unexpected_index_list") or []
            positions = [place for entry in listed for place in _places(entry)]
            setting = self._engine.setting(dataset, str(parameters["as_of"]), str(parameters["time_zone"]))
            self._engine.report(control, setting, positions, "unexpected_value")
        if missing:
            reasons["INDETERMINATE"] = {"value_missing": missing}
        return {"counts": counts, "reasons": reasons}


def sanitised(control: Mapping[str, Any]) -> dict[str, Any]:
    """A validation result without anything the data said: names, kwargs and counts."""
    tally = control["tally"]
    counts = tally.get("counts", {})
    return {
        "expectation": control["expectation"],
        "success": bool(counts) and outcome(counts).value == "compliant",
        "not_evaluated": tally.get("not_evaluated"),
        "about": tally.get("about", ""),
        "counts": counts,
        "reasons": tally.get("reasons", {}),
    }


def _own(one: Any) -> dict[str, Any]:
    if not _raised(one):
        details: dict[str, Any] = one.result["details"]
        return details
    message = _message(one)
    reason, _, about = message.partition(": ")
    if reason in NOT_EVALUATED:
        return {"not_evaluated": reason, "about": about}
    return {"not_evaluated": "engine_refused", "about": one.expectation_config.type}


def _raised(one: Any) -> bool:
    said = one.exception_info or {}
    return bool(said.get("raised_exception")) or any(
        isinstance(part, dict) and part.get("raised_exception") for part in said.values()
    )


def _message(one: Any) -> str:
    said = one.exception_info
    if "exception_message" in said:
        return str(said["exception_message"])
    return next((str(part["exception_message"]) for part in said.values() if isinstance(part, dict)), "")


def _places(entry: Any) -> list[int]:
    found = entry["position"] if isinstance(entry, dict) else entry
    return [int(place) for place in found] if isinstance(found, list) else [int(found)]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in _texts(one)]
    return [text for one in value for text in _texts(one)] if isinstance(value, list) else []
