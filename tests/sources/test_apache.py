"""Apache: rows are numbered as lines are, whatever ends them."""

from pathlib import Path

import duckdb
import pytest

from audit_lib.sources import apache

LINE = '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 -'


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_lines_count_and_are_left_out(tmp_path: Path, end: str) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "access.log").write_bytes(end.join(["", LINE, " \t", "", LINE, "torn", ""]).encode())
    raw = apache.read(tmp_path / "access.log", tmp_path / "work", None, scan=False)
    found = duckdb.execute(f"SELECT _row, _bad FROM ({raw.select}) ORDER BY _row").fetchall()
    assert found == [(2, None), (5, None), (6, "unreadable_line")]
