"""Attack: ids of a log against the identifiers of as many users; prints what linked and seconds as JSON.

Of ten ids three are a cut MD5 of the e-mail address, one each a SHA-256 of the login, a cut SHA-512 of it, a SHA-1 of
the telephone number in base64 and a salted MD5 of the login; three are of nobody.

python -m tests.bench.attack PEOPLE
"""

import hashlib
import json
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from audit_lib.engines.duckdb import DuckDB
from audit_lib.expectations import ExpectIdsNotLinkable
from audit_lib.expectations.rule import Relation

USERS = """
CREATE TABLE user_accounts AS SELECT 0 AS _file, i AS _row, i AS _at, 'U-' || (1000000 + i) AS user_id,
  'User' || i || '@Example' || (i % 97) || '.com' AS email, 'login' || i AS login,
  '06' || lpad(CAST(hash(i) % 100000000 AS VARCHAR), 8, '0') AS phone FROM range({people}) t(i)"""
LOGS = """
CREATE TABLE usage_logs AS SELECT 0 AS _file, u._row, u._at, 'e' || i AS event_id, CASE
  WHEN i % 10 < 3 THEN left(md5(lower(email)), 16) WHEN i % 10 = 3 THEN upper(sha256(login))
  WHEN i % 10 = 4 THEN left(sha512(login), 24) WHEN i % 10 = 5 THEN to_base64(unhex(sha1(phone)))
  WHEN i % 10 = 6 THEN md5('pepper' || login)
  ELSE left(md5(i || ' of a key thrown away'), CAST(12 + i % 3 AS INT)) END AS anonymous_id
FROM (SELECT *, _row AS i FROM user_accounts) AS u"""
KNOWN = {"user_accounts": {"email": "email", "login": "login", "phone": "phone", "user_id": "id"}}


def main(people: int) -> None:
    """Planted, found and found wrongly; what chance would give."""
    with tempfile.TemporaryDirectory() as folder:
        con = duckdb.connect(f"{folder}/attack.duckdb")
        con.execute("SET TimeZone = 'UTC'")
        con.create_function("sha512", _sha512, ["VARCHAR"], "VARCHAR")
        con.execute(USERS.format(people=people))
        con.execute(LOGS)
        names = {"user_accounts": ["user_id", "email", "login", "phone"], "usage_logs": ["event_id", "anonymous_id"]}
        relations = {
            name: Relation(name, dict.fromkeys(columns, "text"), frozenset(columns), key=("_file", "_row"), rows=people)
            for name, columns in names.items()
        }
        (out := Path(folder, "findings")).mkdir()
        engine = DuckDB(con, relations, files=("made",), key=b"k" * 32, out=out)
        rule = ExpectIdsNotLinkable(
            as_of="2026-11-01T06:00:00+01:00",
            time_zone="Europe/Paris",
            control="attack",
            column="anonymous_id",
            known=KNOWN,
            users="user_accounts",
            shortest=6,
            chance=1e-5,
            salts=["salt", "pepper", "secret"],
        )
        start = time.perf_counter()
        setting = engine.setting("usage_logs", str(rule.as_of), str(rule.time_zone))
        tally = engine.judge(setting, {"attack": rule.rule(setting)})["attack"]
        seconds = time.perf_counter() - start
        found = f"SELECT source_row % 10 < 7 AS planted, count(*) FROM '{out}/*.parquet' GROUP BY ALL"
        said = dict(con.execute(found).fetchall())
        con.close()
    [dictionary] = [one for one in tally["aggregates"] if one["name"] == "dictionary"]
    chance = sum(ids * many / 2**bits for digest, bits, ids, many, *_ in dictionary["rows"] if digest == "any")
    print(
        json.dumps(
            {
                "planted": people * 7 // 10,
                "found": said.get(True, 0),
                "wrong": said.get(False, 0),
                "spellings": max(row[3] for row in dictionary["rows"]),
                "chance": chance,
                "seconds": seconds,
            }
        )
    )


def _sha512(text: str) -> str:
    return hashlib.sha512(text.encode()).hexdigest()


if __name__ == "__main__":
    main(int(sys.argv[1]))
