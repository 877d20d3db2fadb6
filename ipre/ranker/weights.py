"""All that was learned, as a table: lists are made with what is in it, and nothing else."""

import numpy as np
import pandas as pd

from .chance import COLUMNS, Chance
from .features import FEATURES
from .training import Model, Ranker

KEY = ["part", "model", "name"]


def to_table(ranker: Ranker) -> pd.DataFrame:
    """Return one row per part, model, name and its value, in this order; days as dates."""
    rows = [("decision", "", "learned", float(bool(ranker.models)))]
    rows += [("blend", "", term, weight) for term, weight in ranker.blend.items()]
    for day, told in ranker.told.items():
        rows += [("cut_off", str(np.datetime64(int(day), "D")), name, float(value)) for name, value in told.items()]
    for name, model in ranker.models.items():
        for part, values in model._asdict().items():
            rows += [(part, name, feature, float(value)) for feature, value in zip(FEATURES, values, strict=True)]
    if ranker.chance:
        values = (ranker.chance.intercept, *ranker.chance.coefficients)
        rows += [
            ("chance", "", name, float(value)) for name, value in zip(("intercept", *COLUMNS), values, strict=True)
        ]
    return pd.DataFrame(rows, columns=[*KEY, "value"]).sort_values(KEY, ignore_index=True)


def from_table(table: pd.DataFrame) -> Ranker:
    """Return the ranker of a table; the inverse of to_table, but for what it was learned from."""
    values = {tuple(row[:3]): row[3] for row in table[[*KEY, "value"]].itertuples(index=False)}

    def array(part: str, model: str, names: tuple[str, ...]) -> np.ndarray:
        return np.array([values[part, model, name] for name in names])

    names = sorted({model for part, model, _ in values if part == "median"})
    models = {name: Model(*(array(part, name, FEATURES) for part in Model._fields)) for name in names}
    chance = None
    if ("chance", "", "intercept") in values:
        chance = Chance(values["chance", "", "intercept"], array("chance", "", COLUMNS))
    # In the order of the table's rows, so that sums are added up alike.
    blend = {name: value for (part, _, name), value in sorted(values.items()) if part == "blend"}
    return Ranker(models, blend, chance, {})
