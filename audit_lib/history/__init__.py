"""History: runs over time: what falls due after one, and how two differ."""
