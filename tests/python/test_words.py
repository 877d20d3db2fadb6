"""What people read is in the words of CONTRIBUTING's glossary: pages, messages, descriptions and comments.

The words that nobody uses stand in the last column of that table; the word to use is in its first column.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from conftest import PROJECT

GLOSSARY = PROJECT / "CONTRIBUTING.md"
# Phrases that have to be read twice -> what to write. The keys are regular expressions, in the case of their letters.
PHRASES = {
    "which there is not": "has no ...; did you mean ...?",
    "[Ii]t is a claim": "nobody checked it",
    "Give the": "Return the",
    "Say whether": "Whether",
    r"(?<!there\s)is no (text|date|number|address)": "is not a ...",
    "unlike the last": "unusual changes since the last run",
    "seen apart": "distinguished",
    "as ever": "as before",
    "Point nothing at": "Do not connect anything to",
    "[Hh]ow a recommendation comes about": "how a recommendation is made",
    "of their own must": "must",
    "[Ww]holly": "completely",
}
# The words in these are not the glossary's.
ALLOWED = re.compile(
    r"\bevery[- ]night\b|\bin place\b|\b(take|takes|taking|taken|took) place\b|\bin one place\b|\bdecimal places?\b",
    re.IGNORECASE,
)
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`|\]\([^)]*\)|\{\{.*?\}\}")
SQL_START = re.compile(r"\s*(select|with|from|create|insert|update|delete|copy|attach|alter|drop|comment on|case)\b")
SQL_INSIDE = re.compile(r"\bselect\b.*\bfrom\b|\border by\b|\bpartition by\b", re.DOTALL)
SQL_COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
SQL_TEXT = re.compile(r"'[^'\n]* [^'\n]*'")


def glossary() -> dict[str, str]:
    """Return the words that are not used -> the word to use."""
    rows = re.findall(r"^\| ([^|]+) \|[^|]*\| ([^|]*)\|$", GLOSSARY.read_text().partition("| word |")[2], re.MULTILINE)
    return {word: use for use, words in rows for word in re.split(r",\s*", words.strip()) if word.strip("-: ")}


WORDS = glossary()


def blank(text: str, pattern: re.Pattern) -> str:
    """Return the text without what the pattern matches, with every line where it was."""
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def found(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, word and the word to use of every word that nobody uses."""
    text = blank(blank(blank(text, FENCE), CODE), ALLOWED)
    searched = {rf"(?i:{re.escape(word)}s?)": use for word, use in WORDS.items()} | PHRASES
    for pattern, use in searched.items():
        # A phrase may go over a line's end.
        for match in re.finditer(rf"\b{pattern}\b".replace(" ", r"\s+"), text):
            yield text.count("\n", 0, match.start()) + 1, " ".join(match[0].split()), use


def page_texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the text of a page: without the glossary's own table, and without the table of parameters.

    The latter is written from ipre/run/parameters.py, where its words are looked for.
    """
    text = path.read_text()
    if path == GLOSSARY:
        text = blank(text, re.compile(r"^\| [^|]+ \|[^|]*\| [^|]*\|$", re.MULTILINE))
    if path.name == "parameters.md":
        text = blank(text, re.compile(r"^\| parameter \|.*?\n\n", re.DOTALL | re.MULTILINE))
    yield 1, text


def python_texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts and docstrings of a module with their first lines; an f-string is one text. SQL is no text."""
    tree = ast.parse(path.read_text())
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            text = node.value
        else:
            continue
        if " " in text.strip() and not SQL_START.match(text) and not SQL_INSIDE.search(text):
            yield node.lineno, text


def descriptions(path: Path) -> Iterator[tuple[int, str]]:
    """Yield every description of a properties file, with the line that it begins in."""
    waiting = [yaml.compose(path.read_text())]
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == "description":
                    yield value.start_mark.line + 1, value.value
                else:
                    waiting.append(value)


def sql_texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the comments of an SQL file and its texts of more than one word, with their first lines."""
    text = path.read_text()
    for comment in SQL_COMMENT.finditer(text):
        yield text.count("\n", 0, comment.start()) + 1, comment[0]
    code = blank(text, SQL_COMMENT)
    for quoted in SQL_TEXT.finditer(code):
        yield code.count("\n", 0, quoted.start()) + 1, quoted[0]


def markdown() -> list[Path]:
    """Return every page of the project."""
    folders = ["docs", ".github", "dashboards", "spark"]
    return [*PROJECT.glob("*.md"), *(page for folder in folders for page in (PROJECT / folder).rglob("*.md"))]


READ = {
    "pages": [(page_texts, markdown())],
    "ipre": [(python_texts, (PROJECT / "ipre").rglob("*.py"))],
    "app": [(python_texts, (PROJECT / "app").rglob("*.py"))],
    "models": [
        (descriptions, (PROJECT / "models").rglob("*.yml")),
        (page_texts, (PROJECT / "models").rglob("*.md")),
        (sql_texts, (PROJECT / "models").rglob("*.sql")),
        (sql_texts, (PROJECT / "macros").rglob("*.sql")),
    ],
}


@pytest.mark.parametrize("what", READ)
def test_what_people_read_is_in_the_words_of_the_glossary(what):
    wrong = [
        f"{path.relative_to(PROJECT)}:{first + line - 1}: '{word}': write '{use}'"
        for texts, paths in READ[what]
        for path in sorted(paths)
        for first, text in texts(path)
        for line, word, use in found(text)
    ]
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("One row per place of the list.\nThe last\nnight's rooms", ["place", "night", "rooms"]),
        ("The file names the column x, which\nthere is not; it is no date", ["which there is not", "is no date"]),
        ("Every night two decimal places take place in place, as `the room` and final_places say.", []),
        ("```\nplace\n```\n[Every night](every-night.md#place)", []),
    ],
)
def test_a_word_is_found_wherever_it_stands_and_no_other(text, words):
    assert sorted(word for _, word, _ in found(text)) == sorted(words)


def test_the_glossary_names_words_that_nobody_uses():
    assert {"place": "position", "night": "run", "room": "stage"}.items() <= WORDS.items()
