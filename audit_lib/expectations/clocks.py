"""Clocks: what starts a retention period, by name, beside the columns of the record."""

from sqlglot import exp

from audit_lib.expectations.rule import Setting
from audit_lib.expectations.sql import all_of, any_of, blank, is_in, select

CONTRACT_END, INBOUND = "contract_end", "inbound_contact"


def inbound_contacts(setting: Setting, types: list[str], implied: list[str]) -> exp.Select:
    """(k, at, low, high): the interactions of each contact that count as a contact made by the person.

    Those of `types` that came in; a blank direction is enough for those of `implied`.
    """
    at = setting.other("interactions", "contact_id", "at", "type").moment("at")
    direction, kind = exp.column("direction", quoted=True), exp.column("type", quoted=True)
    came_in = any_of([is_in(direction, ["inbound"]), all_of([blank(direction), is_in(kind, implied)])])
    return select(
        "SELECT contact_id AS k, :at AS at, :low AS low, :high AS high FROM interactions "
        "WHERE contact_id IS NOT NULL AND :counts",
        at=at.at,
        low=at.low,
        high=at.high,
        counts=all_of([is_in(kind, types), came_in]),
    )
