"""Reads the project's YAML files."""

from pathlib import Path
from typing import Any

from loaders.errors import LoaderError, first_line


def read_yaml(path: Path) -> dict[str, Any]:
    """What a file holds, nothing if it is empty.

    Raises LoaderError, with the line, for a file that is no YAML or holds no names with values.
    """
    # The commands that read no YAML start sooner without it.
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415

    content = path.read_bytes()
    line, problem = 0, "expected names with values"
    try:
        document = yaml.load(content, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
        if document is None or isinstance(document, dict):
            return document or {}
    except yaml.MarkedYAMLError as error:
        line, problem = error.problem_mark.line, error.problem
    except yaml.reader.ReaderError as error:
        line, problem = content.count(b"\n", 0, error.position), first_line(error)
    raise LoaderError(f"{path}, line {line + 1}: {problem}; correct the file, then run again")
