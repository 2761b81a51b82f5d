"""In place: what was deleted from a database is deleted in the history, whatever else is asked of its rows."""

from pathlib import Path

import duckdb
import pytest

from tests.engines.conftest import server  # noqa: F401 - a fixture
from tests.engines.servers import Server
from tests.history.months import PROSPECTS, program

_EXPORTS = """\
source_tz: Europe/Paris
datasets:
  contacts: {sql: SELECT * FROM prospects, connection: DPO_TEST_PROSPECTS}
  interactions: {sql: SELECT * FROM visits, connection: DPO_TEST_PROSPECTS}
"""


def test_a_row_that_is_deleted_there_is_deleted(
    tmp_path: Path,
    server: Server,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server.run(
        "CREATE TABLE prospects "
        "(contact_id text, status text, collected_at timestamptz, last_inbound_contact_at timestamptz)",
        "CREATE TABLE visits (interaction_id text, contact_id text, at timestamptz, direction text, type text)",
        "INSERT INTO prospects SELECT 'c' || n, 'prospect', '2020-01-05', NULL FROM generate_series(1, 4) AS n",
    )
    monkeypatch.setenv("DPO_TEST_PROSPECTS", server.url)
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "exports.yaml").write_text(_EXPORTS, "utf-8")
    asked = ("check", exports, "--out", tmp_path / "runs")
    assert program(*asked, "--as-of", "2026-11-01T06:00:00+01:00", home=tmp_path).returncode == 0
    server.run(
        "DELETE FROM prospects WHERE contact_id = 'c1'",
        "UPDATE prospects SET last_inbound_contact_at = '2026-11-15' WHERE contact_id = 'c2'",
        "INSERT INTO prospects VALUES ('c5', 'prospect', '2020-01-05', NULL)",
    )
    done = program(*asked, "--as-of", "2026-12-01T06:00:00+01:00", home=tmp_path)
    assert done.returncode == 0, done.stderr
    [run] = [line.removeprefix("run: ") for line in done.stdout.splitlines() if line.startswith("run: ")]
    found = duckdb.execute(
        "SELECT coalesce(closed_how, 'open'), first_seen = seen_on, count(*) FROM read_parquet(?) "
        "WHERE control_id = ? GROUP BY ALL ORDER BY ALL",
        [str(Path(run) / "history.parquet"), PROSPECTS],
    ).fetchall()
    assert found == [("deleted", True, 1), ("mended", True, 1), ("open", False, 2), ("open", True, 1)]
