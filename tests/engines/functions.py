"""Functions: what DuckDB and what Spark make of many texts, as JSON. A program: Spark leaves sockets open.

python -m tests.engines.functions FOLDER
"""

import base64
import json
import random
import sys
import urllib.parse
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from audit_lib.engines.duckdb import DuckDB
from audit_lib.engines.spark import Spark

# One whose last digit is right.
IMEI = "'490154203237518'"
FUNCTIONS = [
    "dpo_url(x)",
    "dpo_decoded(x)",
    "dpo_folded(x)",
    "dpo_said(x)",
    "array_join(array_sort(dpo_tokens(x, dpo_said(x))), '|')",
    "dpo_remainder(regexp_replace(x, '[^0-9A-Z]', ''))",
    f"dpo_luhn(left(regexp_replace(concat(x, {IMEI}), '[^0-9]', ''), 15))",
    "dpo_reference(x)",
    "array_join(dpo_words(x), '|')",
]
# What the two call otherwise.
IN_DUCKDB = {
    FUNCTIONS[4]: "array_to_string(list_sort(dpo_tokens(x, dpo_said(x))), '|')",
    FUNCTIONS[8]: "array_to_string(dpo_words(x), '|')",
    FUNCTIONS[5]: "dpo_remainder(regexp_replace(x, '[^0-9A-Z]', '', 'g'))",
    FUNCTIONS[6]: f"dpo_luhn(left(regexp_replace(concat(x, {IMEI}), '[^0-9]', '', 'g'), 15))",
}


def _texts() -> list[str]:
    said = [
        "jean.dupont@example.com bonjour",
        "Jean Dupont né en 1970 à Orléans",
        '{"email":"jean@x.example","nom":"Dupont"}',
        "a'b\"c\\d",
        "\x00\x01 binary \x7f",
    ]
    texts = ["", "%", "%zz%41", "a%E9b%40c", "x+y=1+2", "%25%34%30", "\\u0041bc\\u00e9", "\\ud83d\\ude00", "́é"]
    texts += ["q?name=Jean+Dupont&x=%C3%A9", "İstanbul ΣΑΣ ﬁ ½ Å 가"]
    for one in said:
        written = base64.b64encode(one.encode()).decode()
        latin = base64.b64encode(one.encode("latin-1", "replace")).decode()
        texts += [one, written, written.rstrip("="), latin, urllib.parse.quote(one), f"x={urllib.parse.quote(written)}"]
        texts.append(base64.urlsafe_b64encode(one.encode()).decode().rstrip("="))
    draw = random.Random(7)
    letters = 'ab%4+/=_- \\u00e9Zé@.0123456789{}":&?'
    texts += ["".join(draw.choice(letters) for _ in range(draw.randint(1, 60))) for _ in range(2000)]
    return list(dict.fromkeys(texts))


def main(folder: Path) -> None:
    texts = _texts()
    pq.write_table(pa.table({"i": list(range(len(texts))), "x": texts}), folder / "t.parquet")
    con, key = duckdb.connect(), b"k" * 32
    engine = Spark(DuckDB(con, {}, key=key), con, {}, master="local[1]", files=(), key=key, out=folder / "findings")
    session = engine._session
    con.execute(f"CREATE VIEW t AS FROM read_parquet('{folder / 't.parquet'}')")
    session.read.parquet(str(folder / "t.parquet")).createOrReplaceTempView("t")
    said = {}
    for function in FUNCTIONS:
        here = con.execute(f"SELECT i, {IN_DUCKDB.get(function, function)} FROM t ORDER BY i").fetchall()
        there = session.sql(f"SELECT i, {function} FROM t ORDER BY i").collect()
        said[function] = (here, [tuple(row) for row in there])
    engine.close()
    (folder / "said.json").write_text(json.dumps(said), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
