"""Repeated keys are found exactly, whatever the order of the rows."""

import random

import pytest

from audit_lib.datasets import repeated
from tests.datasets.conftest import Exports


@pytest.mark.parametrize("few", [200_000, 0])
@pytest.mark.parametrize("order", ["sorted", "sorted files", "shuffled"])
def test_the_same_rows_are_set_aside_in_any_order(
    exports: Exports, order: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeated, "_FEW", few)
    draw = random.Random(7)
    names = [f"{draw.choice('ABé')}-{draw.randrange(3000)}" for _ in range(4000)]

    def in_order(keys: list[str]) -> list[str]:
        return sorted(keys, key=lambda name: (len(name.encode()), name))

    if order == "sorted":
        names = in_order(names)
    files = {"a.csv": names[:2500], "b.csv": names[2500:2510], "c.csv": names[2510:]}
    if order == "sorted files":
        files = {file: in_order(keys) for file, keys in files.items()}
    for file, keys in files.items():
        exports.write(file, "contact_id,email\n" + "".join(f"{key},{n}\n" for n, key in enumerate(keys)))
    loaded = exports.load("datasets:\n  contacts: {file: '*.csv'}\n")
    seen: set[str] = set()
    expected = []
    for file, keys in files.items():
        for row, key in enumerate(keys, 1):
            if key in seen:
                expected.append((file, row, "contact_id", "key_duplicate"))
            seen.add(key)
    assert exports.quarantine() == sorted(expected)
    assert sum(file.rows_loaded for file in loaded.files) == len(seen)


@pytest.mark.parametrize("few", [200_000, 0])
def test_a_key_of_several_columns(exports: Exports, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeated, "_FEW", few)
    exports.write(
        "training.csv",
        "user_id,course,completed_at\nu,GDPR,2026-01-31\nu,LPD,2026-01-31\nu,GDPR,2026-02-28\n,LPD,2026-02-28\n",
    )
    exports.load()
    assert exports.quarantine() == [
        ("training.csv", 3, None, "key_duplicate"),
        ("training.csv", 4, "user_id", "key_missing"),
    ]
