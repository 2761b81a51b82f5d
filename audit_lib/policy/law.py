"""Law: the tables that duties are judged by; each row says where it comes from and when that was checked."""

import csv
import datetime as dt
import ipaddress
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from audit_lib.policy.explain import explained
from audit_lib.policy.models import Day, Strict, Words, a_day, a_period
from audit_lib.policy.vocabulary import Term, iri


def _a_day_or_none(text: str) -> str:
    return a_day(text) if text else text


def _a_period_or_none(text: str) -> str:
    return a_period(text) if text else text


def _a_block(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ValueError("write a CIDR block, such as 10.0.0.0/8") from None
    return text


def _a_day_of_the_year(text: str) -> str:
    try:
        # In no leap year: 29 February is no day of each year.
        dt.date.fromisoformat(f"2023-{text}")
    except ValueError:
        if not re.fullmatch(r"easter[+-][0-9]{1,3}", text):
            raise ValueError("write a month and a day, such as 05-01, or days from Easter, such as easter+39") from None
    return text


def _not_before(text: str, first: str, info: ValidationInfo) -> str:
    if text and text < info.data.get(first, ""):
        raise ValueError(f"write a day that is not before {first}")
    return text


DayOrNone = Annotated[str, AfterValidator(_a_day_or_none)]
PeriodOrNone = Annotated[str, AfterValidator(_a_period_or_none)]
Country = Annotated[str, Field(pattern=r"^([A-Z]{2}|EPO)$")]
Role = Literal["controller", "processor"]
ClausesTool = Annotated[str, Field(pattern=r"^scc_[0-9]{4}$")]


class Row(Strict):
    """What every row of the law says of itself.

    `checked`: the official text was read, or an account of it by others, or neither (common knowledge).
    `verified_on`: the last day of which we know that nothing had changed.
    """

    source: Words
    checked: Literal["official", "secondary", "unchecked"]
    verified_on: Day


class InForce(Row):
    """A row that holds from a day to another. Both days are lawful; no `valid_to`: in force."""

    valid_from: Day
    valid_to: DayOrNone

    @field_validator("valid_to")
    @classmethod
    def _in_order(cls, text: str, info: ValidationInfo) -> str:
        return _not_before(text, "valid_from", info)


class Adequacy(InForce):
    """A decision of adequacy.

    `scope`: the whole country, the part that `in_adequacy_scope` tells, the organisations on a list, or
    passenger records (never ours). `instrument`: a decision, or the bridge of an agreement.
    """

    country: Country
    instrument: Literal["decision", "bridge"]
    decision: Words
    scope: Literal["whole", "partial", "listed", "passengers"]
    covers: Words


class Eea(InForce):
    """A country or territory in which the GDPR applies as in a Member State."""

    country: Country
    name: Words


class Clauses(InForce):
    """Standard contractual clauses: for which roles, when signed and relied on; days are lawful."""

    tool: ClausesTool
    decision: Words
    module: Literal["1", "2", "3", "4", ""]
    exporter: Role
    importer: Role
    signable_from: Day
    signable_to: DayOrNone

    @field_validator("signable_to")
    @classmethod
    def _signable_in_order(cls, text: str, info: ValidationInfo) -> str:
        return _not_before(text, "signable_from", info)


class SpecialTerritory(Row):
    """A territory whose status a person must judge."""

    country: Country
    name: Words
    why: Words


class ArchiveBasis(Row):
    """A ground to keep a record after its retention. No `period`: as long as the ground lasts."""

    code: Words
    provision: Words
    period: PeriodOrNone
    clock: str
    category: str
    counterparty: Literal["any", "consumer"]


class Region(Row):
    """A place where a cloud keeps data, as its API names it (small letters and digits), and its country."""

    region: Annotated[str, Field(pattern=r"^[a-z0-9]+$")]
    name: Words
    country: Country


class SpecialAddresses(Row):
    """Addresses that no device on the public internet has."""

    block: Annotated[str, AfterValidator(_a_block)]
    name: Words


class PublicHoliday(Row):
    """A day of each year on which nobody works: a month and day, or so many days from Easter Sunday."""

    day: Annotated[str, AfterValidator(_a_day_of_the_year)]
    name: Words


class Cookie(Row):
    """Whose the cookies are that have a name, are in a domain, or both.

    `name` may end in `*`; `domain` stands for those below it too. `tool` and `purpose` may be blank: several.
    """

    name: Annotated[str, Field(pattern=r"^[^*]*\*?$")]
    domain: Annotated[str, Field(pattern=r"^(([a-z0-9-]+\.)+[a-z]+)?$")]
    provider: Words
    tool: str
    purpose: Literal["necessary", "functional", "audience", "advertising", "tracking", ""]

    @field_validator("domain")
    @classmethod
    def _of_something(cls, text: str, info: ValidationInfo) -> str:
        if not text and info.data.get("name", "?") in ("", "*"):
            raise ValueError("write a name or a domain")
        return text


class VocabularyTerm(Row):
    """A term of the Data Privacy Vocabulary, its address and its label, in the version in which it was read."""

    term: Term
    iri: str
    label: Words
    version: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+$")]

    @field_validator("iri")
    @classmethod
    def _of_the_term(cls, text: str, info: ValidationInfo) -> str:
        if "term" in info.data and text != iri(info.data["term"]):
            raise ValueError(f"write {iri(info.data['term'])}")
        return text


class Other(Row):
    """A table that we do not know: free columns beside those of every row."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow")


TABLES: dict[str, type[Row]] = {
    "adequacy": Adequacy,
    "archive_bases": ArchiveBasis,
    "azure_regions": Region,
    "clauses": Clauses,
    "cookies": Cookie,
    "dpv": VocabularyTerm,
    "eea": Eea,
    "public_holidays": PublicHoliday,
    "special_addresses": SpecialAddresses,
    "special_territories": SpecialTerritory,
}


def table(path: Path, errors: list[str]) -> list[dict[str, str]] | None:
    """Rows of a table as text; None, with a line in `errors` for each fault, when one row is wrong.

    Half a table of the law would judge as if the rest had never been in force: it is all or nothing.
    """
    kind, name = TABLES.get(path.stem, Other), f"{path.parent.name}/{path.name}"
    before = len(errors)
    rows: list[dict[str, str]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = reader.fieldnames or []
            errors.extend(f"{name}: line 1: {fault}" for fault in _header_faults(columns, kind))
            if len(errors) > before:
                return None
            for row in reader:
                if None in row or None in row.values():
                    errors.append(f"{name}: line {reader.line_num}: write {len(columns)} fields")
                    continue
                try:
                    kind.model_validate(row)
                except ValidationError as error:
                    errors.extend(f"{name}: line {reader.line_num}: {said}" for said in explained(error, kind))
                rows.append(row)
    except UnicodeDecodeError:
        errors.append(f"{name}: write it in UTF-8")
    except csv.Error:
        errors.append(f"{name}: line {reader.line_num + 1}: close the quote, double a quote inside a text")
    return rows if len(errors) == before else None


def verified_before(tables: Mapping[str, Sequence[Mapping[str, str]]], day: dt.date) -> dict[str, str]:
    """Tables with rows that nobody has verified up to `day`, and when the oldest of these was."""
    oldest = {name: min(row["verified_on"] for row in rows) for name, rows in sorted(tables.items()) if rows}
    return {name: verified for name, verified in oldest.items() if verified < day.isoformat()}


def _header_faults(columns: Sequence[str], kind: type[Row]) -> list[str]:
    faults = []
    if missing := [column for column in kind.model_fields if column not in columns]:
        faults.append(f"add {', '.join(missing)}")
    faults += [f"{column}: written twice, keep one" for column in sorted({c for c in columns if columns.count(c) > 1})]
    if kind.model_config.get("extra") == "forbid":
        faults += [f"{column}: no such column, remove it" for column in columns if column not in kind.model_fields]
    return faults
