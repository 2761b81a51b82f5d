"""Suites: Great Expectations suites and the catalogue, derived from the controls."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from audit_lib.policy import Control, PolicyFolder, clause_order

# How Great Expectations grades; the control's own severity travels in `meta`.
_GX_SEVERITY = {"critical": "critical", "high": "critical", "medium": "warning", "low": "info"}
STOCK_PREFIX = "expect_column"


def derive(folder: PolicyFolder) -> dict[str, str]:
    """Text of each derived file by its path in the folder: one suite a dataset, the catalogue in two languages."""
    files = {
        f"suites/{dataset}.json": json.dumps(suite(folder, dataset, controls), ensure_ascii=False, indent=2) + "\n"
        for dataset, controls in by_dataset(folder.controls).items()
    }
    for language in ("fr", "en"):
        files[f"CATALOGUE.{language}.md"] = catalogue(folder, language)
    return files


def by_dataset(controls: tuple[Control, ...]) -> dict[str, list[Control]]:
    """Controls by the datasets they judge, both in order of name."""
    found: dict[str, list[Control]] = {}
    for control in controls:
        for dataset in control.judged:
            found.setdefault(dataset, []).append(control)
    return dict(sorted(found.items()))


def suite(folder: PolicyFolder, dataset: str, controls: list[Control]) -> dict[str, Any]:
    """A suite as Great Expectations stores it; run-time values stand as `$PARAMETER`."""
    return {
        "name": dataset,
        "meta": {
            "policy": folder.policy.policy.version,
            "derived_from": [f"controls/{c.family}/{c.id}.yaml" for c in controls],
        },
        "notes": None,
        "expectations": [_expectation(folder, control, dataset) for control in controls],
    }


def kwargs(folder: PolicyFolder, control: Control, dataset: str) -> dict[str, Any]:
    """Arguments of the control's verb for a dataset that it judges: `$name` becomes a list of policy.yaml, or a
    parameter given at run time.
    """
    return {name: _resolved(folder, value) for name, value in control.judged[dataset].items()}


def verb(control: Control) -> str:
    [name] = control.expect
    return name


def parameters_of(control: Control) -> frozenset[str]:
    """The names that the control's arguments write as `$name`."""
    return frozenset(_named([control.expect, control.judges]))


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("$"):
        yield value[1:]
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _named(one)


def drifted(folder: PolicyFolder, root: Path) -> list[str]:
    """Derived files that are missing or differ from what the controls say."""
    found = []
    for name, text in derive(folder).items():
        path = root / name
        if not path.is_file() or path.read_text("utf-8") != text:
            found.append(name)
    known = {Path(name).name for name in derive(folder)}
    return found + [
        f"suites/{path.name}" for path in sorted((root / "suites").glob("*.json")) if path.name not in known
    ]


def unedited(derived: Mapping[str, Any], path: Path) -> tuple[set[str], bool]:
    """Controls whose expectation is stored as derived, and whether the stored suite differs elsewhere too.

    A control that is stored and no longer derived while its file is there is a control that cannot be read.
    """
    try:
        stored = json.loads(path.read_text("utf-8"))
        found = {one["meta"]["control"]: one for one in stored["expectations"]}
        frame = {**stored, "expectations": [], "meta": {**stored["meta"], "derived_from": []}}
    except (OSError, ValueError, LookupError, TypeError):
        return set(), True
    wanted = {one["meta"]["control"]: one for one in derived["expectations"]}
    same = {name for name, one in wanted.items() if found.get(name) == one}
    there = {one.stem for one in path.parent.parent.glob("controls/*/*.yaml")}
    plain = {**derived, "expectations": [], "meta": {**derived["meta"], "derived_from": []}}
    return same, same != wanted.keys() or frame != plain or bool(found.keys() - wanted.keys() - there)


def write(folder: PolicyFolder, root: Path) -> list[str]:
    """Writes the derived files, removes suites that no control feeds; the names that changed."""
    changed = drifted(folder, root)
    texts = derive(folder)
    (root / "suites").mkdir(exist_ok=True)
    for name in changed:
        if name in texts:
            (root / name).write_text(texts[name], "utf-8")
        else:
            (root / name).unlink()
    return changed


def catalogue(folder: PolicyFolder, language: str) -> str:
    """Every control in words, by clause: what a reader who knows neither YAML nor Python can check."""
    said = _CATALOGUE[language]
    lines = [f"# {said['title']} – {getattr(folder.policy.policy.title, language)}", "", said["derived"], ""]
    clause = ""
    for control in sorted(folder.controls, key=lambda c: (clause_order(c.clause), c.id)):
        if control.clause != clause:
            clause = control.clause
            lines += [f"## {clause} – {_clause_title(folder.policy.clauses, clause, language)}", ""]
        legal = "; ".join(
            f"[{getattr(cite.cite, language)}]({cite.url})" if cite.url else getattr(cite.cite, language)
            for cite in control.legal
        )
        lines += [
            f"### {getattr(control.title, language)}",
            "",
            getattr(control.statement, language),
            "",
            f"- {said['id']}: `{control.id}` · {said['layer'][control.layer]} · {said['severity'][control.severity]}",
            f"- {said['data']}: {', '.join(f'`{name}`' for name in control.datasets)}",
            f"- {said['verb']}: `{verb(control)}`",
            f"- {said['legal']}: {legal}",
            f"- {said['remedy']}: {getattr(control.remedy, language)}",
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _expectation(folder: PolicyFolder, control: Control, dataset: str) -> dict[str, Any]:
    name = verb(control)
    frame: dict[str, Any] = {}
    if not is_stock(name):
        frame = {
            "as_of": {"$PARAMETER": "as_of"},
            "time_zone": {"$PARAMETER": "time_zone"},
            "control": control.id,
        }
    return {
        "type": name,
        "kwargs": {**frame, **kwargs(folder, control, dataset)},
        "meta": {
            "control": control.id,
            "clause": control.clause,
            "layer": control.layer,
            "family": control.family,
            "severity": control.severity,
        },
        "notes": control.statement.en,
        "severity": _GX_SEVERITY[control.severity],
    }


def is_stock(name: str) -> bool:
    """Great Expectations' own verbs are about columns and tables; the audit's are about records."""
    return name.startswith((STOCK_PREFIX, "expect_table", "expect_multicolumn", "expect_compound"))


def _resolved(folder: PolicyFolder, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _resolved(folder, one) for key, one in value.items()}
    if isinstance(value, list):
        return [_resolved(folder, one) for one in value]
    if not (isinstance(value, str) and value.startswith("$")):
        return value
    name = value[1:]
    if name in folder.policy.parameters:
        return {"$PARAMETER": name}
    found: Any = folder.policy.lists
    for step in name.split("."):
        found = found[step]
    return found


def _clause_title(clauses: Mapping[str, Any], clause: str, language: str) -> str:
    return getattr(clauses[clause], language) if clause in clauses else ""


_CATALOGUE: dict[str, dict[str, Any]] = {
    "fr": {
        "title": "Catalogue des contrôles",
        "derived": "Fichier dérivé des contrôles par `dpo-audit suites` : modifier les fichiers YAML, pas celui-ci.",
        "id": "Identifiant",
        "data": "Données",
        "verb": "Vérification",
        "legal": "Fondement",
        "remedy": "Que faire",
        "layer": {"policy": "promesse de la politique", "law": "exigence de la loi"},
        "severity": {"critical": "critique", "high": "élevée", "medium": "moyenne", "low": "faible"},
    },
    "en": {
        "title": "Catalogue of controls",
        "derived": "Derived from the controls by `dpo-audit suites`: change the YAML files, not this one.",
        "id": "Id",
        "data": "Data",
        "verb": "Check",
        "legal": "Legal basis",
        "remedy": "What to do",
        "layer": {"policy": "promise of the policy", "law": "requirement of the law"},
        "severity": {"critical": "critical", "high": "high", "medium": "medium", "low": "low"},
    },
}
