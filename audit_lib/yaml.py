"""YAML: strict reading; repeated keys are refused, only true and false are booleans, dates stay text."""

import re
from pathlib import Path
from typing import Any

import yaml


class YamlError(ValueError):
    """The file is no YAML that we accept; one line says where and what to write."""


_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """YAML 1.2's few words for true and null: in YAML 1.1 the country code NO is false."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def _mapping(loader: Any, node: yaml.MappingNode) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise YamlError(f"line {line}: write a word before the colon, in quotes if it holds [ or {{")
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            raise YamlError(f"line {line}: {key}: written twice, keep one")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)

# What libyaml says, and what to write: its own words name the symptom, not the cure.
_CURES = {
    "mapping values are not allowed": "put the text in quotes: it holds a colon followed by a space",
    "found a tab character": "write spaces instead of a tab",
    "that cannot start any token": "write spaces instead of a tab, or put the text in quotes",
    "did not find expected key": "align this line with its neighbours, or put the text in quotes",
    "did not find expected <block end>": "align this line with its neighbours",
    "could not find expected ':'": "write a colon after the name",
    "found unexpected end of stream": "close the quote or the bracket",
    "did not find expected node content": "close the bracket, or write a value",
    "did not find expected ',' or": "close the bracket, or write a comma",
    "undefined alias": "put the text in quotes: it begins with an asterisk",
    "could not determine a constructor": "put the text in quotes: it begins with an exclamation mark",
    "but found another document": "write one document: remove the second ---",
    "control characters are not allowed": "remove the control character",
    "special characters are not allowed": "remove the control character",
}


def read(path: Path) -> Any:
    """What the file holds. Raises YamlError, whose text quotes no value."""
    try:
        return yaml.load(path.read_text("utf-8-sig"), Loader=_Loader)  # noqa: S506 - a safe loader's subclass
    except YamlError as error:
        raise YamlError(f"{path.name}: {error}") from None
    except UnicodeDecodeError:
        raise YamlError(f"{path.name}: write it in UTF-8") from None
    except OSError as error:
        raise YamlError(f"{path.name}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise YamlError(f"{path.name}: {_explained(error)}") from None
    except ValueError:
        raise YamlError(f"{path.name}: write shorter numbers, or put them in quotes") from None


def _explained(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "")
    cure = next((cure for symptom, cure in _CURES.items() if symptom in problem), "write valid YAML")
    return f"line {mark.line + 1}: {cure}" if mark else cure
