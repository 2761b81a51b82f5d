"""Staff: what the human resources' list says of the person who holds an account."""

from dataclasses import dataclass

from sqlglot import exp

from audit_lib.expectations.periods import NEVER, Moment
from audit_lib.expectations.rule import Lookup, Setting
from audit_lib.expectations.sql import all_of, blank, filled, folded, select


@dataclass(frozen=True)
class Person:
    """The one whose account the record names; `end` is null while they are in post.

    `known`: they are in the list. `nowhere`: they are, without a department.
    """

    lookup: Lookup
    known: exp.Expression
    nowhere: exp.Expression
    department: exp.Expression
    job: exp.Expression
    end: Moment


def person(setting: Setting, *columns: str) -> Person:
    """The row of staff of the record's `user_id`; `columns` of it must be supplied."""
    staff = setting.other("staff", "user_id", *columns)
    end = staff.moment("end") if "end" in staff.supplied else NEVER
    query = select(
        "SELECT :key AS k, MAX(department) AS department, MAX(job) AS job, "
        "CASE WHEN COUNT(:end) = COUNT(*) THEN MAX(:end) END AS end_at, "
        "CASE WHEN COUNT(:end) = COUNT(*) THEN MAX(:low) END AS end_low, "
        "CASE WHEN COUNT(:end) = COUNT(*) THEN MAX(:high) END AS end_high "
        "FROM staff WHERE user_id IS NOT NULL GROUP BY :key",
        key=folded(exp.column("user_id", quoted=True)),
        end=end.at,
        low=end.low,
        high=end.high,
    )
    found = Lookup("person", query, {"k": folded(setting.column("user_id"))})
    return Person(
        lookup=found,
        known=filled(found["k"]),
        nowhere=all_of([filled(found["k"]), blank(found["department"])]),
        department=found["department"],
        job=found["job"],
        end=Moment(found["end_at"], found["end_low"], found["end_high"]),
    )
