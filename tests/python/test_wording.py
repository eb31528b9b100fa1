"""No retired phrase is left in pages, descriptions, comments, docstrings and messages."""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("analyses", "docs", "loaders", "macros", "models", "sandbox", "seeds", "tests", "tools")
# A phrase that was retired, and what to write.
RETIRED = {
    r"rows? an?": "one row per ...",
    r"live (work )?(orders?|rows?|records?)": "not deleted",
    r"beats?": "interval",
    r"land(s|ed|ing)?": "load",
    r"proved gone": "confirmed deleted",
    r"order and run of days": "one row per work order and date range",
    r"as (it|they) says? it": "unchanged",
    r"what MaintainX says": "compare with the live API",
    r"when (it is|they are) whole": "written atomically",
    r"in part or something found": "partial failure or findings",
    r"walk(s|ed)? everything again": "full refresh",
    r"MaintainX of our own": "mock MaintainX API",
    r"moves? bytes": "extracts and loads",
    r"left to your other integrations": "uses 80 of the 100 requests a minute",
    r"on a page what can be trusted": "a one-page data quality summary",
    r"has? otherwise": "differs from MaintainX",
    r"absence is a question": "confirmed by a request for its id",
    r"gone on with": "resumes",
    r"hold of the SQL": "check the SQL",
    r"the dirt": "deliberate errors in the sandbox's data",
}
PHRASES = {re.compile(rf"\b{old}\b", re.IGNORECASE): new for old, new in RETIRED.items()}
SQL_COMMENT = re.compile(r"--[^\n]*|\{#.*?#\}|/\*.*?\*/", re.DOTALL)
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
# These name phrases to retire them, or keep the words of an earlier release.
ABOUT_WORDS = {"CHANGELOG.md", "docs/decisions.md", "tests/python/test_wording.py"}


def title(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def pages() -> Iterator[Path]:
    yield from (ROOT / "Makefile", *ROOT.glob("*.md"), *ROOT.glob("*.yml"))
    for folder in FOLDERS:
        for kind in ("md", "py", "sql", "yml"):
            yield from (ROOT / folder).rglob(f"*.{kind}")


def seen(path: Path) -> Iterator[str]:
    """What of a file is for people, in pieces."""
    text = path.read_text()
    if path.suffix == ".py":
        kinds = (tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", None))
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        yield from (token.string for token in tokens if token.type in kinds)
    elif path.suffix == ".sql":
        yield from SQL_COMMENT.findall(text)
    else:
        yield CODE.sub("", text)


def retired(text: str) -> list[str]:
    """The retired phrases in a text, each with what to write instead."""
    words = " ".join(text.split())
    return [
        f"{found[0]!r}: write {new!r}"
        for old, new in PHRASES.items()
        for found in old.finditer(words)
    ]


def test_no_retired_phrase_is_left() -> None:
    left = [
        f"{title(path)}: {phrase}"
        for path in pages()
        if title(path) not in ABOUT_WORDS
        for text in seen(path)
        for phrase in retired(text)
    ]
    assert not left, "\n".join([f"{len(left)} retired phrases", *left])


@pytest.mark.parametrize("text", ["One row a work\n order.", "it lands", "Live orders", "a beat"])
def test_a_retired_phrase_is_found(text: str) -> None:
    assert len(retired(text)) == 1


def test_code_is_not_wording(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Read `landing.py`.\n\n```sh\nextract --beat 1h\n```\n")
    assert not any(map(retired, seen(page)))
    module = tmp_path / "module.py"
    module.write_text("landing = 1  # one row a list\n")
    assert [len(retired(text)) for text in seen(module)] == [1]
