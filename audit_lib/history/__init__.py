"""History: runs over time: which there were, what changed between two, what comes next, what is forgotten."""
