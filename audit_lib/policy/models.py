"""Models: what the policy folder may say; the fields are the documentation."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from audit_lib.policy.periods import PeriodError, parts
from audit_lib.policy.vocabulary import Term


class Strict(BaseModel):
    """Nothing but the fields, of their own types, never changed."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


def a_day(text: str) -> str:
    """The text, if it is a date; raises ValueError otherwise."""
    try:
        written = dt.date.fromisoformat(text).isoformat()
    except ValueError:
        written = None
    if written != text:
        raise ValueError("write YYYY-MM-DD")
    return text


def a_period(text: str) -> str:
    """The text, if it is an ISO 8601 period; raises ValueError otherwise."""
    parts(text)
    return text


def _a_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (LookupError, ValueError, OSError):
        raise ValueError("write an IANA name, such as Europe/Paris") from None
    return text


def _a_web_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s\"'<>()]+", text):
        raise ValueError("write an address that begins with https://, or leave it out")
    return text


def _a_reference(text: Any) -> str:
    # Without quotes YAML reads sixteen decimal digits as a number.
    if not re.fullmatch("[0-9a-f]{16}", written := str(text)):
        raise ValueError("write the 16 hexadecimal digits of a record_ref, in quotes")
    return written


Reference = Annotated[str, BeforeValidator(_a_reference)]
Day = Annotated[str, AfterValidator(a_day)]
Period = Annotated[str, AfterValidator(a_period)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Clause = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$")]
Words = Annotated[str, Field(pattern=r"\S")]
Severity = Literal["critical", "high", "medium", "low"]


class Text(Strict):
    """The same words in both languages."""

    fr: Words
    en: Words


def clause_order(clause: str) -> tuple[tuple[int, str], ...]:
    """2.3 before 10.1: by number, then by letter."""
    return tuple((int(part) if part.isdigit() else 0, part) for part in clause.split("."))


class Citation(Strict):
    """A provision of the law, and where to read it."""

    cite: Text
    url: Annotated[str, AfterValidator(_a_web_address)] | None = None


class Control(Strict):
    """One duty and the expectation that shows whether it is met.

    `id` is the file's name, `family` the folder's. `datasets`: all that the duty needs, the judged one first.
    `expect`: one verb and its kwargs; a kwarg written `$name` is a parameter or a list of policy.yaml. `judges`: when
    records of several datasets, or of another one, are judged: the kwargs of each, beside those of `expect`.
    `dpv`: what the duty is about, in the words of the W3C Data Privacy Vocabulary.
    """

    id: Name
    title: Text
    statement: Text
    remedy: Text
    clause: Clause
    layer: Literal["policy", "law"]
    family: Name
    severity: Severity
    legal: list[Citation] = Field(min_length=1)
    dpv: list[Term] = []
    dataset: Name
    datasets: list[Name] = Field(min_length=1)
    expect: dict[Name, dict[Name, Any]]
    judges: dict[Name, dict[Name, Any]] = {}

    @field_validator("expect")
    @classmethod
    def _one_verb(cls, expect: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        if len(expect) != 1:
            raise ValueError("write one verb")
        return expect

    @field_validator("dpv")
    @classmethod
    def _once(cls, terms: list[str]) -> list[str]:
        if twice := sorted({term for term in terms if terms.count(term) > 1}):
            raise ValueError(f"{', '.join(twice)}: written twice, keep one")
        return terms

    @field_validator("expect", "judges")
    @classmethod
    def _periods(cls, said: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        for name, value in (one for kwargs in said.values() for one in kwargs.items()):
            wanted = name == "period" or name.endswith(("_period", "_window"))
            if wanted and not (isinstance(value, str) and (value.startswith("$") or _is_period(value))):
                raise ValueError(f"{name}: write P3Y, P13M or P30D")
        return said

    @property
    def judged(self) -> dict[str, dict[str, Any]]:
        """Each dataset whose records are judged, with the kwargs of its expectation."""
        [kwargs] = self.expect.values()
        return {name: {**kwargs, **own} for name, own in (self.judges or {self.dataset: {}}).items()}

    def needs(self, judged: str) -> list[str]:
        """The datasets without which the records of `judged` cannot be judged: not the others that are judged."""
        return [name for name in self.datasets if name == judged or name not in self.judged]


class Parameter(Strict):
    """A choice that the policy leaves open: its value, why, and who in the company agreed.

    `interpretation`: the reading of an unclear promise. `default`: a threshold that the policy does not give.
    A text that begins like a period or a date is one.
    """

    value: bool | int | float | str | list[str] | dict[str, list[str]]
    why: Text
    ruling: Literal["interpretation", "default"]
    approved_by: Words | None

    def read(self, text: str) -> Any:
        """`text` as another value of the same kind; lists are written with commas. Raises ValueError: what to write."""
        return read_as(self.value, text)

    @field_validator("value", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        if not _is_value(value):
            raise ValueError(
                "write a number above 0, a word, a list of words, a period such as P3Y or a date such as 2026-01-20"
            )
        return value


class Company(Strict):
    """Who made the promises."""

    name: Words
    product: Words | None = None
    dpo: Words | None = None


class Document(Strict):
    """The privacy policy itself; `document` names the file or page that holds its text."""

    title: Text
    version: Words
    in_force_since: Day
    document: Words | None = None


class Population(Strict):
    """Everybody who could be in a table: a dataset, and for a quasi-identifier of the table the column that says the
    same there.
    """

    dataset: Name
    columns: dict[str, str] = Field(min_length=1)


Kind = Literal["address", "time", "country", "text"]
# What a field of Anonymised holds, itself or as `$name` of a parameter, and what to write.
_HELD: dict[str, tuple[Callable[[Any], bool], str]] = {
    "columns": (
        lambda it: isinstance(it, list) and bool(it) and all(isinstance(one, str) for one in it),
        "a list of columns: [a, b]",
    ),
    "column": (lambda it: isinstance(it, str) and bool(it.strip()), "a column"),
    "size": (lambda it: type(it) is int and it >= 1, "a whole number above 0"),
    "share": (lambda it: type(it) in (int, float) and 0 <= it <= 1, "a number from 0 to 1"),
}


def _held(kind: str) -> AfterValidator:
    def held(value: Any) -> Any:
        if not _name_of(value) and not _HELD[kind][0](value):
            raise ValueError(f"write {_HELD[kind][1]}, or $ and the name of a parameter")
        return value

    return AfterValidator(held)


Columns = Annotated[Any, _held("columns"), "columns"]
Column = Annotated[Any, _held("column"), "column"]
Size = Annotated[Any, _held("size"), "size"]
Share = Annotated[Any, _held("share"), "share"]


def _name_of(value: Any) -> str:
    """The parameter that `$name` names; nothing where it is a value."""
    return value[1:] if isinstance(value, str) and value.startswith("$") else ""


class Anonymised(Strict):
    """A table that should be anonymous, and how far it is measured to be; what is written `$name` is a parameter.

    `individual`: the column that tells people apart; a record with a `count` stands for that many. `at`: when.
    `generalise`: the columns that could hold less, each with its kind; `suppression`: the share of people whom it may
    leave out instead. `risk`: the largest that is accepted; `homogeneous`: the share of
    one sensitive value beyond which a class gives it away; `id_order`: the largest correlation between ids and time.
    `enumerable`: columns whose digests may be of so few texts that all can be tried, and of which.
    `events`: datasets of known people and when something was done; within `near` seconds of one alone, it names whose a
    record is.
    """

    individual: Words
    at: Words | None = None
    count: Words | None = None
    quasi_identifiers: Columns
    sensitive: Column
    k: Size
    l: Size  # noqa: E741 - the statistic's own name
    t: Share
    risk: Share
    homogeneous: Share
    id_order: Share
    suppression: Share = 0.0
    population: Population | None = None
    generalise: dict[Words, Kind] = {}
    enumerable: dict[Words, Literal["ipv4", "french_mobile"]] = {}
    events: dict[Name, Words] = {}
    near: Size = 60

    def given(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Every field, with the values of the parameters that it names."""
        fields = self.model_dump()
        return {name: parameters[_name_of(value)] if _name_of(value) else value for name, value in fields.items()}

    def named(self) -> list[str]:
        """The parameters that it takes."""
        return [_name_of(value) for value in self.model_dump().values() if _name_of(value)]

    def wrong(self, parameters: Mapping[str, Any]) -> list[str]:
        """Which fields name a parameter that is not there, or holds something else; a line each, with what to write."""
        lines = []
        for field, value in self.model_dump().items():
            name = _name_of(value)
            kind = next((one for one in type(self).model_fields[field].metadata if one in _HELD), None)
            if name and kind is None:
                lines.append(f"{field}: write a column: it takes no parameter")
            elif name and name not in parameters:
                lines.append(f"{field}: {name}: policy.yaml has no such parameter")
            elif name and kind and not _HELD[kind][0](parameters[name]):
                lines.append(f"{field}: {name} holds something else: write {_HELD[kind][1]}")
        return lines


class Lapse(Strict):
    """A column that tells when something ends: what, and the clause that it touches.

    `renewed`: a column that is true where it goes on all the same.
    """

    what: Text
    clause: Clause
    renewed: Name | None = None


class Policy(Strict):
    """policy.yaml: the promises' frame, what was chosen where they are silent, and what they list.

    `lists` hold what the text itself declares, by name; values are lists, or mappings of lists. `not_testable`: the
    clauses that no export can show to be kept, and why. `anonymised`: the datasets that should be anonymous.
    `lapses`: by dataset and column, what ends on a day that the exports tell.
    """

    company: Company
    policy: Document
    language: Literal["fr", "en"]
    time_zone: Annotated[str, AfterValidator(_a_zone)]
    parameters: dict[Name, Parameter]
    lists: dict[Name, list[Any] | dict[str, Any]]
    clauses: dict[Clause, Text] = Field(min_length=1)
    not_testable: dict[Clause, Text] = Field(default_factory=dict)
    anonymised: dict[Name, Anonymised] = Field(default_factory=dict)
    lapses: dict[Name, Annotated[dict[Name, Lapse], Field(min_length=1)]] = Field(default_factory=dict)


class Evidence(Strict):
    """What the exports show of a finding: records of a control with these verdicts, for these reasons when given.

    `says` may hold {records}, {population} and {share}. `aggregate` names a small table of the control instead.
    """

    control: Name
    verdicts: list[Literal["PASS", "FAIL", "EXEMPT", "INDETERMINATE", "REVIEW"]] = ["FAIL"]
    reasons: list[Name] = []
    aggregate: Name | None = None
    says: Text

    @field_validator("says")
    @classmethod
    def _holes(cls, says: Text) -> Text:
        for text in (says.fr, says.en):
            try:
                text.format(records="", population="", share="")
            except (LookupError, ValueError, AttributeError):
                raise ValueError("write {records}, {population} or {share} and no other braces") from None
        return says


class Finding(Strict):
    """A contradiction or a gap in the policy's own text, how to mend it, and what the exports show of it."""

    id: Annotated[str, Field(pattern=r"^PF-[0-9]{2,}$")]
    title: Text
    why: Text
    remedy: Text
    clause: Clause
    severity: Literal["critical", "high", "medium", "low", "info"]
    evidence: list[Evidence] = []


class AcceptedException(Strict):
    """Findings of a control that somebody answers for until a day: they stay findings, and nothing is left to do.

    `records`: their references. In force from `approved_on` to `expires_on`, the last day; then they come back.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    control: Name
    records: list[Reference] = Field(min_length=1)
    reason: Words
    approved_by: Words
    approved_on: Day
    expires_on: Day

    @field_validator("expires_on")
    @classmethod
    def _in_order(cls, day: str, said: ValidationInfo) -> str:
        if day < said.data.get("approved_on", day):
            raise ValueError("write a day that is not before approved_on")
        return day

    def state(self, day: dt.date) -> Literal["to_come", "in_force", "expired"]:
        """What it is on that day, in the policy's time zone."""
        on = day.isoformat()
        return "to_come" if on < self.approved_on else "expired" if on > self.expires_on else "in_force"


_KINDS = {
    bool: "true or false",
    int: "a whole number above 0",
    float: "a number above 0",
    str: "a value of the same kind",
    list: "words with commas",
}


def read_as(like: Any, text: str) -> Any:
    """`text` as a value of the kind of `like`; lists are written with commas. Raises ValueError: what to write."""
    kind = type(like)
    if kind not in _KINDS:
        raise ValueError("it holds fields, change it in policy.yaml")
    shown = ",".join(like) if isinstance(like, list) else like
    try:
        value = _converted(like, text)
    except ValueError:
        value = None
    if value is None or not _is_value(value):
        example = "" if kind is bool else f", such as {shown}"
        raise ValueError(f"write {_KINDS[kind]}{example}")
    return value


def _converted(like: Any, text: str) -> Any:
    """`text` read as what `like` is. Raises ValueError."""
    if isinstance(like, bool):
        return {"true": True, "false": False}.get(text)
    if isinstance(like, list):
        return [part.strip() for part in text.split(",") if part.strip()]
    if isinstance(like, int | float):
        return type(like)(text)
    wrong = (_is_period(like) and not _is_period(text)) or (_is_day(like) and not _is_day(text))
    return None if wrong else text


def _is_period(text: str) -> bool:
    try:
        parts(text)
    except PeriodError:
        return False
    return True


def _is_day(text: str) -> bool:
    try:
        a_day(text)
    except ValueError:
        return False
    return True


def _is_value(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip()) and (not re.match(r"[Pp]?\d", value) or _is_period(value) or _is_day(value))
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, str) for one in value)
    if isinstance(value, dict):
        return bool(value) and all(isinstance(k, str) and isinstance(v, list) for k, v in value.items())
    return isinstance(value, bool) or (isinstance(value, int | float) and 0 < value < float("inf"))
