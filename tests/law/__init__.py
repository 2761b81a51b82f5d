"""The law as scenarios: facts, verdict and why, in YAML that a lawyer can read."""
