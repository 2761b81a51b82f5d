"""Explain: what pydantic refuses, as lines that say which field and what to write, never the value."""

import difflib
import types
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from audit_lib.policy.vocabulary import PATTERN, PREFIXES


def explained(error: ValidationError, kind: type[BaseModel]) -> list[str]:
    """A line for each error, in the order of the fields."""
    lines = []
    for one in error.errors(include_input=False, include_url=False):
        where, field = one["loc"], ".".join(str(part) for part in one["loc"] if part != "[key]")
        line = f"{field}: {_cure(str(one['type']), one.get('ctx', {}), one['msg'], where, kind)}"
        if line not in lines:
            lines.append(line)
    return lines


def _cure(fault: str, context: dict[str, Any], message: str, where: tuple[Any, ...], kind: type[BaseModel]) -> str:
    match fault:
        case "missing":
            return "write it"
        case "extra_forbidden":
            near = difflib.get_close_matches(str(where[-1]), _fields(kind, where[:-1]), n=1)
            return f"no such field, write {near[0]}" if near else "no such field, remove it"
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"write {str(context['expected']).replace(chr(39), '')}"
        case "string_type":
            return "write a text, in quotes if it looks like a number"
        case "string_pattern_mismatch":
            return _PATTERNS.get(context["pattern"], f"write what matches {context['pattern']}")
        case "too_short":
            return "write at least one"
        case "list_type":
            return "write a list: [a, b]"
        case "dict_type" | "model_type":
            return "write fields, such as name: …"
    return message[0].lower() + message[1:]


_PATTERNS = {
    r"\S": "write it",
    r"^[a-z][a-z0-9_]*$": "write small letters, digits and _, a letter first",
    r"^[0-9]+(\.[0-9]+)*$": "write a clause number, such as 5.2.1",
    r"^PF-[0-9]{2,}$": "write PF-01, PF-02 …",
    r"^scc_[0-9]{4}$": "write scc_ and a year, such as scc_2021",
    r"^[^*]*\*?$": "write a name, with * at its end where names differ",
    r"^(([a-z0-9-]+\.)+[a-z]+)?$": "write a domain, such as doubleclick.net, without a dot before it",
    r"^[a-z0-9]+$": "write small letters and digits, such as westeurope",
    r"^([A-Z]{2}|EPO)$": "write an ISO 3166-1 alpha-2 code",
    r"^[0-9]+\.[0-9]+$": "write a version, such as 2.3",
    PATTERN: f"write a term such as dpv:StorageDuration; prefixes are {', '.join(PREFIXES)}",
}


def _fields(kind: type[BaseModel], where: tuple[Any, ...]) -> list[str]:
    """Names of the fields at a place inside a model."""
    found: Any = kind
    for part in where:
        model = _model_in(found)
        found = model.model_fields[part].annotation if model and part in model.model_fields else found
    model = _model_in(found)
    return list(model.model_fields) if model else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation holds, itself or inside a list, a mapping or a choice."""
    if isinstance(annotation, type) and not get_origin(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    if get_origin(annotation) in (list, dict, Annotated, Union, types.UnionType):
        return next((model for one in get_args(annotation) if (model := _model_in(one))), None)
    return None
