"""Hashes: ids that are a digest of a known identifier, or the identifier itself, beyond what chance explains."""

from collections.abc import Iterable, Sequence
from math import log

from sqlglot import exp

from audit_lib.expectations.rule import Step, written
from audit_lib.expectations.sql import HASH, all_of, any_of, call, matches, node, select, sql, union_all

SAME = "0"

# Functions of the engines' own, one name on all: see each engine's `FUNCTIONS`.
URL = "dpo_url"  # a text whose URL encoding is undone
HEX = "dpo_hex"  # a text in UTF-8 as hexadecimal digits
UNBASE64 = "dpo_unbase64"  # what a text says in base64, of either alphabet, as hexadecimal digits
# The digests of a text by the ways listed: "way|hexadecimal digits", one a way.
DIGESTS = "dpo_digests"

# What engines work out themselves.
_COMMON = {"md5": "MD5({})", "sha1": "SHA1({})", "sha256": "SHA2({}, 256)"}
# Further ways, whose names DIGESTS reads, ten times slower: of large user bases on a part first, then in full where
# they link.
RARE = (
    *("sha224", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2b_32", "blake2s"),
    "crc32",
    *(f"{kind}:{space}" for kind in ("uuid3", "uuid5") for space in ("dns", "url", "oid", "x500")),
)
# A part has at least so many candidates, and is no smaller than one in so many.
_LEAST, _PARTS = 10_000, 100


def links(*, least: int, chance: float, salts: Sequence[str]) -> tuple[Step, ...]:
    """`links` (k, kind, digest): the distinct ids that link, and how; and the steps that it reads.

    From `candidates` (kind, v) and `readings` (k, r). `least`: digits from which a cut digest is compared. `chance`:
    the largest probability of so many matches by chance, for one digest and one length, at which they still link.
    """
    return (
        # The dictionary meets the distinct ids, not the records; a cut digest has the first digits of the whole one:
        # they meet there, whatever the cut.
        Step("starts", _starts(least)),
        Step("lengths", select("SELECT bits, COUNT(DISTINCT k) AS ids FROM starts GROUP BY bits")),
        written("ways", ("digest", "base", "front", "back"), _ways(salts)),
        Step("part", _part()),
        # Once: an engine would hash for each place that names it.
        Step(
            "tries",
            union_all([*_common("part", "ways"), _rare(select("SELECT kind, v FROM part"), node(",".join(RARE)))]),
        ),
        Step("tried", _met(select("SELECT kind, digest, h FROM tries"), least)),
        Step("told", _told(chance)),
        Step("further", _rare(select(_AGAIN), sql(_RARE_TOLD)), rows=True),
        Step("met", union_all([_met(one, least) for one in _all()])),
        Step("chances", _chances(chance)),
        Step("links", _links()),
    )


# By rare ways are hashed again the candidates of the kinds that they linked in the part.
_RARE = "FROM told WHERE digest NOT IN (SELECT digest FROM ways)"
_AGAIN = f"SELECT kind, v FROM candidates WHERE kind IN (SELECT kind {_RARE})"
_RARE_TOLD = f"(SELECT LISTAGG(digest, ',') FROM (SELECT DISTINCT digest {_RARE}) AS d)"


def _ways(salts: Sequence[str]) -> Iterable[tuple[str, str, str, str]]:
    """(digest, base, front, back): the common digests, plain and with each salt before or behind the text."""
    for base in _COMMON:
        yield base, base, "", ""
        for place, salt in enumerate(salts):
            yield f"{base}:before:{place}", base, salt, ""
            yield f"{base}:after:{place}", base, "", salt


def _starts(least: int) -> exp.Select:
    """(k, r, start, bits): the readings of ids that may be a digest, cut or whole."""
    return select(
        "SELECT DISTINCT k, r, SUBSTRING(r, 1, :least) AS start, LENGTH(r) * 4 AS bits FROM readings "
        "WHERE LENGTH(r) >= :least AND :digest",
        least=least,
        digest=matches(exp.column("r"), "^[0-9a-f]*$"),
    )


def _part() -> exp.Select:
    """(kind, v): some of the candidates, or all where they are few, in the case they are commonly hashed in."""
    parts = sql(
        "LEAST(GREATEST(CAST(FLOOR(COUNT(*) / :least) AS BIGINT), 1), :parts)",
        least=_LEAST,
        parts=_PARTS,
    )
    return select(
        "SELECT DISTINCT kind, v FROM candidates WHERE v = LOWER(v) "
        "AND MOD(:number, (SELECT :parts FROM candidates)) = 0",
        number=call(HASH, exp.column("v")),
        parts=parts,
    )


def _common(texts: str, ways: str) -> Iterable[exp.Select]:
    """(kind, digest, h) of the texts (kind, v) by those of the ways that an engine works out itself."""
    for base, digest in _COMMON.items():
        hashed = digest.format("CONCAT(w.front, c.v, w.back)")
        yield select(
            f"SELECT c.kind AS kind, w.digest AS digest, {hashed} AS h FROM {texts} AS c CROSS JOIN {ways} AS w "
            "WHERE w.base = :base",
            base=base,
        )


def _rare(of: exp.Query, ways: exp.Expression) -> exp.Select:
    """(kind, digest, h) of (kind, v)."""
    said = select(
        "SELECT kind, UNNEST(:digests) AS said FROM :of AS o",
        digests=call(DIGESTS, exp.column("v"), ways),
        of=of.subquery(),
    )
    return select(
        "SELECT kind, SPLIT_PART(said, '|', 1) AS digest, SPLIT_PART(said, '|', 2) AS h FROM :said AS s",
        said=said.subquery(),
    )


def _all() -> Iterable[exp.Query]:
    """All candidates by the common ways, and by the others that link."""
    chosen = "(SELECT * FROM ways WHERE front = back OR digest IN (SELECT digest FROM told))"
    yield from _common("candidates", chosen)
    yield select("SELECT kind, digest, h FROM further")


def _met(hashed: exp.Query, least: int) -> exp.Select:
    """(k, kind, digest, bits): the ids that equal a digest as far as they go."""
    return select(
        "SELECT i.k AS k, kind, digest, i.bits AS bits FROM :hashed AS c "
        "JOIN starts AS i ON SUBSTRING(c.h, 1, :least) = i.start WHERE SUBSTRING(c.h, 1, LENGTH(i.r)) = i.r",
        hashed=hashed.subquery(),
        least=least,
    )


def _told(chance: float) -> exp.Select:
    """(digest, kind): the ways that link more of a part than chance would."""
    return select(
        "SELECT DISTINCT digest, kind FROM (SELECT t.digest, t.kind, t.found, :expected AS expected "
        "FROM (SELECT digest, kind, bits, COUNT(DISTINCT k) AS found FROM tried GROUP BY digest, kind, bits) AS t "
        "JOIN lengths AS l ON l.bits = t.bits CROSS JOIN (SELECT COUNT(*) AS n FROM part) AS p) AS c WHERE :beyond",
        expected=_expected("l.ids", "p.n", "t.bits"),
        beyond=_beyond(chance),
    )


def _chances(chance: float) -> exp.Select:
    """(digest, bits, ids, candidates, found, beyond): the matches of each way and length, and whether they are more
    than chance explains.
    """
    return select(
        "SELECT digest, bits, ids, candidates, found, :beyond AS beyond FROM ("
        "SELECT m.digest, m.bits, l.ids, n.candidates, m.found, :expected AS expected "
        "FROM (SELECT digest, bits, COUNT(DISTINCT k) AS found FROM met GROUP BY digest, bits) AS m "
        "JOIN lengths AS l ON l.bits = m.bits "
        "CROSS JOIN (SELECT COUNT(*) AS candidates FROM candidates) AS n) AS c",
        expected=_expected("l.ids", "n.candidates", "m.bits"),
        beyond=_beyond(chance),
    )


def _expected(ids: str, candidates: str, bits: str) -> exp.Expression:
    """How many ids equal some candidate's digest by chance."""
    return sql(f"CAST({ids} AS DOUBLE PRECISION) * {candidates} * POWER(CAST(2 AS DOUBLE PRECISION), -{bits})")


def _beyond(chance: float) -> exp.Expression:
    """So many matches, where `expected` are, have a probability below `chance` (Chernoff's bound of a Poisson tail)."""
    return sql(
        "found > expected AND found - expected + found * LN(expected / found) < :limit",
        limit=log(chance),
    )


def _links() -> exp.Select:
    equal = select(
        "SELECT i.k AS k, d.kind AS kind, :same AS digest FROM readings AS i JOIN :dictionary AS d ON d.r = i.r",
        dictionary=union_all(list(_same())).subquery(),
        same=SAME,
    )
    hashed = select(
        "SELECT m.k AS k, m.kind AS kind, m.digest AS digest FROM met AS m "
        "JOIN chances AS c ON c.digest = m.digest AND c.bits = m.bits WHERE c.beyond"
    )
    return select(
        "SELECT k, MIN(kind) AS kind, MIN(digest) AS digest FROM :found AS f GROUP BY k",
        found=union_all([equal, hashed]).subquery(),
    )


def _same() -> Iterable[exp.Select]:
    """(r, kind): the candidates themselves, as written and as hexadecimal digits."""
    telling = any_of(
        [
            all_of([sql("LENGTH(v) >= 3"), matches(exp.column("v"), "[^0-9]")]),
            # A short number such as 1042 equals another one by chance.
            sql("LENGTH(v) >= CASE WHEN kind = 'id' THEN 8 ELSE 4 END"),
        ]
    )
    for said in (sql("LOWER(v)"), call(HEX, exp.column("v"))):
        yield select(
            "SELECT :said AS r, :same AS kind FROM candidates WHERE :telling", said=said, same=SAME, telling=telling
        )
