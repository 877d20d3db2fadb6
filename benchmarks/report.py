"""The figures of a benchmark run as docs/benchmarks.md."""

import textwrap

# In the order of the table.
NAMES = {
    "ipre": "**ipre** (DuckDB, pruned, item order)",
    "sparse_product": "sparse matrix product (scipy)",
    "pyfim": "pyfim (FP-growth in C)",
    "polars": "polars, pruned like ipre",
    "rusket": "rusket (FP-growth in Rust)",
    "efficient_apriori": "efficient-apriori",
    "mlxtend": "mlxtend (FP-growth)",
    "pandas_merge": "pandas merge, unpruned",
}
DEFAULT = "half of the memory (the default)"


def report(results: dict) -> str:
    """Return the page. results: what run.py measured."""
    parts = [head(results), whole_build(results["builds"]), MEMORY, pair_counting(results), learned(results["learned"])]
    lines = "\n".join(parts).split("\n")
    return "\n".join(line if line.startswith("|") else textwrap.fill(line, 120) for line in lines)


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table, first column to the left, the others to the right."""
    lines = [f"| {' | '.join(head)} |", f"|---|{'--:|' * (len(head) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def short(lines: int | str) -> str:
    """50,000 -> 50 thousand."""
    lines = int(lines)
    return f"{lines // 1_000_000} million" if lines >= 1_000_000 else f"{lines // 1000} thousand"


def head(results: dict) -> str:
    """Return what was measured where."""
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    return (
        "# Benchmarks\n\n"
        "At the end of this page you know how long a build takes, and how much memory it needs.\n\n"
        "`make bench` measures everything again and rewrites this page; it needs an otherwise idle machine. The "
        f"figures are of {results['when']}. Machine: {results['machine']}. {versions}. The data are from the project's "
        "generator.\n"
    )


def whole_build(builds: list[dict]) -> str:
    """Return the cost of each build."""
    rows = [
        [
            short(one["lines"]),
            f"{one['customers']:,}",
            f"{one['products']:,}",
            one["limit"] or DEFAULT,
            *(f"{one[name]:.0f}" for name in ("wall", "cpu")),
            f"{one['peak_mb'] / 1024:.2f}",
            f"{one['spilled_mb'] / 1024:.1f}",
        ]
        for one in builds
    ]
    columns = ["invoice lines", "customers", "products", "DuckDB limited to", "wall, s", "CPU, s", "peak GB"]
    return (
        "## The whole build\n\n"
        "This is one `dbt build` from Parquet files to published files, with all data tests and the project's own "
        "profile: four models at a time. Every build of the same lines made the same tables, whatever its limit.\n\n"
        + table([*columns, "on disk at most, GB"], rows)
    )


MEMORY = """## How much memory

DuckDB may use half of the memory of the machine or container. `IPRE_MEMORY_LIMIT` sets another limit. What does not
fit goes to a folder beside the warehouse. Below the limit DuckDB keeps what it has read, so the peak is higher than
the need. Python, dbt and K-Means come on top, and DuckDB exceeds its limit for moments.

A build that runs out of memory says so in one line. It names the two settings that help: `IPRE_MEMORY_LIMIT`, and
`IPRE_THREADS`, the number of models that share it.
"""


def pair_counting(results: dict) -> str:
    """Return the ways to count pairs side by side."""
    worlds = {short(one["lines"]) + one["words"]: one["ways"] for one in results["pairs"]}
    rows = []
    for way, name in NAMES.items():
        row = [name]
        for ways in worlds.values():
            one, ours = ways.get(way), ways["ipre"]["seconds"]
            of_one = one and [f"{one['seconds']:.2f}", f"{one['seconds'] / ours:.1f}", f"{one['peak_mb']:,.0f}"]
            row += of_one or [""] * 3
        rows.append(row)
    columns = ["", *(head for world in worlds for head in (f"{world}: s", "times ipre", "MB"))]
    counts = ", ".join(f"{ways['ipre']['pairs']:,} ({world})" for world, ways in worlds.items())
    return (
        "## Pair counting side by side\n\n"
        "The task: count the customers who bought both, for all pairs of a cluster that reach the minimum. Every tool "
        "starts from the same rows in memory, and all find the same pairs with the same counts. Pairs found: "
        f"{counts}. Seconds are medians of {results['repeats']}, each in its own process. Peak memory includes the "
        "libraries. The sparse product is the practical minimum; with little to count, pyfim is below it.\n\n"
        + table(columns, rows)
    )


def learned(one: dict) -> str:
    """Return the cost of a build with the learned ranker, and of the models that are built for it."""
    models = sorted(one["models"].items(), key=lambda item: -item[1])
    rows = [[f"`{name}`", f"{seconds:.1f}"] for name, seconds in models]
    return (
        "## The learned ranker\n\n"
        f"A build of {short(one['lines'])} lines with `ranker: learned`, measured on {one['when']}, takes "
        f"{one['wall']:.0f} s (CPU {one['cpu']:.0f} s) and {one['peak_mb'] / 1024:.2f} GB at most. `make bench "
        "BENCH=--learned-only` measures it alone. Models that are built for it:\n\n" + table(["model", "wall, s"], rows)
    )
