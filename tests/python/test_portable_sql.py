"""Models and data tests are written in SQL that DuckDB and Apache Spark both take, and answer alike.

A list of what is known to differ, each with what to write instead; tried on both engines. What has no common spelling
stands in macros/engine.sql.
"""

import re

import pytest

INSTEAD = {
    r"\bvarchar\b": "string",
    r"\bqualify\b": "row_number() .. as place in one step, where place = 1 in the next",
    r"\bas (not )?materialized\b": "a model of its own, or leave it out",
    r"\bstring_agg\b|\blistagg\b|\barray_agg\b": "concat_ws(', ', max(x) filter (where place = 1), ..)",
    r"\* (exclude|replace)\b": "the names of the columns",
    r"\bformat\(|\bprintf\(": "||, and two_decimals()",
    r"\bunpivot\b|\bpivot\b|\bcolumns\(": "the list of the columns",
    r"\b1\.0 /": "1 / x: divided as whole numbers, they give a double",
    r"\bavg\(cast": "cast(sum(cast(x as decimal(18, 9))) as double) / count(*)",
    r"\btrim\((?!both)[^()]*,": "trim(both chars from x)",
    r"\bregexp_(full_match|matches)\b": "regexp_extract(x, '^p$', 0) <> ''",
    r"\basof\b": "a left join on from and to",
    r"\bover \(\s*\)": "an aggregate in a step of its own: Spark would send all rows through one task",
    r",\s*(from\b|\))": "no comma behind the last column",
    r"(?<![:\w]):=|::": "cast(x as type)",
}
INSTEAD_IN_LITERALS = {
    r"\\": "a pattern without backslash: [0-9], [.]",
    r"(?<=[\w ])''(?=[\w ])": "chr(39)",
}
LITERAL = re.compile(r"'(?:[^']|'')*'")
# What macros/engine.sql writes, in DuckDB's spelling.
ENGINE = [
    r"regexp_replace\([^\n]*?, 'g'\)",
    r"struct_pack\([^()]*\)",
    r"date_diff\('day', [^\n]*?::timestamp, [^\n]*?::timestamp \)",
]
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def without_comments(sql: str) -> str:
    return COMMENT.sub("", sql)


@pytest.fixture(scope="module")
def statements(demo_build, everything_build):
    """Build and file -> the SQL of a model or a data test as dbt compiled it; with every switch, of all models."""
    return {
        f"{build.data_dir.parent.name}: {path.relative_to(build.warehouse.parent)}": without_comments(path.read_text())
        for build in (demo_build, everything_build)
        for path in (build.warehouse.parent / "target" / "compiled" / "ipre").glob("**/*.sql")
    }


def faults(sql: str) -> list[str]:
    for pattern in ENGINE:
        sql = re.sub(pattern, "", sql, flags=re.DOTALL)
    literals = "\n".join(found[0] for found in LITERAL.finditer(sql))
    outside = LITERAL.sub("''", sql)
    return [
        f"{found[0]!r}: write {instead}"
        for text, patterns in ((outside, INSTEAD), (literals, INSTEAD_IN_LITERALS))
        for pattern, instead in patterns.items()
        if (found := re.search(pattern, text, re.IGNORECASE))
    ]


def test_no_model_and_no_data_test_holds_what_engines_read_in_different_ways(statements):
    assert len(statements) > 200
    told = {name: found for name, sql in statements.items() if (found := faults(sql))}
    assert not told, "\n".join(f"{name}: {found}" for name, found in told.items())


@pytest.mark.parametrize(
    "sql",
    [
        "select cast(a as varchar) from b",
        "select a from b qualify row_number() over (order by a) = 1",
        "select 1.0 / (1 + days) from b",
        "select a, from b",
        "select max(a) over () from b",
        "select trim(a, '()') from b",
        "select * exclude (a) from b",
        "select regexp_extract(a, '[0-9]\\.', 0) from b",
        "select 'this customer''s' as a",
    ],
)
def test_what_differs_is_found(sql):
    assert faults(sql)
