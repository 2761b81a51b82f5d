"""The committed exports are read whole: every header known, only the planted rows set aside."""

from pathlib import Path

import duckdb
import yaml

from audit_lib.datasets import Databases, load

ROOT = Path(__file__).parents[2]


def test_only_the_planted_rows_are_set_aside(tmp_path: Path) -> None:
    planted = yaml.safe_load((ROOT / "data_samples/planted.yaml").read_text("utf-8"))["quarantine"]
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        mappings = ROOT / "expectations/mappings"
        loaded = load(ROOT / "data_samples", mappings, con, tmp_path, time_zone="Europe/Paris", databases=Databases())
        found = con.execute("SELECT source_file, source_row, reason FROM quarantine ORDER BY ALL").fetchall()
    assert loaded.problems == ()
    assert loaded.unrecognised == ()
    assert found == sorted((row["file"], int(row["rows"]), row["reason"]) for row in planted)
    assert {name: dataset.stopped for name, dataset in loaded.datasets.items() if dataset.stopped} == {}
    extras = {name: set(dataset.extras) for name, dataset in loaded.datasets.items()}
    assert extras["transfers"] == set()
    assert extras["user_accounts"] == {"cn", "physicalDeliveryOfficeName", "Date de naissance", "Télécopie"}
    assert extras["navigation_events"] == {"screen", "url", "referrer", "advertising_id", "ip"}
