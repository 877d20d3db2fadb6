"""The figures of a benchmark run as docs/benchmarks.md and docs/benchmarks.svg."""

import math
import statistics
from pathlib import Path

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


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table, first column to the left, the others to the right."""
    lines = [f"| {' | '.join(head)} |", f"|---|{'--:|' * (len(head) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def short(lines: int | str) -> str:
    """50,000 -> 50 thousand."""
    lines = int(lines)
    return f"{lines // 1_000_000} million" if lines >= 1_000_000 else f"{lines // 1000} thousand"


def exponent(points: dict[int, float]) -> float:
    """Slope of log seconds over log lines (least squares): 1 is linear."""
    seconds = [math.log(max(value, 1e-3)) for value in points.values()]
    return statistics.linear_regression(list(map(math.log, points)), seconds).slope


def growth(results: dict, value) -> str:
    """Exponent over the sizes from a million lines on, where fixed costs no longer hide it; a dash without two."""
    points = {int(lines): value(one) for lines, one in results["builds"].items() if int(lines) >= 1_000_000}
    return f"{exponent(points):.2f}" if len(points) > 1 else "–"


def costs(one: dict, lines: int) -> list[str]:
    """Wall and CPU seconds, CPU seconds per million lines, and peak memory of a build."""
    return [
        f"{one['wall']:.0f}", f"{one['cpu']:.0f}", f"{one['cpu'] / lines * 1e6:.1f}", f"{one['peak_mb'] / 1024:.2f}"
    ]  # fmt: skip


def stage_names(results: dict) -> list[str]:
    """Return the stages, in the order in which data pass them."""
    return list(next(iter(results["builds"].values()))["stages"])


def times(ways: dict, way: str, other: str = "ipre") -> float:
    """Seconds of one way of counting pairs as a multiple of another's."""
    return ways[way]["seconds"] / ways[other]["seconds"]


def by_size(results: dict, value) -> list[str]:
    """Return a figure of every build, and how it grows."""
    return [*(f"{value(one):.2f}" for one in results["builds"].values()), growth(results, value)]


def write_report(results: dict, docs: Path) -> None:
    """Write both files."""
    builds = results["builds"]
    sizes, stages = list(builds), stage_names(results)
    parts = [head(results)]
    parts += ["## Targets\n", targets(results)]

    rows = [
        [short(lines), f"{one['customers']:,}", f"{one['products']:,}", *costs(one, int(lines))]
        for lines, one in builds.items()
    ]
    columns = ["invoice lines", "customers", "products", "wall, s", "CPU, s", "CPU s per million lines", "peak GB"]
    parts += [
        "## The whole build\n",
        "One `dbt build` from Parquet files to published files, all data tests included, with the project's own "
        "profile: four models beside each other, DuckDB in half of the machine's memory.\n",
        table(columns, rows),
        f"CPU seconds grow with lines to the power of {growth(results, lambda one: one['cpu'])}, from a million on.\n",
        memory(results),
    ]

    kinds = list(next(iter(builds.values()))["kinds"])
    rows = [[kind, *(f"{one['kinds'][kind]:.1f}" for one in builds.values())] for kind in kinds]
    parts += [
        "## What the time is made of\n",
        "Seconds of the nodes from start to end. Four run beside each other on the same cores, so that their sum is "
        "more than the wall's.\n",
        table(["", *map(short, sizes)], rows),
        "## By stage\n",
        "Seconds of the models, and how they grow from a million lines on, at a fixed support threshold.\n",
    ]
    rows = [[stage.replace("_", " "), *by_size(results, lambda one, s=stage: one["stages"][s])] for stage in stages]
    parts.append(table(["stage", *map(short, sizes), "exponent"], rows))
    models = sorted(builds[sizes[-1]]["models"].items(), key=lambda item: -item[1])[:12]
    rows = [[f"`{model}`", *by_size(results, lambda one, m=model: one["models"][m])] for model, _ in models]
    parts += [
        f"The {len(models)} models that take longest:\n",
        table(["model", *map(short, sizes), "exponent"], rows),
        "![Build time by size, and pair counting side by side](benchmarks.svg)\n",
        pairs(results),
        pandas(results),
        demo(results),
    ]
    if "learned" in results:
        parts.append(learned(results))
    if results["also"]:
        rows = [
            [name, f"{one['lines']:,}", f"{one['rules']:,}", *costs(one, one["lines"])]
            for name, one in results["also"].items()
        ]
        columns = ["data", "invoice lines", "rules", "wall, s", "CPU, s", "CPU s per million lines", "peak GB"]
        parts += ["## Other data\n", table(columns, rows)]
        for name, one in results["also"].items():
            slowest = sorted(one["models"].items(), key=lambda item: -item[1])[:5]
            parts.append(f"{name}: " + ", ".join(f"`{model}` {seconds:.1f} s" for model, seconds in slowest) + ".\n")
    (docs / "benchmarks.md").write_text("\n".join(parts), encoding="utf-8")
    draw(results, docs / "benchmarks.svg")


def memory(results: dict) -> str:
    """Return the limit of DuckDB, and the memory that the process then uses."""
    builds = {"half of the memory (the default)": max(results["builds"].items(), key=lambda item: int(item[0]))[1]}
    builds |= results["limited"]
    lines = next(iter(results["limited"].values()))["lines"]
    return (
        "## How much memory\n\n"
        "DuckDB may hold half of the memory of the machine, or of the container that it runs in; `IPRE_MEMORY_LIMIT` "
        "says another figure. What does not fit goes to a folder beside the warehouse, and the tables are the same, "
        "row for row. Python, dbt and K-Means come on top, and DuckDB passes its limit for a moment: the peak is of "
        f"all that together, in a build of {short(lines)} lines.\n\n"
        + table(["DuckDB held to", "wall, s", "CPU, s", "CPU s per million lines", "peak GB"],
                [[limit, *costs(one, lines)] for limit, one in builds.items()])
    )  # fmt: skip


def learned(results: dict) -> str:
    """Return the section on the cost of the learned ranker."""
    one = results["learned"]
    formula = results["builds"][str(one["lines"])]
    parts = {name: seconds for name, seconds in one["models"].items() if name not in formula["models"]}
    rows = [[f"`{name}`", f"{seconds:.1f}"] for name, seconds in sorted(parts.items(), key=lambda item: -item[1])]
    left_out = sum(seconds for name, seconds in formula["models"].items() if name not in one["models"])
    whole, formulas = costs(one, one["lines"]), costs(formula, one["lines"])
    return (
        "## The learned ranker\n\n"
        f"A build of {short(one['lines'])} lines with `ranker: learned`, measured on {one['when']}, takes {whole[0]} s "
        f"(CPU {whole[1]} s, peak {whole[3]} GB), with the formula {formulas[0]} s (CPU {formulas[1]} s). Of the "
        f"formula's models those that are not built then took {left_out:.0f} s. Built beside the others:\n\n"
        + table(["model", "wall, s"], rows)
    )


def head(results: dict) -> str:
    """Return what was measured where."""
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    return (
        "# Benchmarks\n\n"
        f"Written by `make bench` on {results['when']}; every figure is of that one run. "
        f"Machine: {results['machine']}. {versions}.\n\n"
        "Seconds are that machine's; ratios between ways that ran in turns say more. The data are the project's "
        f"generator's. Comparisons are medians of {results['repeats']}, each in an own process; builds ran once.\n"
    )


def targets(results: dict) -> str:
    """Return each target, what was measured, and whether it was reached."""
    demo = results["demo"]
    rows: list[tuple[str, str, bool]] = []

    def add(target: str, value: float, limit: float, form: str, at_least: bool = False) -> None:
        rows.append((target, form.format(value), value >= limit if at_least else value <= limit))

    times_imports = demo["build"]["wall"] / demo["imports"]
    add("warm `dbt build` of the demo: at most twice the imports", times_imports, 2, "{:.1f} times")
    add("all SQL of that build: under 1 s", demo["sql"], 1, "{:.2f} s")
    for lines, limit in (("1000000", 2), ("10000000", 3)):
        if lines in results["pairs"]:
            target = f"pair counting, {short(lines)} lines: at most {limit} times the sparse product"
            add(target, times(results["pairs"][lines], "ipre", "sparse_product"), limit, "{:.2f} times")
    if "1000000" in results["pairs"]:
        for ways, target in (
            (results["pairs"]["1000000"], "pair counting, 1 million lines: 10 times ahead of"),
            (results["pairs_low"], "the same with a support of 0.01:"),
        ):
            for way in ("rusket", "efficient_apriori", "mlxtend"):
                add(f"{target} {way.replace('_', '-')}", times(ways, way), 10, "{:.1f} times", at_least=True)
    if "10000000" in results["builds"]:
        largest = results["builds"]["10000000"]
        add("build of 10 million lines: under 90 s of CPU", largest["cpu"], 90, "{:.0f} s")
        for limit, one in results["limited"].items():
            target = f"the same tables with DuckDB held to {limit}, and at most 1 GB more in all"
            add(target, one["peak_mb"] / 1024, int(limit.removesuffix("GB")) + 1, "{:.2f} GB")
    exponents = {stage: growth(results, lambda one, s=stage: one["stages"][s]) for stage in stage_names(results)}
    if "–" not in exponents.values():
        steepest = max(exponents, key=lambda stage: float(exponents[stage]))
        target = f"growth of every stage: exponent at most 1.1 (the steepest is {steepest.replace('_', ' ')})"
        add(target, float(exponents[steepest]), 1.1, "{:.2f}")
    return table(["target", "measured", "reached"], [[a, b, "yes" if c else "**no**"] for a, b, c in rows])


def pairs(results: dict) -> str:
    """Pair counting side by side."""
    worlds = {short(lines): ways for lines, ways in results["pairs"].items()}
    if "pairs_low" in results:
        worlds["1 million, support 0.01"] = results["pairs_low"]
    rows = []
    for way, name in NAMES.items():
        row = [name]
        for ways in worlds.values():
            one = ways.get(way)
            row += [f"{one['seconds']:.2f}", f"{times(ways, way):.1f}", f"{one['peak_mb']:,.0f}"] if one else [""] * 3
        rows.append(row)
    columns = ["", *(head for world in worlds for head in (f"{world}: s", "times ipre", "MB"))]
    counts = ", ".join(f"{ways['ipre']['pairs']:,} ({world})" for world, ways in worlds.items())
    return (
        "## Pair counting side by side\n\n"
        "Customers who bought both, for all pairs of a cluster that reach the minimum. Every way starts from the same "
        "rows, whose reading is not timed, and all find the same pairs with the same counts. Pairs found: "
        f"{counts}. Peak memory is the process's, libraries included. The sparse product was chosen as the "
        "practical floor; where there is little to count, pyfim is below it.\n\n" + table(columns, rows)
    )


def pandas(results: dict) -> str:
    """Return the section on plain pandas."""
    rows = []
    for lines, one in results["pandas"].items():
        build = results["builds"][lines]
        models = sum(build["models"].values())
        rows.append(
            [short(lines), f"{one['wall']:.1f}", f"{one['peak_mb']:,.0f}", f"{models:.1f}", f"{build['wall']:.1f}",
             f"{build['peak_mb']:,.0f}", f"{one['wall'] / build['wall']:.1f}", f"{one['seconds'] / models:.1f}"]
        )  # fmt: skip
    columns = ["invoice lines", "pandas: wall, s", "MB", "ipre: models, s", "whole build, s", "MB", "pandas / build",
               "pandas / models"]  # fmt: skip
    return (
        "## The whole pipeline against plain pandas\n\n"
        "`benchmarks/plain_pandas.py` is the founding description as one would write it in an afternoon: no input "
        "checks, no comparison groups, no quantities, no reasons, no tests, no publication. Its rules and its lists "
        "are the same as ipre's, position by position; the run stops when they are not.\n\n" + table(columns, rows)
    )


def demo(results: dict) -> str:
    """Return the section on the warm demo build."""
    one = results["demo"]
    kinds = ", ".join(f"{kind} {seconds:.1f} s" for kind, seconds in one["build"]["kinds"].items())
    return (
        "## A warm build of the demo data\n\n"
        f"{one['build']['wall']:.1f} s, against {one['imports']:.1f} s for importing dbt, pandas and scikit-learn: "
        f"{one['build']['wall'] / one['imports']:.1f} times. By dbt's own account: {kinds}. DuckDB alone, without dbt "
        f"around each model, needs {one['sql']:.2f} s for all SQL models.\n"
    )


def draw(results: dict, file: Path) -> None:
    """Build time by size on the left, pair counting on the right."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    # The same figures give the same file.
    matplotlib.rcParams.update(
        {"svg.hashsalt": "ipre", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False}
    )
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4))
    xs = [int(lines) for lines in results["builds"]]
    builds = list(results["builds"].values())
    left.loglog(xs, [one["cpu"] for one in builds], "o-", color="black", label="whole build, CPU")
    left.loglog(xs, [one["wall"] for one in builds], "o--", color="black", label="whole build, wall")
    for stage in stage_names(results)[:-1]:
        left.loglog(xs, [one["stages"][stage] for one in builds], ".-", linewidth=1, label=stage.replace("_", " "))
    left.set_xlabel("invoice lines")
    left.set_ylabel("seconds")
    left.legend(frameon=False, fontsize=7, ncol=4, loc="upper center", bbox_to_anchor=(0.5, -0.16))
    left.set_title("Build time by size", loc="left")
    lines = "1000000" if "1000000" in results["pairs"] else list(results["pairs"])[-1]
    ways = sorted(results["pairs"][lines].items(), key=lambda item: -item[1]["seconds"])
    names = [way.replace("_", " ") for way, _ in ways]
    colors = ["tab:blue" if name == "ipre" else "silver" for name in names]
    bars = right.barh(names, [one["seconds"] for _, one in ways], color=colors)
    right.bar_label(bars, [f"{one['seconds']:.2f} s" for _, one in ways], padding=3, fontsize=8)
    right.margins(x=0.15)
    right.set_xlabel("seconds, median")
    right.set_title(f"Counting pairs, {short(lines)} lines", loc="left")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
