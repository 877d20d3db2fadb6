"""What a back-test found, as a table and a verdict for the terminal, and as a figure."""

import html
import math
from statistics import fmean as mean

RANKERS = ("learned", "formula")
MEASURE = "ndcg"
WORDS = {
    "learned": "learned",
    "formula": "formula",
    "popular": "popular",
    "popular_lately": "popular lately",
    "popular_in_segment": "popular in the segment",
    "item_knn_decay": "item-kNN with decay",
    "ease": "EASE",
    "ease_decay": "EASE with decay",
}
REORDERS = {
    "chance": "chance of a repeat",
    "tifu_knn": "TIFU-KNN",
    "up_cf": "UP-CF@r",
    "decayed_count": "purchase days, halved every 180 days",
    "top_frequency": "most purchase days",
    "rhythm": "due by its rhythm",
}
FORECASTS = {"expected_value": "Expected value", "usual_value": "As in the last year"}
ALSO = {"hit_rate": "hit rate", "recall": "recall", "catalogue_share": "catalogue"}


def terminal(metrics: list[dict], tenths: list[dict]) -> str:
    """Return a table of methods, best first, a verdict per ranker, and how well chances were predicted.

    metrics: rows of backtest_metrics; tenths: rows of backtest_calibration.
    """
    customers = " / ".join(f"{row['customers']:,}" for row in of_method(metrics, "formula", MEASURE))
    lines = ["", f"NDCG of products that a customer had never bought (customers: {customers})", ""]
    lines += compared(metrics, MEASURE, WORDS, "learned", ["method", "behind learned by"], ALSO)
    lines += ["", *verdicts(metrics), *tenths_in_words(tenths, "offer", "Chance of a purchase")]
    return "\n".join(lines)


def reorders_in_words(metrics: list[dict], tenths: list[dict]) -> str:
    """Return what the chances of a repeat were worth. metrics, tenths: rows as for terminal()."""
    if not windows(metrics, "reorder_ndcg"):
        return (
            "\nNo product was bought again within four weeks, or DAYS are fewer: chances of a repeat are not measured."
        )
    head = ["products bought again", "behind the chances by"]
    lines = ["", "NDCG of ten products that a customer owns, bought again within four weeks", ""]
    lines += [*compared(metrics, "reorder_ndcg", REORDERS, "chance", head, also={}), ""]
    for place, day in enumerate(windows(metrics, "forecast_bias")):
        for method, words in FORECASTS.items():
            bias, error, fifth = (
                of_method(metrics, method, f"forecast_{measure}")[place]["value"]
                for measure in ("bias", "error", "top_fifth")
            )
            lines.append(
                f"{words} as of {day}: {bias:.2f} times the sales that came, absolute error {error:.2f} of it; the "
                f"fifth with the highest value brought {100 * fifth:.0f} %"
            )
    return "\n".join([*lines, *tenths_in_words(tenths, "reorder", "Chance of a repeat")])


def compared(
    metrics: list[dict], measure: str, names: dict[str, str], base: str, head: list[str], also: dict[str, str]
) -> list[str]:
    """Return a table of methods, best first, as lines: a measure in each window, its mean, how far behind the base.

    names: method -> as people read it; base: a method; head: what the first and the last column are called; also: other
    measures -> as people read them, of which the mean is told.
    """
    rows = [[head[0], *(f"as of {day}" for day in windows(metrics, measure)), "mean", head[1], *also.values()]]
    for method in ordered(metrics, measure, names):
        found = of_method(metrics, method, measure)
        middle, margin = together(paired(found, f"difference_to_{base}"))
        behind = f"{-middle:.3f} [{-middle - margin:.3f}, {-middle + margin:.3f}]" if method != base else ""
        rows.append(
            [
                names[method],
                *("{1:.3f} [{0:.3f}, {2:.3f}]".format(*ends(one)) for one in found),
                f"{mean_of(found):.3f}",
                behind,
                *(f"{100 * mean_of(of_method(metrics, method, other)):.1f} %" for other in also),
            ]
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def tenths_in_words(tenths: list[dict], kind: str, name: str) -> list[str]:
    """Return a line for each window: the chances of a kind by tenths, the least likely first, beside what was found."""
    lines = []
    for day in sorted({day_of(row) for row in tenths if row["kind"] == kind}):
        found = [row for row in tenths if row["kind"] == kind and day_of(row) == day]
        told = ", ".join(f"{100 * row['predicted']:.1f}/{100 * row['found']:.1f} %" for row in found)
        held = sum(row["holds"] for row in found)
        lines.append(f"{name} by tenths as of {day}, predicted/found ({held} of {len(found)} hold): {told}")
    return lines


def paired(rows: list[dict], column: str) -> list[tuple[float, float]]:
    """Return the difference in each window, and half of its interval."""
    return [(row[column], (row[f"{column}_high"] - row[f"{column}_low"]) / 2) for row in rows]


def together(windows_found: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the mean over windows, and half of its interval: windows are independent of each other."""
    return (
        mean(middle for middle, _ in windows_found),
        math.hypot(*(half for _, half in windows_found)) / len(windows_found),
    )


def verdicts(metrics: list[dict]) -> list[str]:
    """Return a sentence per comparison: each ranker with the other, and with the best of the other methods."""
    methods = ordered(metrics, MEASURE, WORDS)
    rankers = [ranker for ranker in RANKERS if ranker in methods]
    best = next((method for method in methods if method not in RANKERS), None)
    pairs = [("learned", "formula")] if len(rankers) == 2 else []
    pairs += [(ranker, best) for ranker in rankers if best]
    return [verdict(metrics, ranker, other) for ranker, other in pairs]


def verdict(metrics: list[dict], ranker: str, other: str) -> str:
    """Say who is ahead, by how many percent of the other's NDCG, and in how many windows clearly."""
    # The table has paired differences to a ranker, in one direction.
    base, of, turned = (other, ranker, 1) if other in RANKERS else (ranker, other, -1)
    found = paired(of_method(metrics, of, MEASURE), f"difference_to_{base}")
    found = [(turned * middle, half) for middle, half in found]
    level = mean_of(of_method(metrics, other, MEASURE))
    middle, margin = together(found)
    if not level:
        return f"{WORDS[ranker]}: {WORDS[other]} found nothing to compare with"
    bounds = sorted(100 * (middle + sign * margin) / level for sign in (-1, 1))
    if math.isnan(margin) or bounds[0] <= 0 <= bounds[1]:
        percent = f"{100 * middle / level:+.0f} % [{bounds[0]:+.0f}, {bounds[1]:+.0f}]"
        return f"{WORDS[ranker]}: neither ahead of nor behind {WORDS[other]}, {percent}"
    way, word = (1, "ahead of") if middle > 0 else (-1, "behind")
    low, high = sorted(abs(end) for end in bounds)
    clear = sum(way * one > half for one, half in found)
    return (
        f"{WORDS[ranker]}: {word} {WORDS[other]} by {100 * abs(middle) / level:.0f} % [{low:.0f}, {high:.0f}], "
        f"clearly in {clear} of {len(found)} windows"
    )


def windows(metrics: list[dict], measure: str) -> list[str]:
    """Return the as-of dates for which a measure is there, oldest first."""
    return sorted({day_of(row) for row in metrics if row["measure"] == measure})


def day_of(row: dict) -> str:
    """Return a row's as-of date, YYYY-MM-DD."""
    return str(row["as_of_date"])[:10]


def of_method(metrics: list[dict], method: str, measure: str) -> list[dict]:
    """Return the rows of one method and measure, one a window, oldest first."""
    return sorted((row for row in metrics if (row["method"], row["measure"]) == (method, measure)), key=day_of)


def mean_of(rows: list[dict]) -> float:
    """Return the mean over windows."""
    return mean(row["value"] for row in rows)


def ordered(metrics: list[dict], measure: str, names: dict[str, str]) -> list[str]:
    """Return the methods that have a name and this measure by its mean, best first."""
    methods = [method for method in names if of_method(metrics, method, measure)]
    return sorted(methods, key=lambda method: -mean_of(of_method(metrics, method, measure)))


def ends(row: dict) -> tuple[float, float, float]:
    """Return a value between the ends of its interval; of one customer all three are the value."""
    low, middle, high = (row[end] for end in ("value_low", "value", "value_high"))
    return (middle, middle, middle) if math.isnan(low) else (low, middle, high)


def figure(metrics: list[dict]) -> str:
    """Methods, best first, and in each window a dot with its 95 % interval, as SVG."""
    days, methods = windows(metrics, MEASURE), ordered(metrics, MEASURE, WORDS)
    rows = {method: of_method(metrics, method, MEASURE) for method in methods}
    left, wide, row_height, top = 170, 420, 26, 46 + 16 * ((len(days) - 1) // 3)
    highest = max(ends(one)[2] for found in rows.values() for one in found)
    scale = wide / (highest or 1)
    colours = ["#1b6ca8", "#d1495b", "#2e933c", "#8d6a9f", "#c77d0a", "#555555"]
    height = top + row_height * len(methods) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + wide + 30}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{left}" y="16">NDCG of products never bought before, with 95 % intervals</text>',
    ]
    step = 10 ** math.floor(math.log10(highest)) / 2 if highest > 0 else 1
    bottom = top + row_height * len(methods)
    for tick in range(int(highest / step) + 1):
        x = left + scale * step * tick
        parts.append(f'<path d="M{x:.1f} {top}V{bottom}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{step * tick:g}</text>')
    for place, day in enumerate(days):
        colour = colours[place % len(colours)]
        x, y = left + 140 * (place % 3), 34 + 16 * (place // 3)
        parts.append(f'<text x="{x}" y="{y}" fill="{colour}">● as of {day}</text>')
    for number, (method, found) in enumerate(rows.items()):
        y = top + row_height * number + row_height / 2
        weight = ' font-weight="bold"' if method in RANKERS else ""
        parts.append(f'<text x="{left - 10}" y="{y + 4}" text-anchor="end"{weight}>{html.escape(WORDS[method])}</text>')
        for place, one in enumerate(found):
            colour = colours[place % len(colours)]
            low, middle, high = (left + scale * end for end in ends(one))
            at = y + 5 * (place - (len(days) - 1) / 2)
            parts.append(f'<path d="M{low:.1f} {at:.1f}H{high:.1f}" stroke="{colour}"/>')
            parts.append(f'<circle cx="{middle:.1f}" cy="{at:.1f}" r="3" fill="{colour}"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"
