"""pyCANON: k-anonymity, diversity, closeness, likeness and disclosure of a table; prints values and seconds as JSON.

python pycanon.py FILE SEPARATOR QUASI_IDENTIFIERS SENSITIVE
"""

import json
import sys
import time

import pandas as pd
from pycanon import anonymity


def main(file: str, separator: str, quasi_identifiers: list[str], sensitive: str) -> None:
    """Each measure on its own, as a user would ask for it."""
    table = pd.read_csv(file, sep=separator)
    asked = {
        "k": lambda: anonymity.k_anonymity(table, quasi_identifiers),
        "l": lambda: anonymity.l_diversity(table, quasi_identifiers, [sensitive]),
        "l_entropy": lambda: anonymity.entropy_l_diversity(table, quasi_identifiers, [sensitive]),
        "c": lambda: anonymity.recursive_c_l_diversity(table, quasi_identifiers, [sensitive])[0],
        "t": lambda: anonymity.t_closeness(table, quasi_identifiers, [sensitive]),
        "alpha": lambda: anonymity.alpha_k_anonymity(table, quasi_identifiers, [sensitive])[0],
        "beta": lambda: anonymity.basic_beta_likeness(table, quasi_identifiers, [sensitive]),
        "beta_enhanced": lambda: anonymity.enhanced_beta_likeness(table, quasi_identifiers, [sensitive]),
        "delta": lambda: anonymity.delta_disclosure(table, quasi_identifiers, [sensitive]),
    }
    values, start = {}, time.perf_counter()
    for name, measure in asked.items():
        value = float(measure())
        values[name] = None if value != value else value
    print(json.dumps({"values": values, "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3].split(","), sys.argv[4])
