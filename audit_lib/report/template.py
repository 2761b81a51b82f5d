"""Template: a page of ours, in which every value is escaped."""

from functools import cache
from pathlib import Path
from typing import Any


@cache
def template(path: Path) -> Any:
    """Jinja's template of a file. A name that is not given is an error when it is rendered."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(path.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(path.name)
