"""Raw: a cell loses the spaces around it, whatever kind of space they are."""

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from audit_lib.sources.raw import SPACES, trimmed

TEXTS = st.text(st.sampled_from([*SPACES, *"!aé€~\x00\x1f\x7f\x85\u2003"]), max_size=6)


@given(st.lists(TEXTS, min_size=1, max_size=50))
def test_spaces_around_a_cell_are_taken_away(cells: list[str]) -> None:
    found = duckdb.execute(f"SELECT {trimmed('x')}, {trimmed('(x)')} FROM (SELECT UNNEST(?) AS x)", [cells]).fetchall()
    assert found == [(cell.strip(SPACES), cell.strip(SPACES)) for cell in cells]


def test_no_cell_stays_none() -> None:
    assert duckdb.execute(f"SELECT {trimmed('x')} FROM (SELECT CAST(NULL AS VARCHAR) AS x)").fetchall() == [(None,)]
