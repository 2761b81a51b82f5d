"""Countries: French and English names and codes, as ISO 3166-1 alpha-2."""

import gettext
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import duckdb

from audit_lib import yaml
from audit_lib.datasets.folding import fold

TABLE = "dpo_countries"


@cache
def codes_by_name() -> dict[str, str]:
    """Folded name or code -> alpha-2; `EPO` is the European Patent Office, `XK` Kosovo."""
    found = dict(_iso())
    for code, names in yaml.read(Path(__file__).with_name("countries.yaml")).items():
        found |= {fold(name): code for name in [code, *names]}
    return found


def make_table(con: duckdb.DuckDBPyConnection) -> None:
    """The names as a table (name, code), for joins."""
    names = codes_by_name()
    con.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} (name VARCHAR, code VARCHAR)")
    con.execute(f"DELETE FROM {TABLE}")
    con.execute(f"INSERT INTO {TABLE} SELECT unnest(?), unnest(?)", [list(names), list(names.values())])


def _iso() -> Iterator[tuple[str, str]]:
    import pycountry

    french = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["fr"])
    for country in pycountry.countries:
        names = [getattr(country, name, "") for name in ("name", "common_name", "official_name")]
        for name in (
            country.alpha_2,
            country.alpha_3,
            *names,
            *(french.gettext(name) for name in names if name),
        ):
            if name:
                yield fold(name), country.alpha_2
