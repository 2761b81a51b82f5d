"""Anonymity: what an attacker could do with a table said to be anonymous, and what would prevent it."""

from collections.abc import Iterator, Mapping
from string import ascii_uppercase
from typing import Any

from markupsafe import Markup

from audit_lib.report.runs import Run
from audit_lib.report.shown import Cell, Head, Shown, joined, nothing, table
from audit_lib.report.tables.marks import icon

# Names of digests as their standards write them.
_WAYS = {
    "md5": "MD5",
    "sha1": "SHA-1",
    **{f"sha{bits}": f"SHA-{bits}" for bits in (224, 256, 384, 512)},
    **{f"sha3_{bits}": f"SHA3-{bits}" for bits in (224, 256, 384, 512)},
    "blake2b": "BLAKE2b-512",
    "blake2b_32": "BLAKE2b-256",
    "blake2s": "BLAKE2s-256",
    "crc32": "CRC-32",
    "uuid3": "UUID 3",
    "uuid5": "UUID 5",
}

# What was found, what is asked of it when anything is, and whether it holds; None: not measured or not asked.
_Row = tuple[str, str, str, str, bool | None]


def measures(run: Run) -> Shown:
    """Singling out, linkability and inference in figures, beside what is asked of them."""
    return _each(run, _measures)


def attack(run: Run) -> Shown:
    """How many ids equal a digest of a known identifier, and how many would by chance."""
    words = run.words
    pieces = [_attack(run, control.id, rows) for control, rows in run.aggregate("dictionary") if rows]
    return Shown(joined(pieces)) if pieces else nothing(words.text("tables.attack_none"))


def advice(run: Run) -> Shown:
    """The least that would have to be taken from a table for it to hide people as asked."""
    return _each(run, _advice)


def _each(run: Run, piece: Any) -> Shown:
    words = run.words
    if not run.anonymity:
        return nothing(words.text("tables.measures_none"))
    return Shown(
        joined([_unmeasured(run, one) if "not_evaluated" in one else piece(run, one) for one in run.anonymity])
    )


def _unmeasured(run: Run, one: Mapping[str, Any]) -> Markup:
    words = run.words
    return Markup('<p class="dpo-nothing"><strong>{}</strong> {} {}</p>').format(
        words.label("datasets", one["dataset"]), words.sentence("not_evaluated", one["not_evaluated"]), one["about"]
    )


def _measures(run: Run, one: Mapping[str, Any]) -> Markup:
    words = run.words
    rows = [
        [
            words.text(f"anonymity.criteria.{criterion}"),
            _named(run, name, one["thresholds"]),
            found,
            asked or "–",
            _mark(run, holds),
        ]
        for criterion, name, found, asked, holds in [
            *_singling_out(run, one),
            *_linkability(run, one),
            *_inference(run, one),
        ]
    ]
    heads = [
        Head(words.text("ui.criterion")),
        Head(words.text("ui.measure")),
        Head(words.text("ui.found"), numeric=True),
        Head(words.text("ui.asked"), numeric=True),
        Head(words.text("ui.holds")),
    ]
    given = one["thresholds"]
    caption = words.text(
        "tables.measures",
        dataset=words.label("datasets", one["dataset"]),
        columns=words.listing(list(given["quasi_identifiers"])),
        sensitive=given["sensitive"],
    )
    return table(caption, heads, rows, "measures", grouped=True) + joined(list(_left_out(run, one)))


def _left_out(run: Run, one: Mapping[str, Any]) -> Iterator[Markup]:
    """What could not be measured, and why."""
    words = run.words
    for part in ("population", "ids", "inference"):
        if why := (one[part] or {}).get("not_evaluated"):
            yield Markup('<p class="dpo-note">{}{}{} {}</p>').format(
                words.text(f"anonymity.parts.{part}"),
                words.text("ui.colon"),
                words.sentence("not_evaluated", why),
                one[part]["about"],
            )


def _named(run: Run, measure: str, given: Mapping[str, Any]) -> Markup:
    """A measure in words; `meeting:user_accounts` is of another dataset."""
    words = run.words
    name, _, other = measure.partition(":")
    label = words.text(f"anonymity.measures.{name}.label")
    if other:
        label += words.text("ui.colon") + words.label("datasets", other)
    sentence = words.text(f"anonymity.measures.{name}.sentence", share=words.percent(given["homogeneous"]))
    return Markup('{}<span class="about">{}</span>').format(label, sentence)


def _mark(run: Run, holds: bool | None) -> Cell:
    if holds is None:
        return "–"
    outcome = "compliant" if holds else "violated"
    return Markup('<span class="dpo-mark {code}">{icon}{label}</span>').format(
        code=outcome, icon=icon(outcome), label=run.words.text("ui.yes" if holds else "ui.no")
    )


def _singling_out(run: Run, one: Mapping[str, Any]) -> Iterator[_Row]:
    words, given, found = run.words, one["thresholds"], one["singling_out"]
    risk = f"≤ {words.number(given['risk'], 3)}"
    if found["k"] is not None:
        yield "singling_out", "k", words.number(found["k"]), f"≥ {given['k']}", found["k"] >= given["k"]
        yield "singling_out", "unique", words.number(found["unique"]), "0", not found["unique"]
        for name in ("prosecutor", "prosecutor_average"):
            yield "singling_out", name, _risk(run, found[name]), risk, found[name] <= given["risk"]
        yield "singling_out", "above", words.number(found["above"]), "0", not found["above"]
    everybody = one["population"]
    if everybody and everybody.get("k"):
        for name in ("journalist", "marketer"):
            yield "singling_out", name, _risk(run, everybody[name]), risk, everybody[name] <= given["risk"]
        yield "singling_out", "small", words.number(everybody["small"]), "0", not everybody["small"]


def _linkability(run: Run, one: Mapping[str, Any]) -> Iterator[_Row]:
    words, ids = run.words, one["ids"]
    for each in one["reversals"]:
        if each["digests"] and not each["tried"]:
            few = words.text("anonymity.too_few", digests=words.number(each["digests"]))
            yield "linkability", each["space"], few, "0", None
        elif each["digests"]:
            tried = words.text("anonymity.tried", share=words.percent(each["tried"] / each["size"]))
            yield (
                "linkability",
                each["space"],
                f"{words.number(each['undone'])} ({tried})",
                "0",
                False if each["undone"] else None,
            )
    risk = one["thresholds"]["risk"]
    for each in one["meetings"]:
        if each["records"]:
            share = each["met"] / each["records"]
            chance = words.text("anonymity.chance", share=words.percent(each["by_chance"] / each["records"]))
            name = f"meeting:{each['dataset']}"
            yield "linkability", name, f"{words.percent(share)} ({chance})", f"≤ {words.percent(risk)}", share <= risk
    if "not_evaluated" in ids:
        return
    yield "linkability", "lasting", words.number(ids["lasting"]), "0", not ids["lasting"]
    yield "linkability", "time_bearing", words.number(ids["time_bearing"]), "0", not ids["time_bearing"]
    if (order := ids["rank_correlation"]) is not None:
        limit = one["thresholds"]["id_order"]
        yield "linkability", "order", words.number(order), f"< {words.number(limit)}", abs(order) < limit


def _inference(run: Run, one: Mapping[str, Any]) -> Iterator[_Row]:
    words, given, found = run.words, one["thresholds"], one["inference"]
    if "not_evaluated" in found or found["l"] is None:
        return
    yield "inference", "l", words.number(found["l"]), f"≥ {given['l']}", found["l"] >= given["l"]
    far = round(found["t"], 9) > given["t"]
    yield "inference", "t", words.number(found["t"], 3), f"≤ {words.number(given['t'], 3)}", not far
    yield "inference", "homogeneous", words.number(found["homogeneous"]), "0", not found["homogeneous"]
    for name in ("l_entropy", "c", "alpha", "beta", "beta_enhanced", "delta"):
        value = found[name]
        yield "inference", name, "–" if value is None else words.number(value), "", None


def _risk(run: Run, value: float) -> str:
    """Three decimals, which tell 0.09 from 1/11; less is told as such."""
    return f"< {run.words.number(0.001, 3)}" if 0 < value < 0.001 else run.words.number(value, 3)


def _attack(run: Run, control: str, rows: list[dict[str, Any]]) -> Markup:
    words = run.words
    heads = [
        Head(words.text("ui.way")),
        Head(words.text("ui.digits"), numeric=True),
        Head(words.text("ui.ids_compared"), numeric=True),
        Head(words.text("ui.by_chance"), numeric=True),
        Head(words.text("ui.found"), numeric=True),
    ]
    hashed = [row for row in rows if row["digest"] not in ("any", "same")]
    none = [row for row in rows if row["digest"] == "any"]
    same = [row for row in rows if row["digest"] == "same"]
    lines: list[list[Cell]] = [
        [words.text("anonymity.in_clear"), "–", "–", "–", words.number(row["found"])] for row in same
    ]
    lines += [
        [
            _way(run, row["digest"]),
            words.number(row["bits"] // 4),
            words.number(row["ids"]),
            _chance(run, row["ids"] * row["candidates"] / 2 ** row["bits"]),
            words.number(row["found"]),
        ]
        for row in hashed
    ]
    found = sum(row["found"] for row in (*same, *hashed) if row["beyond"])
    expected = sum(row["ids"] * row["candidates"] / 2 ** row["bits"] for row in none)
    caption = words.text(
        "tables.attack",
        control=run.title(control),
        ids=words.count("ids", sum(row["ids"] for row in none)),
        candidates=words.number(max((row["candidates"] for row in none), default=0)),
        found=words.number(found),
        chance=_chance(run, expected),
    )
    return table(caption, heads, lines, "attack")


def _way(run: Run, digest: str) -> Cell:
    """`md5:before:2` is MD5 of the third salt and the text."""
    name, *rest = digest.split(":")
    if rest and rest[0] in ("before", "after"):
        return f"{_WAYS.get(name, name)}, {run.words.text(f'anonymity.salt_{rest[0]}')}"
    return " ".join([_WAYS.get(name, name), *(part.upper() for part in rest)])


def _chance(run: Run, expected: float) -> str:
    return f"< {run.words.number(0.01)}" if expected < 0.01 else run.words.number(expected)


def _advice(run: Run, one: Mapping[str, Any]) -> Markup:
    words, found = run.words, one["advice"]
    name = words.label("datasets", one["dataset"])
    if found is None:
        return nothing(words.text("tables.advice_nothing", dataset=name)).html
    if not found["least"]:
        return nothing(words.text("tables.advice_none", dataset=name)).html
    columns = found["columns"]
    heads = [
        Head(words.text("ui.option")),
        *(Head(column) for column in columns),
        Head(words.text("ui.left_out"), numeric=True),
        Head(words.text("ui.smallest_group"), numeric=True),
        Head(words.text("ui.lost"), numeric=True),
    ]
    named = zip(ascii_uppercase, found["least"], strict=False)
    rows: list[list[Cell]] = [
        [
            option,
            *(words.text(f"anonymity.levels.{kind}.{way['levels'][column]}") for column, kind in columns.items()),
            f"{words.number(way['out'])} ({words.percent(way['out'] / max(found['people'], 1))})",
            "–" if way["k"] is None else words.number(way["k"]),
            words.percent(way["loss"]),
        ]
        for option, way in ((words.text("ui.today"), found["now"]), *named)
    ]
    notes = []
    if "lasting" in one["ids"]:
        ids = one["ids"]["lasting"]
        notes.append(words.text(f"tables.advice_ids{'' if ids else '_none'}", ids=words.count("ids", ids)))
    if found["share"] < 1:
        notes.append(words.text("tables.advice_share", share=words.percent(found["share"])))
    if not found["whole"]:
        notes.append(words.text("tables.advice_more"))
    return table(words.text("tables.advice", dataset=name), heads, rows, "advice") + joined(
        [Markup('<p class="dpo-note">{}</p>').format(note) for note in notes]
    )
