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
    days = windows(metrics)
    customers = [value_of(metrics, "formula", MEASURE, day)["customers"] for day in days]
    head = ["method", *(f"as of {day}" for day in days), "mean", "behind learned by", *ALSO.values()]
    rows = [head]
    for method in ordered(metrics):
        found = [value_of(metrics, method, MEASURE, day) for day in days]
        cells = ["{1:.3f} [{0:.3f}, {2:.3f}]".format(*ends(one)) for one in found]
        others = [mean(value_of(metrics, method, also, day)["value"] for day in days) for also in ALSO]
        average = mean(one["value"] for one in found)
        rows.append(
            [
                WORDS[method],
                *cells,
                f"{average:.3f}",
                behind_learned(found) if method != "learned" else "",
                *(f"{100 * other:.1f} %" for other in others),
            ]
        )
    lines = [
        "",
        f"NDCG of products that a customer had never bought (customers: {' / '.join(f'{one:,}' for one in customers)})",
    ]
    lines += ["", *in_columns(rows), "", *verdicts(metrics)]
    return "\n".join([*lines, *tenths_in_words(tenths, "offer", "Chance of a purchase")])


def reorders_in_words(metrics: list[dict], tenths: list[dict]) -> str:
    """Return what the chances of a repeat were worth. metrics, tenths: rows as for terminal()."""
    ndcg = [row for row in metrics if row["measure"] == "reorder_ndcg"]
    if not ndcg:
        return (
            "\nNo product was bought again within four weeks, or DAYS are fewer: chances of a repeat are not measured."
        )
    days = windows(ndcg)
    by_method = {method: [row for row in ndcg if row["method"] == method] for method in REORDERS}
    rows = [["products bought again", *(f"as of {day}" for day in days), "mean", "behind the chances by"]]
    for method, found in sorted(by_method.items(), key=lambda item: -mean(row["value"] for row in item[1])):
        cells = ["{1:.3f} [{0:.3f}, {2:.3f}]".format(*ends(one)) for one in found]
        middle, margin = together(paired(found, "difference_to_chance"))
        behind = f"{-middle:.3f} [{-middle - margin:.3f}, {-middle + margin:.3f}]" if method != "chance" else ""
        rows.append([REORDERS[method], *cells, f"{mean(one['value'] for one in found):.3f}", behind])
    lines = ["", "NDCG of ten products that a customer owns, bought again within four weeks", "", *in_columns(rows), ""]
    for day in windows([row for row in metrics if row["measure"] == "forecast_bias"]):
        for method, words in FORECASTS.items():
            bias, error, fifth = (
                value_of(metrics, method, f"forecast_{measure}", day)["value"]
                for measure in ("bias", "error", "top_fifth")
            )
            lines.append(
                f"{words} as of {day}: {bias:.2f} times the sales that came, absolute error {error:.2f} of it; the "
                f"fifth with the highest value brought {100 * fifth:.0f} %"
            )
    return "\n".join([*lines, *tenths_in_words(tenths, "reorder", "Chance of a repeat")])


def tenths_in_words(tenths: list[dict], kind: str, name: str) -> list[str]:
    """Return a line for each window: the chances of a kind by tenths, the least likely first, beside what was found."""
    lines = []
    for day in windows([row for row in tenths if row["kind"] == kind]):
        found = [row for row in tenths if row["kind"] == kind and day_of(row) == day]
        told = ", ".join(f"{100 * row['predicted']:.1f}/{100 * row['found']:.1f} %" for row in found)
        held = sum(row["holds"] for row in found)
        lines.append(f"{name} by tenths as of {day}, predicted/found ({held} of {len(found)} hold): {told}")
    return lines


def in_columns(rows: list[list[str]]) -> list[str]:
    """Return rows of texts as lines, one column under the other."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def behind_learned(rows: list[dict]) -> str:
    """Return the mean over windows of a method's paired difference to the learned ranker, with its interval."""
    middle, margin = together(paired(rows, "difference_to_learned"))
    return f"{-middle:.3f} [{-middle - margin:.3f}, {-middle + margin:.3f}]"


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
    methods = ordered(metrics)
    rankers = [ranker for ranker in RANKERS if ranker in methods]
    best = next((method for method in methods if method not in RANKERS), None)
    pairs = [("learned", "formula")] if len(rankers) == 2 else []
    pairs += [(ranker, best) for ranker in rankers if best]
    return [verdict(metrics, ranker, other) for ranker, other in pairs]


def verdict(metrics: list[dict], ranker: str, other: str) -> str:
    """Say who is ahead, by how many percent of the other's NDCG, and in how many windows clearly."""
    days = windows(metrics)
    # The table has paired differences to a ranker, in one direction.
    base, turned = (other, 1) if other in RANKERS else (ranker, -1)
    of = ranker if turned == 1 else other
    found = paired([value_of(metrics, of, MEASURE, day) for day in days], f"difference_to_{base}")
    found = [(turned * middle, half) for middle, half in found]
    level = mean(value_of(metrics, other, MEASURE, day)["value"] for day in days)
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
        f"clearly in {clear} of {len(days)} windows"
    )


def windows(metrics: list[dict]) -> list[str]:
    """Return the as-of dates, oldest first."""
    return sorted({day_of(row) for row in metrics})


def day_of(row: dict) -> str:
    """Return a row's as-of date, YYYY-MM-DD."""
    return str(row["as_of_date"])[:10]


def value_of(metrics: list[dict], method: str, measure: str, day: str) -> dict:
    """Return the row of one method, measure and as-of date."""
    return next(row for row in metrics if (row["method"], row["measure"], day_of(row)) == (method, measure, day))


def ordered(metrics: list[dict]) -> list[str]:
    """Methods by their mean, best first."""
    methods = [method for method in WORDS if any(row["method"] == method for row in metrics)]
    days = windows(metrics)
    return sorted(methods, key=lambda one: -mean(value_of(metrics, one, MEASURE, day)["value"] for day in days))


def ends(row: dict) -> tuple[float, float, float]:
    """Return a value between the ends of its interval; of one customer all three are the value."""
    low, middle, high = (row[end] for end in ("value_low", "value", "value_high"))
    return (middle, middle, middle) if math.isnan(low) else (low, middle, high)


def figure(metrics: list[dict]) -> str:
    """Methods, best first, and in each window a dot with its 95 % interval, as SVG."""
    days, methods = windows(metrics), ordered(metrics)
    left, wide, row_height, top = 170, 420, 26, 46 + 16 * ((len(days) - 1) // 3)
    highest = max(ends(value_of(metrics, method, MEASURE, day))[2] for method in methods for day in days)
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
    for row, method in enumerate(methods):
        y = top + row_height * row + row_height / 2
        weight = ' font-weight="bold"' if method in RANKERS else ""
        parts.append(f'<text x="{left - 10}" y="{y + 4}" text-anchor="end"{weight}>{html.escape(WORDS[method])}</text>')
        for place, day in enumerate(days):
            found, colour = value_of(metrics, method, MEASURE, day), colours[place % len(colours)]
            low, middle, high = (left + scale * end for end in ends(found))
            at = y + 5 * (place - (len(days) - 1) / 2)
            parts.append(f'<path d="M{low:.1f} {at:.1f}H{high:.1f}" stroke="{colour}"/>')
            parts.append(f'<circle cx="{middle:.1f}" cy="{at:.1f}" r="3" fill="{colour}"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"
