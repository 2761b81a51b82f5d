"""Transfers: the register of flows, one row for each case that clause 7 and Chapter V tell apart."""

from collections.abc import Iterator

from audit_lib.sample import canaries
from audit_lib.sample.expected import (
    CLEAN,
    COVERED,
    LAWFUL,
    MODULES,
    PURPOSES,
    Expected,
    Row,
    fail,
    just,
    outside,
    review,
    unsure,
)

_PURPOSES = (
    "gestion de la clientèle",
    "newsletter",
    "fourniture de services",
    "statistiques commerciales",
    "customer relationship management",
    "demandes de devis",
    "promotional actions",
    "enquêtes de satisfaction",
)


def transfers() -> Iterator[Row]:
    rows = [*_inside(), *_adequacy(), *_united_states(), *_old_clauses(), *_new_clauses(), *_others(), *_unclear()]
    for number, row in enumerate(rows):
        values = {
            "transfer_id": f"T-{number + 1:03d}",
            "recipient": f"Prestataire {number + 1:02d}",
            "data_category": "contacts",
            "purpose": _PURPOSES[number % len(_PURPOSES)],
        }
        yield Row(values | row.values, {PURPOSES: CLEAN} | row.judged)


def _flow(
    country: str, start: str, end: str = "", tool: str = "none", both: Expected = CLEAN, /, **columns: str
) -> Row:
    """`both` is what the promise and the law say alike."""
    values = {
        "country": country,
        "start": start,
        "end": end,
        "tool": tool,
        "role_exporter": "responsable",
        "role_importer": "sous-traitant",
        "is_hr": "non",
    }
    return Row(values | columns, {COVERED: both, LAWFUL: both})


def _but(row: Row, control: str, expected: Expected) -> Row:
    return Row(row.values, row.judged | {control: expected})


def _inside() -> list[Row]:
    canary = {
        "transfer_id": canaries.TRANSFER_ID,
        "recipient": canaries.RECIPIENT,
        "data_category": canaries.DATA_CATEGORY,
        "tia_ref": canaries.ASSESSMENT,
    }
    outermost = just("région ultrapériphérique : pas un transfert", "outermost region: no transfer")
    bridge = just(
        "membre, puis période transitoire, passerelle et adéquation",
        "member, then transition, bridge and adequacy",
    )
    no_module = unsure("module_missing", "module absent", "no module")
    return [
        _flow("France", "2022-01-01", **canary),
        _flow("Allemagne", "2021-05-01"),
        _flow("RE", "2023-03-01", "", "none", outermost),
        _flow("Norvège", "2022-02-01"),
        _flow("Ireland", "2020-06-01", "2024-05-31"),
        _but(
            _flow("Grèce", "2024-01-15", purpose="Gestion de la CLIENTELE"),
            PURPOSES,
            just("sans accent et en capitales", "no accent, in capitals"),
        ),
        _flow("Croatie", "2025-02-01"),
        _flow("Royaume-Uni", "2019-03-01", "", "adequacy", bridge),
        _flow("GB", "2026-01-05", "", "adequacy"),
        _but(
            _flow("DE", "2024-09-02", "", "scc_2021", signed_at="2024-08-20", annexes_complete="oui"),
            MODULES,
            no_module,
        ),
    ]


def _adequacy() -> list[Row]:
    no_scope = unsure(
        "adequacy_scope_unknown", "champ de la décision non renseigné", "scope of the decision left blank"
    )
    out_of_scope = fail(
        "no_adequacy_on_date",
        "destinataire hors du champ de la décision",
        "recipient outside the decision's scope",
    )
    too_soon = fail("no_adequacy_on_date", "flux antérieur à la décision", "flow earlier than the decision")
    first_day = just("premier jour de la décision", "first day of the decision")
    whole = just("pays adéquat, quel que soit l’outil", "adequate country, whatever the tool")
    wrong = fail("wrong_module", "module 1 pour un sous-traitant", "module 1 for a processor")
    return [
        _flow("Suisse", "2015-01-01", "", "adequacy"),
        _flow("Canada", "2020-01-01", "", "adequacy", in_adequacy_scope="oui"),
        _flow("Canada", "2020-01-01", "", "adequacy", out_of_scope, in_adequacy_scope="non"),
        _flow("CA", "2020-01-01", "", "adequacy", no_scope),
        _flow("Japon", "2021-04-01", "", "adequacy", in_adequacy_scope="oui"),
        _flow("Corée du Sud", "2021-12-17", "", "adequacy", first_day),
        _flow("Brésil", "2026-01-26", "", "adequacy", first_day),
        _flow("Brésil", "2025-06-01", "", "adequacy", too_soon),
        _flow("EPO", "2025-07-15", "", "adequacy", first_day),
        _flow("EPO", "2025-07-14", "", "adequacy", too_soon),
        _but(_flow("CH", "2022-03-01", "", "scc_2021", whole, **{"module": "1"} | _SIGNED), MODULES, wrong),
    ]


def _united_states() -> list[Row]:
    ended = fail("no_adequacy_on_date", "se poursuit après l’invalidation", "goes on after the invalidation")
    last = just("s’arrête le dernier jour de la décision", "stops on the last day of the decision")
    not_listed = fail("dpf_not_listed", "absent de la liste du DPF", "not on the DPF list")
    lapsed = fail("dpf_not_listed", "certification échue en 2025", "certification lapsed in 2025")
    not_for_hr = fail("dpf_not_listed", "données RH, certification sans RH", "HR data, certification without HR")
    unknown = unsure("dpf_scope_unknown", "nature RH non renseignée", "HR nature left blank")
    both_kinds = just("nature RH inconnue, certification pour les deux", "HR nature unknown, certified for both")
    first_day = just("premier jour du DPF", "first day of the DPF")
    listed = {"tool": "dpf", "dpf_from": "2023-08-15"}
    return [
        _flow("États-Unis", "2014-01-01", "2015-10-05", "safe_harbour", last, in_adequacy_scope="oui"),
        _flow("États-Unis", "2014-01-01", "2016-03-31", "safe_harbour", ended, in_adequacy_scope="oui"),
        _flow("US", "2018-05-25", "2020-07-15", "privacy_shield", last, in_adequacy_scope="oui"),
        _flow("US", "2018-05-25", "2020-12-31", "privacy_shield", ended, in_adequacy_scope="oui"),
        _flow("United States", "2023-09-01", **listed, dpf_scope="hr;non_hr"),
        _flow("US", "2023-07-10", "", "dpf", first_day, dpf_from="2023-07-10", dpf_scope="non_hr"),
        _flow("US", "2023-09-01", "", "none", lapsed, **listed, dpf_to="2025-06-30", dpf_scope="non_hr"),
        _flow("US", "2023-09-01", "", "none", not_for_hr, **listed, dpf_scope="non_hr", is_hr="oui"),
        _flow("US", "2023-09-01", "", "none", unknown, **listed, dpf_scope="non_hr", is_hr=""),
        _flow("US", "2023-09-01", "", "none", both_kinds, **listed, dpf_scope="hr;non_hr", is_hr=""),
        _flow("US", "2024-01-08", "", "dpf", not_listed, dpf_scope="non_hr"),
    ]


_OLD = {"tool": "scc_2010", "annexes_complete": "oui", "unchanged": "oui"}


def _old_clauses() -> list[Row]:
    last_signature = just("signées le dernier jour possible", "signed on the last possible day")
    too_late = fail("clauses_not_valid_on_date", "signées un jour trop tard", "signed one day too late")
    outdated = fail("clauses_not_valid_on_date", "anciennes clauses encore invoquées", "old clauses still relied on")
    last_day = review("old_clauses_last_day", "dernier jour des anciennes clauses", "last day of the old clauses")
    before = just(
        "fini avant l’arrêt de 2020 : pas d’analyse d’impact requise",
        "over before the 2020 judgment: no assessment required",
    )
    same_day = just("analyse d’impact le jour de l’arrêt", "assessment on the day of the judgment")
    late = fail("tia_late", "analyse d’impact le lendemain", "assessment the day after")
    recent = {"tia_at": "2021-09-01"} | _OLD
    return [
        _flow("Inde", "2021-09-26", "2022-12-26", "none", last_signature, signed_at="2021-09-26", **recent),
        _flow("Inde", "2021-09-26", "2022-12-27", "none", last_day, signed_at="2021-09-20", **recent),
        _flow("Inde", "2021-10-01", "2022-06-30", "none", too_late, signed_at="2021-09-27", **recent),
        _flow("Tunisie", "2019-01-01", "", "none", outdated, signed_at="2018-12-10", tia_at="2020-06-01", **_OLD),
        _flow("Inde", "2018-03-01", "2020-06-30", "none", before, signed_at="2018-03-01", **_OLD),
        _flow(
            "Inde",
            "2019-01-01",
            "2020-12-31",
            "none",
            same_day,
            signed_at="2018-12-10",
            tia_at="2020-07-16",
            **_OLD,
        ),
        _but(
            _flow("Inde", "2019-01-01", "2020-12-31", signed_at="2018-12-10", tia_at="2020-07-17", **_OLD),
            LAWFUL,
            late,
        ),
    ]


_SIGNED = {"signed_at": "2022-01-10", "annexes_complete": "oui", "tia_at": "2022-01-20"}


def _clauses(country: str, module: str, both: Expected = CLEAN, /, **columns: str) -> Row:
    """A flow under the clauses of 2021 from 2022-02-01; the module's control says the same unless told."""
    exporter, _, importer = columns.pop("roles", "responsable/sous-traitant").partition("/")
    row = _but(
        _flow(
            country,
            columns.pop("start", "2022-02-01"),
            columns.pop("end", ""),
            "scc_2021",
            both,
            **_SIGNED | columns,
        ),
        MODULES,
        both,
    )
    return Row(row.values | {"module": module, "role_exporter": exporter, "role_importer": importer}, row.judged)


def _new_clauses() -> list[Row]:
    wrong = fail("wrong_module", "module qui ne correspond pas aux rôles", "module that does not fit the roles")
    annexes = fail("annexes_incomplete", "annexes incomplètes", "annexes incomplete")
    uncovered = fail("clauses_not_valid_on_date", "jours antérieurs à la signature", "days before the signature")
    signed_late = fail("signed_after_start", "signées après le début", "signed after the start")
    no_role = unsure("role_missing", "rôle de l’importateur absent", "importer's role missing")
    no_module = unsure("module_missing", "module absent", "no module")
    no_signature = unsure("signature_missing", "date de signature absente", "no date of signature")
    no_assessment = fail("tia_missing", "sans analyse d’impact", "no transfer impact assessment")
    late = fail("tia_late", "analyse d’impact après le début", "assessment after the start")
    same_day = just("analyse d’impact le premier jour", "assessment on the first day")
    signed_same_day = just("signées le premier jour", "signed on the first day")
    after_start = _clauses("Inde", "2", uncovered, start="2022-01-05", tia_at="2022-01-04")
    return [
        _clauses("Inde", "2"),
        _clauses("Maroc", "1", roles="responsable/responsable"),
        _clauses("Philippines", "3", roles="sous-traitant/sous-traitant"),
        _clauses("Turquie", "4", roles="sous-traitant/responsable"),
        _clauses("Inde", "1", wrong),
        _clauses("Maroc", "2", wrong, roles="responsable/responsable"),
        _clauses("Inde", "2", annexes, annexes_complete="non"),
        _but(after_start, MODULES, signed_late),
        _but(_clauses("Inde", "2", start="2022-01-10", tia_at="2022-01-07"), MODULES, signed_same_day),
        _but(_clauses("Inde", "2", tia_at=""), LAWFUL, no_assessment),
        _but(_clauses("Inde", "2", tia_at="2022-02-02"), LAWFUL, late),
        _but(_clauses("Inde", "2", tia_at="2022-02-01"), LAWFUL, same_day),
        _clauses("Inde", "2", no_role, roles="responsable/"),
        _clauses("Inde", "", no_module),
        _clauses("Inde", "2", no_signature, signed_at=""),
    ]


def _others() -> list[Row]:
    nothing = fail("not_covered", "aucun outil", "no tool")
    special = review("special_territory", "territoire au statut particulier", "territory with a status of its own")
    unknown = unsure("country_unknown", "pays inconnu ou absent", "country unknown or blank")
    no_start = unsure("start_missing", "début absent", "no start")
    derogation = fail("derogation_not_accepted", "dérogation de l’article 49", "Article 49 derogation")
    code = fail("not_covered", "code de conduite, absent de la clause 7", "code of conduct, not in clause 7")
    to_judge = review("derogation_to_judge", "licéité à apprécier", "lawfulness to be judged")
    too_soon = fail("bcr_not_approved", "commencé avant l’approbation", "started before the approval")
    no_assessment = fail("tia_missing", "sans analyse d’impact", "no transfer impact assessment")
    later = dict.fromkeys((COVERED, LAWFUL, PURPOSES), outside("commence après l’export", "starts after the export"))
    undeclared = fail("purpose_undeclared", "finalité absente de la clause 3.2", "purpose not in clause 3.2")
    no_purpose = unsure("purpose_missing", "finalité absente", "no purpose")
    approved = {"tool": "bcr_c", "bcr_approved_at": "2021-05-01"}
    return [
        _flow("Maroc", "2021-06-01", **approved, tia_at="2021-05-20"),
        _but(_flow("Maroc", "2021-06-01", **approved), LAWFUL, no_assessment),
        _flow("Inde", "2024-01-01", "", "bcr_p", too_soon, bcr_approved_at="2024-06-01", tia_at="2023-12-01"),
        _but(_but(_flow("Tunisie", "2025-03-01", "2025-03-31", "art49"), COVERED, derogation), LAWFUL, to_judge),
        _but(_but(_flow("Maroc", "2025-04-01", "", "code_of_conduct"), COVERED, code), LAWFUL, to_judge),
        _flow("Gibraltar", "2022-01-01", "", "none", special),
        _flow("NC", "2023-01-01", "", "none", special),
        _flow("Inde", "2024-05-01", "", "none", nothing),
        _flow("Chine", "2025-09-01", "2025-12-31", "none", nothing),
        _flow(canaries.TRANSFER_COUNTRY, "2024-01-01", "", "none", unknown),
        _flow("", "2024-01-01", "", "none", unknown),
        _flow("Inde", "", "", "none", no_start),
        Row(_flow("Inde", "2026-12-01").values, later),
        _but(_flow("Belgique", "2024-01-01", purpose=canaries.PURPOSE), PURPOSES, undeclared),
        _but(_flow("Italie", "2024-01-01", purpose="entraînement d’un modèle d’IA"), PURPOSES, undeclared),
        _but(_flow("Espagne", "2024-01-01", purpose="revente de fichiers"), PURPOSES, undeclared),
        _but(_flow("Pays-Bas", "2024-01-01", purpose=""), PURPOSES, no_purpose),
        _but(_flow("Portugal", "2024-01-01", purpose=""), PURPOSES, no_purpose),
    ]


def _unclear() -> list[Row]:
    """Flows whose ground may cover them, as far as the register tells, and one that ends before it starts."""
    no_annexes = unsure("annexes_unknown", "annexes non renseignées", "annexes left blank")
    no_start = unsure("start_missing", "début absent", "no start")
    backwards = unsure("dates_contradictory", "fini avant son début", "over before it began")
    no_approval = unsure("approval_missing", "date d’approbation absente", "no date of approval")
    changed = unsure("change_unknown", "rien ne dit si le traitement a changé", "nothing says whether it changed")
    other_tool = unsure("tool_missing", "instrument inconnu", "unknown instrument")
    old = _OLD | {"signed_at": "2021-02-15", "tia_at": "2021-02-20", "unchanged": ""}
    return [
        _clauses("Maroc", "2", no_annexes, annexes_complete=""),
        _clauses("Maroc", "2", no_start, start=""),
        _flow("Maroc", "2024-05-02", "2024-04-30", "none", backwards),
        _flow("Maroc", "2024-05-02", "", "bcr_c", no_approval),
        _flow("Tunisie", "2021-03-01", "2022-06-30", "none", changed, **old),
        _but(_flow("Tunisie", "2024-05-02", "", canaries.INSTRUMENT, other_tool), MODULES, other_tool),
    ]
