"""Three engines, one verdict: every control of the policy, on files, in PostgreSQL and on a Spark cluster."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from audit_lib.datasets import Databases, connect, load
from audit_lib.sample.canaries import canaries
from tests.audit.conftest import audit
from tests.engines.servers import Cluster, Server
from tests.judging import ROOT

CONNECTION = "DPO_TEST_DATABASE"
COLUMNS = (
    "control_id, dataset, record_ref, verdict, reason, clock_at, due_at, days_overdue, detail, source_file, source_row"
)


class Run:
    """What a run wrote."""

    def __init__(self, folder: Path, printed: str) -> None:
        self.folder, self.printed = folder, printed

    def json(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text("utf-8"))

    def findings(self, columns: str = COLUMNS) -> Counter[tuple[Any, ...]]:
        source = str(self.folder / "findings.parquet")
        return Counter(duckdb.execute(f"SELECT {columns} FROM read_parquet(?)", [source]).fetchall())


def checked(exports: Path, out: Path, key: Path, *options: str) -> Run:
    done = audit("check", exports, "--out", out, *options, key=key)
    assert done.returncode == 0, done.stderr
    [folder] = out.iterdir()
    return Run(folder, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Run:
    return checked(ROOT / "data_samples", tmp_path_factory.mktemp("files"), key_file)


@pytest.fixture(scope="module")
def database(server: Server, tmp_path_factory: pytest.TempPathFactory, monkeypatch_module: pytest.MonkeyPatch) -> Path:
    """The datasets of the samples as tables, and the exports.yaml that asks for them."""
    exports, work = tmp_path_factory.mktemp("exports"), tmp_path_factory.mktemp("work")
    lines = ["extracted_at: 2026-11-01T06:00:00+01:00", "source_tz: Europe/Paris", "datasets:"]
    mappings = ROOT / "expectations" / "mappings"
    with closing(connect(work)) as con, closing(Databases()) as none:
        loaded = load(ROOT / "data_samples", mappings, con, work, time_zone="Europe/Paris", databases=none)
        for name, one in loaded.datasets.items():
            shown = ", ".join(
                f'timezone(\'UTC\', "{column}") AS "{column}"' if kind in ("instant", "end") else f'"{column}"'
                for column, kind in one.columns.items()
                if column in one.supplied or column in one.extras
            )
            server.fill(name, con.sql(f'SELECT {shown} FROM "{name}"').to_arrow_reader(1000))
            lines.append(f"  {name}: {{sql: SELECT * FROM {name}, connection: {CONNECTION}}}")
    (exports / "exports.yaml").write_text("\n".join(lines), "utf-8")
    monkeypatch_module.setenv(CONNECTION, server.url)
    return exports


@pytest.fixture(scope="module")
def monkeypatch_module() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def in_place(database: Path, tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Run:
    return checked(database, tmp_path_factory.mktemp("in_place"), key_file)


@pytest.fixture(scope="module")
def on_spark(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Run:
    out = tmp_path_factory.mktemp("on_spark")
    return checked(ROOT / "data_samples", out, key_file, "--engine", "spark", "--master", cluster.master)


@pytest.mark.parametrize("name", ["controls.json", "aggregates.json", "lapses.json", "changes.json"])
def test_spark_says_what_files_say(files: Run, on_spark: Run, name: str) -> None:
    assert on_spark.json("run.json")["engine"] == "spark"
    assert (on_spark.folder / name).read_bytes() == (files.folder / name).read_bytes()


def test_spark_finds_what_files_find(files: Run, on_spark: Run) -> None:
    assert len(files.findings()) > 500
    assert on_spark.findings() == files.findings()


def test_what_is_in_a_database_is_as_anonymous(in_place: Run, database: Path, tmp_path: Path, key_file: Path) -> None:
    files = checked(ROOT / "data_samples", tmp_path / "files", key_file, "--anonymity")
    there = checked(database, tmp_path / "there", key_file, "--anonymity")
    [here] = files.json("anonymity.json")
    assert here["singling_out"]["people"] > 20_000
    assert there.json("anonymity.json") == [here]
    more = set(there.json("run.json")["notes"]) - set(in_place.json("run.json")["notes"])
    gone = "read from its database into the run's folder, which is gone"
    # Of a dataset that nothing else reads, the one column that is measured.
    assert f"sql:call_objects: {gone}: created_at" in more


def test_every_control_was_judged(files: Run) -> None:
    assert {one["outcome"] for one in files.json("controls.json")} <= {"violated", "indeterminate"}


@pytest.mark.parametrize("name", ["controls.json", "aggregates.json", "lapses.json", "changes.json"])
def test_postgres_says_in_place_what_duckdb_says_of_the_same_rows(
    in_place: Run, database: Path, tmp_path: Path, key_file: Path, name: str
) -> None:
    here = checked(database, tmp_path, key_file, "--engine", "local")
    assert (in_place.json("run.json")["engine"], here.json("run.json")["engine"]) == ("postgres", "local")
    assert (in_place.folder / name).read_bytes() == (here.folder / name).read_bytes()
    assert in_place.findings() == here.findings()


def test_postgres_finds_what_files_find(files: Run, in_place: Run) -> None:
    """But where a record is, and one address: whether those of a file are masked is told of each file, and in the
    database all are one.
    """
    columns = "control_id, verdict, reason, clock_at, due_at, days_overdue, detail"
    lost, more = files.findings(columns), in_place.findings(columns)
    assert list((lost - more).elements()) == [
        ("usage_logs_hold_no_full_ip_address", "FAIL", "full_ip", None, None, None, "")
    ]
    assert more - lost == Counter()


def test_only_what_postgres_cannot_do_leaves_it(in_place: Run) -> None:
    read = {
        note.split(":")[1]: note.rpartition(": ")[2].split(", ")
        for note in in_place.json("run.json")["notes"]
        if note.startswith("sql:")
    }
    # Texts in which identifiers may hide, the identifiers to look for, which domains ended: no transfer, no request.
    assert set(read) == {
        "contacts",
        "contracts",
        "directory_domains",
        "directory_entries",
        "usage_logs",
        "user_accounts",
    }
    assert set(read["directory_entries"]) == {"entry_id", "domain", "cn", "mail", "telephoneNumber"}
    assert read["user_accounts"] == [
        "user_id",
        "login",
        "first_name",
        "last_name",
        "email",
        "phone",
        "customer_domain",
        # The directory has a column of this name, whose values are looked for.
        "cn",
    ]
    assert "at" not in read["usage_logs"]


def test_files_and_a_database_are_judged_together(files: Run, database: Path, tmp_path: Path, key_file: Path) -> None:
    """Contracts and users in a database, everything else in files: the same findings of the same records."""
    exports = tmp_path / "exports"
    for path in (ROOT / "data_samples").rglob("*"):
        if path.is_file() and not path.name.startswith(("contrats", "users", "utilisateurs", "planted", "exports")):
            copy = exports / path.relative_to(ROOT / "data_samples")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    manifest = (ROOT / "data_samples" / "exports.yaml").read_text("utf-8")
    for dataset, file in (("contracts", "{file: erp/contrats.csv}"), ("user_accounts", '{file: "directory/u*"}')):
        assert file in manifest
        manifest = manifest.replace(file, f"{{sql: SELECT * FROM {dataset}, connection: {CONNECTION}}}")
    (exports / "exports.yaml").write_text(manifest, "utf-8")
    mixed = checked(exports, tmp_path / "out", key_file)
    assert mixed.json("controls.json") == files.json("controls.json")
    told = "control_id, verdict, reason, record_ref, clock_at, due_at, detail"
    assert mixed.findings(told) == files.findings(told)


def test_no_canary_leaves_a_run(in_place: Run, on_spark: Run, cluster: Cluster) -> None:
    for run in (in_place, on_spark):
        assert not any(path.name.startswith(".") for path in run.folder.iterdir())
        texts = [
            run.printed,
            *(path.read_bytes().decode("latin-1") for path in run.folder.rglob("*") if path.is_file()),
        ]
        rows = duckdb.execute("SELECT * FROM read_parquet(?)", [str(run.folder / "findings.parquet")]).fetchall()
        said = "".join([*texts, str(rows)]).casefold()
        assert not [one for one in canaries() if one.casefold() in said]
    logs = cluster.logs().casefold()
    assert not [one for one in canaries() if one.casefold() in logs]
    assert os.environ[CONNECTION] not in in_place.printed
