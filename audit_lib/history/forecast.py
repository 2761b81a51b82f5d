"""Forecast: what falls due in the months after a run, and what lapses in them, from what the run holds."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

Rows = Iterable[Mapping[str, Any]]
# Countries and organisations that are adequate, wholly, in part or by a list.
_ADEQUATE = ("adequacy", "partial_adequacy", "dpf")


@dataclass(frozen=True)
class Due:
    """Records of one control by the month of their last lawful day: a record of April is a breach from the day after
    its own day on, so one whose day is 30 April is a breach on 1 May and counts in April.

    `months`: by verdict, then by month (YYYY-MM), those of the forecast. `overdue`: FAIL, the last lawful day past.
    `later`: PASS, the last lawful day after those months.
    """

    control_id: str
    overdue: int
    months: Mapping[str, Mapping[str, int]]
    later: int

    @property
    def coming(self) -> Mapping[str, int]:
        """Records that pass today, by month: no other verdict is among them."""
        return self.months.get("PASS", {})


@dataclass(frozen=True)
class Ground:
    """A ground for transfers whose last day comes in these months.

    `flows`: by verdict, those that rely on it today and go on after it; `uncovered`: how many of those that PASS are
    covered by nothing else that is proven on the day after. Both None where the register was not judged.
    """

    basis: str
    country: str | None
    decisions: Sequence[str]
    until: str
    flows: Mapping[str, int] | None
    uncovered: int | None


@dataclass(frozen=True)
class Ending:
    """What a column of the exports says will end, by month of the last day on which it holds.

    `not_evaluated`: the reason code where nothing could be counted, `about` what it is about.
    """

    dataset: str
    column: str
    months: Mapping[str, int]
    later: int
    undated: int
    not_evaluated: str | None = None
    about: str = ""


@dataclass(frozen=True)
class Forecast:
    """From the day of the run (`first`) to the last day of the last month; `months` in order, as YYYY-MM.

    `law`: None without a table of adequacy decisions; `transfers_judged`: whether flows could be counted; `exports`:
    None where the run does not say what its exports say.
    """

    first: dt.date
    last: dt.date
    months: Sequence[str]
    due: Sequence[Due]
    law: Sequence[Ground] | None
    transfers_judged: bool
    exports: Sequence[Ending] | None


def forecast(
    aggregates: Rows,
    lapses: Rows | None,
    law: Mapping[str, Sequence[Mapping[str, str]]],
    *,
    today: dt.date,
    months: int,
) -> Forecast:
    """What comes in the rest of the month of `today`, and in so many whole months after it.

    `aggregates`, `lapses`: rows of aggregates.json and lapses.json; `law`: the tables of the run's policy, by name.
    """
    names = [_month(today, place) for place in range(months + 1)]
    last = dt.date.fromisoformat(f"{_month(today, months + 1)}-01") - dt.timedelta(days=1)
    tables = list(aggregates)
    return Forecast(
        first=today,
        last=last,
        months=names,
        due=due(tables, today, last),
        law=grounds(tables, law, today, last) if "adequacy" in law else None,
        transfers_judged=_relied(tables) is not None,
        exports=None if lapses is None else endings(lapses, last),
    )


def due(aggregates: Rows, today: dt.date, last: dt.date) -> list[Due]:
    """Of each control with records that fall due some day, in order of its id."""
    found: dict[str, Counter[tuple[str, str]]] = {}
    for table in aggregates:
        if table["name"] == "due_by_day":
            days = found.setdefault(table["control_id"], Counter())
            days.update({(day, verdict): n for day, verdict, n in table["rows"]})
    return [_due(control, days, today.isoformat(), last.isoformat()) for control, days in sorted(found.items()) if days]


def grounds(
    aggregates: Rows, law: Mapping[str, Sequence[Mapping[str, str]]], today: dt.date, last: dt.date
) -> list[Ground]:
    """Decisions of adequacy that end, whether a flow relies on them or not, and the other grounds of flows that end."""
    relied = _relied(aggregates)
    ends: dict[tuple[str, str, str | None], list[str]] = {}
    for row in law.get("adequacy", []):
        if row["scope"] != "passengers":
            ends.setdefault((row["valid_to"], "adequacy", row["country"]), []).append(row["decision"])
    flows: dict[tuple[str, str, str | None], list[Mapping[str, Any]]] = {}
    for row in relied or []:
        place = row["until"], "adequacy", row["country"]
        if row["basis"] not in _ADEQUATE or place not in ends:
            place = row["until"], row["basis"], row["country"]
            ends.setdefault(place, [])
            if row["tool"]:
                ends[place] += [one for one in _versions(law, row["tool"]) if one not in ends[place]]
        flows.setdefault(place, []).append(row)
    return [
        _ground(place, decisions, None if relied is None else flows.get(place, []))
        for place, decisions in sorted(ends.items(), key=lambda one: (one[0][0], one[0][1], one[0][2] or ""))
        if today.isoformat() <= place[0] <= last.isoformat()
    ]


def endings(lapses: Rows, last: dt.date) -> list[Ending]:
    """One a column, in the order of the policy."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in lapses:
        found.setdefault((row["dataset"], row["column"]), []).append(row)
    return [_ending(*place, rows, last.isoformat()) for place, rows in found.items()]


def _month(day: dt.date, after: int) -> str:
    """The month that comes so many months after the one of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 + after, 12)
    return f"{year:04}-{month + 1:02}"


def _due(control: str, days: Counter[tuple[str, str]], today: str, last: str) -> Due:
    months: dict[str, dict[str, int]] = {}
    for (day, verdict), records in sorted(days.items()):
        if today <= day <= last:
            of_verdict = months.setdefault(verdict, {})
            of_verdict[day[:7]] = of_verdict.get(day[:7], 0) + records
    return Due(
        control,
        overdue=sum(n for (day, verdict), n in days.items() if verdict == "FAIL" and day < today),
        months=months,
        later=sum(n for (day, verdict), n in days.items() if verdict == "PASS" and day > last),
    )


def _relied(aggregates: Rows) -> list[dict[str, Any]] | None:
    """The rows of one control: the others that judge transfers say the same of grounds. None: none was judged."""
    for table in aggregates:
        if table["name"] == "reliance":
            return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
    return None


def _versions(law: Mapping[str, Sequence[Mapping[str, str]]], tool: str) -> list[str]:
    """The decisions of a version, each once: a row is one of its modules."""
    return list(dict.fromkeys(row["decision"] for row in law.get("clauses", []) if row["tool"] == tool))


def _ground(
    place: tuple[str, str, str | None], decisions: Sequence[str], flows: Sequence[Mapping[str, Any]] | None
) -> Ground:
    until, basis, country = place
    if flows is None:
        return Ground(basis, country, decisions, until, None, None)
    by_verdict: Counter[str] = Counter()
    for row in flows:
        by_verdict[row["verdict"]] += row["flows"]
    return Ground(
        basis,
        country,
        decisions,
        until,
        dict(by_verdict),
        sum(row["uncovered"] for row in flows if row["verdict"] == "PASS"),
    )


def _ending(dataset: str, column: str, rows: Sequence[Mapping[str, Any]], last: str) -> Ending:
    if reason := rows[0].get("not_evaluated"):
        return Ending(dataset, column, {}, 0, 0, reason, rows[0]["about"])
    dated = sorted((row["ends_on"], row["records"]) for row in rows if row["ends_on"])
    months: Counter[str] = Counter()
    for day, records in takewhile(lambda one: one[0] <= last, dated):
        months[day[:7]] += records
    return Ending(
        dataset,
        column,
        dict(months),
        later=sum(n for day, n in dated if day > last),
        undated=sum(row["records"] for row in rows if not row["ends_on"]),
    )
