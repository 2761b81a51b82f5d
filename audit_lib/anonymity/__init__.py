"""Anonymity: how far records said to be anonymous are (WP29 Opinion 05/2014: singling out, linkability, inference)."""
