"""History: runs over time: which there were, what changed between two, what is forgotten."""
