"""Engine: which one judges the datasets of a run."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit_lib.datasets import Loaded
from audit_lib.expectations.rule import Relation

if TYPE_CHECKING:
    from audit_lib.engines import Engine

LOCAL, POSTGRES, SPARK = "local", "postgres", "spark"


def chosen(asked: str | None, loaded: Loaded) -> str:
    """The engine that was asked for, else the one where the data are. Raises ValueError with what to write."""
    remote = any(one.remote for one in loaded.datasets.values())
    if asked == POSTGRES and not remote:
        raise ValueError("no dataset is in a database: write sql: and connection: in exports.yaml, or --engine local")
    return asked or (POSTGRES if remote else LOCAL)


@contextmanager
def engine(
    name: str,
    loaded: Loaded,
    con: Any,
    *,
    master: str,
    law: Mapping[str, list[dict[str, str]]],
    key: bytes,
    out: Path,
) -> Iterator["Engine"]:
    """The engine, ready to judge every dataset; `con` is the run's database, `out` receives findings, `master` is
    Spark's. Raises EngineLostError.
    """
    from audit_lib.engines.duckdb import DuckDB

    relations = {dataset: _relation(loaded, dataset) for dataset in loaded.datasets}
    remotes = {dataset: one.remote for dataset, one in loaded.datasets.items() if one.remote}
    files = tuple(one.file for one in loaded.files)
    local = DuckDB(con, relations, law=law, files=files, key=key, out=out)
    with ExitStack() as stack:
        judge: Engine = local
        if remotes:
            from audit_lib.engines.postgres import Postgres

            stay = name == POSTGRES
            postgres = Postgres(local, con, relations, remotes, law=law, files=files, key=key, out=out, stay=stay)
            judge = stack.enter_context(closing(postgres))
            if name == SPARK:
                postgres.read_all()
        if name == SPARK:
            from audit_lib.engines.spark import Spark

            spark = Spark(judge, con, relations, master=master, files=files, key=key, out=out)
            judge = stack.enter_context(closing(spark))
        yield judge


def _relation(loaded: Loaded, dataset: str) -> Relation:
    one = loaded.datasets[dataset]
    return Relation(
        name=dataset,
        columns=one.columns,
        supplied=one.supplied,
        extras=one.extras,
        stopped=one.stopped,
        naive=one.naive,
        key=one.key,
        refused=one.refused,
        rows=sum(file.rows_loaded for file in loaded.files if file.dataset == dataset),
    )
