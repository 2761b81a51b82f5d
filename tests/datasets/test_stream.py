"""Stream: a file whose first rows do not tell all is loaded as if they did."""

import duckdb
import pytest

from audit_lib.datasets import build, stream
from audit_lib.sources.raw import SPACED, SPACES, Raw
from tests.datasets.conftest import Exports

ISO = ["2026-03-04T10:00:00Z"] * 30
FEW = 5  # rows of a batch


def _write(exports: Exports, times: list[str], more: str = "") -> None:
    rows = "".join(f"{n},{time},x\n" for n, time in enumerate(times))
    exports.write("interactions.csv", f"interaction_id,at,contact_id\n{rows}{more}")


def _loaded(exports: Exports) -> tuple[object, ...]:
    loaded = exports.load("source_tz: Europe/Paris\n")
    rows = exports.rows("FROM interactions ORDER BY _row") if "interactions" in loaded.datasets else []
    found = rows, exports.quarantine(), loaded.notes, loaded.problems, loaded.assumptions
    exports.con.execute("DROP VIEW IF EXISTS interactions")
    return found


@pytest.mark.parametrize(
    ("times", "more", "at_once"),
    [
        (ISO, "", True),
        (ISO[:FEW], "", True),
        (ISO[: 2 * FEW], "", True),
        ([], "", True),
        ([*ISO, "never", "2026-13-45T10:00:00Z", "yesterday"], "", True),
        ([*ISO, "2026-03-04"], "", False),
        (["13/03/2026"] * 20, "", True),
        ([*["13/03/2026"] * 20, "03/13/2026"], "", False),
        ([*["03/04/2026"] * 20, "13/03/2026"], "", False),
        ([*["13/03/2026", "03/13/2026"] * 9], "", True),
        (ISO, 'a,2026-03-04,"x\ny"\nshort\n,,\n\ninteraction_id,at,contact_id\n1,2026-03-04T10:00:00Z,x,y\n', False),
    ],
)
def test_the_first_rows_do_not_matter(
    exports: Exports, monkeypatch: pytest.MonkeyPatch, times: list[str], more: str, at_once: bool
) -> None:
    _write(exports, times, more)
    whole = _loaded(exports)
    monkeypatch.setattr(stream, "_MOST_ROWS", FEW)
    stored: list[str] = []
    store = build._store
    monkeypatch.setattr(build, "_store", lambda con, plan, source: (stored.append(source), store(con, plan, source)))
    assert _loaded(exports) == whole
    assert (stored == []) is at_once


def test_spaces_around_cells_are_found_wherever_they_are(exports: Exports) -> None:
    inside = f"a{SPACES.replace(chr(10), '')}b"
    texts = [
        "",
        *(f"{before}{text}{after}" for before in ["", *SPACES] for after in ["", *SPACES] for text in ("é à", inside)),
    ]
    # Each among rows without any, at both ends of what is looked at together, and a blank cell last of all.
    rows = [f'i{n},2026-03-04T10:00:00Z,c,"{text}"\n' for n, text in enumerate(["x", *texts, "x", ""])]
    exports.write("interactions.csv", f"interaction_id,at,contact_id,note\n{''.join(rows)}")
    exports.load("source_tz: Europe/Paris\n")
    found = [note for (note,) in exports.rows("SELECT note FROM interactions ORDER BY _row")]
    assert found == ["x", *(text.strip(SPACES) or None for text in texts), "x", None]


def test_an_error_is_said_as_duckdb_says_it(exports: Exports, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(exports, [*ISO, "x" * (1 << 24)])
    whole = _loaded(exports)
    monkeypatch.setattr(stream, "_MOST_ROWS", FEW)
    assert _loaded(exports) == whole
    assert "longer than 16 MB" in str(whole)


def test_rows_keep_their_order() -> None:
    with duckdb.connect() as con:
        con.execute("SET threads = 4")
        source = f"SELECT range, true AS {SPACED} FROM range(200000)"
        raw = Raw("csv", f"SELECT range FROM ({source})", ("range",), ("BIGINT",), source=source)
        with stream.streamed(con, raw) as whole:
            con.execute(f"CREATE TABLE t AS {raw.over(stream.ROWS)}")
        assert not whole
        assert con.execute("SELECT count(*), bool_and(range = rowid) FROM t").fetchall() == [(200_000, True)]
