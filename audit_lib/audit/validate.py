"""Validate: suites run by Great Expectations, one dataset after the other, and what each control showed."""

import copy
import logging
import os
from collections.abc import Mapping
from typing import Any

from audit_lib.audit.catalogue import near
from audit_lib.audit.outcome import Outcome, outcome
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


# An argument, the parameter of the policy that gives it, and what to write.
Fault = tuple[str, str | None, str]


_CURES = {
    "value_error.missing": "write it",
    "value_error.number.not_ge": "write at least {}",
    "value_error.number.not_gt": "write more than {}",
    "value_error.number.not_le": "write at most {}",
    "type_error.bool": "write true or false",
    "type_error.dict": "write fields, such as name: …",
    "type_error.float": "write a number",
    "type_error.integer": "write a whole number",
    "type_error.list": "write a list: [a, b]",
    "type_error.str": "write a text",
}


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

    def refused(self, suite: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, list[Fault]]:
        """By control, the arguments that its verb does not take: Great Expectations would drop it in silence."""
        from great_expectations.compatibility import pydantic
        from great_expectations.expectations.expectation_configuration import (
            ExpectationConfiguration,
        )
        from great_expectations.expectations.registry import (
            list_registered_expectation_implementations,
        )

        known = list_registered_expectation_implementations()
        found: dict[str, list[Fault]] = {}
        for said in suite["expectations"]:
            control, verb, kwargs = said["meta"]["control"], said["type"], dict(said["kwargs"])
            if verb not in known:
                found[control] = [(verb, None, f"no such verb{near(verb, known)}")]
                continue
            told = {
                name: value["$PARAMETER"]
                for name, value in kwargs.items()
                if isinstance(value, dict) and "$PARAMETER" in value
            }
            kwargs |= {name: parameters[parameter] for name, parameter in told.items()}
            try:
                ExpectationConfiguration(type=verb, kwargs=kwargs).to_domain_obj()
            except pydantic.ValidationError as error:
                found[control] = _faults(verb, error.errors(), told)
        return found

    def run(self, dataset: str, suite: Mapping[str, Any], parameters: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Tally of each control of the suite, by control id: counts, reasons and aggregates, or why it has none.

        The suite holds nothing that `refused` names. Raises EngineLostError.
        """
        wanted = {value for said in suite["expectations"] if is_stock(said["type"]) for value in _texts(said["kwargs"])}
        columns = self._engine.columns(dataset)
        asset = self._source.add_dataset_asset(dataset, sorted(wanted & columns.keys()))
        batch = asset.get_batch(asset.build_batch_request())
        built = self._gx.ExpectationSuite(**copy.deepcopy(dict(suite)))
        result = batch.validate(
            built, expectation_parameters=dict(parameters), result_format=copy.deepcopy(RESULT_FORMAT)
        )
        if self._engine.lost:
            raise self._engine.lost
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
        "success": outcome(tally) is Outcome.COMPLIANT,
        "not_evaluated": tally.get("not_evaluated"),
        "about": tally.get("about", ""),
        "counts": counts,
        "reasons": tally.get("reasons", {}),
    }


def _faults(verb: str, errors: list[dict[str, Any]], told: Mapping[str, str]) -> list[Fault]:
    """One fault an argument: of a choice of types, the first one's says it."""
    import audit_lib.expectations.base as verbs

    fields = sorted(verbs.VERBS[verb].__fields__) if verb in verbs.VERBS else []
    found: dict[str, Fault] = {}
    for error in errors:
        name, kind = str(error["loc"][0]), error["type"]
        if kind == "value_error.extra":
            alike = near(name, fields)
            found[name] = (name, None, f"{verb} takes no such argument{alike}")
            found.pop(alike.removeprefix(", write "), None)  # the same slip, told as a missing argument
            continue
        advice = _CURES.get(kind, str(error["msg"])).format(error.get("ctx", {}).get("limit_value"))
        parameter = None if kind == "value_error.missing" else told.get(name)
        found.setdefault(name, (".".join(map(str, error["loc"])), parameter, advice))
    return list(found.values())


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
