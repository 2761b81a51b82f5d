"""Recipients: each is of a declared kind and bound as its kind asks; no third party decides what is done with data."""

from sqlglot import exp

from audit_lib.expectations.base import RecordExpectation
from audit_lib.expectations.periods import local_date
from audit_lib.expectations.reasons import Verdict
from audit_lib.expectations.rule import Branch, Rule, Setting
from audit_lib.expectations.safeguards import ROLES
from audit_lib.expectations.scanned import naming
from audit_lib.expectations.sql import all_of, any_of, blank, holds, is_in, negate, sql

CONTROLLER, PROCESSOR = ROLES


class ExpectRecipientsBound(RecordExpectation):
    """The `kind` of each recipient is one of `declared`; those `under_contract` have one in force, from `start` to
    `end`, on the calendar day of the disclosure (`at`), and each kind fills the columns of its `proofs`.

    A contract without `end` runs.
    """

    kind: str
    declared: list[str]
    at: str
    under_contract: list[str]
    start: str
    end: str
    proofs: dict[str, list[str]]

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.kind, self.at)
        kind, at = setting.column(self.kind), setting.moment(self.at)
        start, end = setting.moment(self.start), setting.moment(self.end)
        bound = is_in(kind, self.under_contract)

        def before(one: exp.Expression, other: exp.Expression) -> exp.Expression:
            days = [local_date(instant, setting.time_zone) for instant in (one, other)]
            return holds(sql(":one < :other", one=days[0], other=days[1]))

        lacking = {
            proof: all_of([is_in(kind, self._asking(proof)), blank(setting.column(proof))])
            for proof in dict.fromkeys(name for names in self.proofs.values() for name in names)
        }
        outside = any_of([before(at.high, start.low), before(end.high, at.low)])
        perhaps = any_of([before(at.low, start.high), before(end.low, at.high)])
        return Rule(
            branches=(
                Branch(blank(kind), Verdict.INDETERMINATE, "recipient_type_missing"),
                Branch(setting.later(setting.column(self.at)), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(negate(is_in(kind, self.declared)), Verdict.FAIL, "recipient_type_undeclared"),
                *(Branch(when, setting.verdict_of_blank(proof), "proof_missing") for proof, when in lacking.items()),
                Branch(
                    all_of([bound, blank(start.at), blank(end.at)]),
                    setting.verdict_of_blank(self.start),
                    "contract_missing",
                ),
                Branch(all_of([bound, before(end.high, start.low)]), Verdict.INDETERMINATE, "dates_contradictory"),
                Branch(all_of([bound, blank(at.at)]), Verdict.INDETERMINATE, "clock_missing"),
                Branch(all_of([bound, outside]), Verdict.FAIL, "contract_not_in_force"),
                Branch(all_of([bound, blank(start.at)]), Verdict.INDETERMINATE, "contract_start_missing"),
                Branch(all_of([bound, perhaps]), Verdict.INDETERMINATE, "time_zone_unknown"),
            ),
            clock=at.at,
            detail=naming(lacking),
        )

    def _asking(self, proof: str) -> list[str]:
        """The kinds that must fill the column."""
        return [kind for kind, proofs in self.proofs.items() if proof in proofs]


class ExpectNoThirdPartyController(RecordExpectation):
    """No third party receives data as a controller, but under a legal `obligation`.

    Of the `kind` of a recipient: those of `own` are no third party; those of `judged` are for REVIEW, those of
    `judged_controllers` when they are controllers without an obligation. Processors, by `kind` or by `role`, are no
    third party; a kind of processor whose role is controller is contradictory. `at`: when data were disclosed.
    """

    kind: str
    role: str
    obligation: str
    at: str
    own: list[str]
    judged: list[str]
    judged_controllers: list[str]

    def branches(self, setting: Setting) -> Rule:
        setting.require(self.kind, self.role)
        kind, role = setting.column(self.kind), setting.column(self.role)
        third = all_of([negate(is_in(kind, self.own)), blank(setting.column(self.obligation))])
        controller, processor = is_in(role, [CONTROLLER]), is_in(kind, [PROCESSOR])
        unknown = negate(any_of([is_in(role, ROLES), processor]))
        return Rule(
            branches=(
                Branch(blank(kind), Verdict.INDETERMINATE, "recipient_type_missing"),
                Branch(setting.later(setting.column(self.at)), Verdict.INDETERMINATE, "clock_in_future"),
                Branch(is_in(kind, self.judged), Verdict.REVIEW, "recipient_to_judge"),
                Branch(all_of([third, unknown]), Verdict.INDETERMINATE, "recipient_role_missing"),
                Branch(all_of([third, controller, processor]), Verdict.INDETERMINATE, "recipient_role_contradictory"),
                Branch(
                    all_of([third, controller, is_in(kind, self.judged_controllers)]),
                    Verdict.REVIEW,
                    "recipient_to_judge",
                ),
                Branch(
                    all_of([third, controller]), setting.verdict_of_blank(self.obligation), "third_party_controller"
                ),
            ),
            clock=setting.column(self.at),
        )
