"""Datasets: exports as canonical typed relations, with a quarantine and every row accounted for."""

from audit_lib.datasets.database import MemoryLimitError, connect
from audit_lib.datasets.folder import sha256
from audit_lib.datasets.load import ConservationError, load
from audit_lib.datasets.loaded import Assumption, Dataset, FileReport, Loaded
from audit_lib.datasets.written import written

__all__ = [
    "Assumption",
    "ConservationError",
    "Dataset",
    "FileReport",
    "Loaded",
    "MemoryLimitError",
    "connect",
    "load",
    "sha256",
    "written",
]
