"""OSCAL: NIST's format for controls, how they were assessed and what was found."""
