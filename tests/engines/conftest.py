"""The engines' servers, one of each for all the tests that need it."""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.engines.servers import Cluster, Server, postgres, postgres_programs, spark


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not postgres_programs():
        pytest.skip("no PostgreSQL: apt-get install postgresql")
    with postgres(tmp_path_factory.mktemp("postgres")) as started:
        yield started


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    need_spark()
    with spark(tmp_path_factory.mktemp("spark")) as started:
        yield started


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("key") / "key"


def need_spark() -> None:
    if not find_spec("pyspark") or not shutil.which("java"):
        pytest.skip("no Spark: make engines")
