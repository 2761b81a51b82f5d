"""Datasets: exports as canonical typed relations, with a quarantine and every row accounted for."""

from audit_lib.datasets.database import MemoryLimitError, connect
from audit_lib.datasets.folder import sha256
from audit_lib.datasets.load import ConservationError, load
from audit_lib.datasets.loaded import Assumption, Dataset, FileReport, Loaded
from audit_lib.datasets.remote import Remote
from audit_lib.datasets.written import written
from audit_lib.sources.postgres import Database, DatabaseError, Databases

__all__ = [
    "Assumption",
    "ConservationError",
    "Database",
    "DatabaseError",
    "Databases",
    "Dataset",
    "FileReport",
    "Loaded",
    "MemoryLimitError",
    "Remote",
    "connect",
    "load",
    "sha256",
    "written",
]
