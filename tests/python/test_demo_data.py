"""What users rely on in the demo data and its generator, seeds/generate_realistic_dataset.py and seeds/demo_world."""

from __future__ import annotations

import duckdb
import generate_realistic_dataset as generator
import pandas as pd
import pytest
from conftest import DEMO
from day_lists import DayLists
from demo_world.world import ALL_KITS, REGIONS, TRADES

NAMES = ("customers", "products", "invoices", "feedback")


@pytest.fixture(scope="module")
def demo() -> dict[str, pd.DataFrame]:
    """The checked-in files, as text except for the two numbers and the date."""
    tables = {name: pd.read_csv(DEMO / f"{name}.csv", dtype=str, keep_default_na=False) for name in NAMES}
    tables["products"]["unit_price"] = tables["products"]["unit_price"].astype(float)
    tables["invoices"]["quantity"] = tables["invoices"]["quantity"].astype(int)
    tables["invoices"]["invoice_date"] = pd.to_datetime(tables["invoices"]["invoice_date"])
    return tables


@pytest.fixture(scope="module")
def bought(demo) -> pd.DataFrame:
    """Invoice lines with their customer's and product's attributes."""
    return demo["invoices"].merge(demo["customers"], on="customer_id").merge(demo["products"], on="product_id")


def test_another_seed_gives_another_world():
    one, two = (generator.generate(300, 600, 3_000, seed=seed)["invoices"] for seed in (1, 2))
    assert not one.equals(two)


def test_the_demo_files_are_exactly_what_the_program_writes_by_default(tmp_path):
    assert generator.main(["--out", str(tmp_path)]) == 0
    for name in NAMES:
        assert (tmp_path / f"{name}.csv").read_bytes() == (DEMO / f"{name}.csv").read_bytes(), name


def test_the_demo_has_the_promised_size(demo):
    customers, products, invoices = demo["customers"], demo["products"], demo["invoices"]
    assert (len(customers), len(products)) == (5_000, 5_463)
    assert len(invoices) >= 50_000
    assert products["l2_category"].nunique() == 15
    assert products["l3_category"].nunique() >= 80
    assert customers["region"].nunique() == 8
    assert customers["end_use"].nunique() >= 8
    assert set(invoices["invoice_date"].dt.year) == {2023, 2024, 2025}
    assert invoices["invoice_date"].max() == pd.Timestamp("2025-12-31")


def test_the_columns_are_the_documented_ones_in_order(demo):
    assert {name: ", ".join(table) for name, table in demo.items()} == {
        "customers": "customer_id, customer_name, region, end_use, city, state, account_manager",
        "products": "product_id, product_name, l2_category, l3_category, unit_price",
        "invoices": "invoice_id, customer_id, product_id, quantity, invoice_date",
        "feedback": "customer_id, product_id, rating, rated_by, rated_at, comment",
    }


def test_every_row_of_the_demo_is_accepted(demo_build):
    """So ids are unique, every reference resolves, and nothing required is empty."""
    assert demo_build.rows("from rejected_rows") == []


def test_names_are_unique_nothing_is_empty_and_an_account_manager_rates_the_own_customers(demo):
    for table in ("customer", "product"):
        assert demo[f"{table}s"][f"{table}_name"].is_unique
        assert not (demo[f"{table}s"] == "").any().any()
    assert (demo["products"]["unit_price"] > 0).all()
    assert demo["products"].groupby("l3_category")["l2_category"].nunique().eq(1).all()
    manager = demo["customers"].set_index("customer_id")["account_manager"]
    rated = demo["feedback"]
    assert (manager.loc[rated["customer_id"]].to_numpy() == rated["rated_by"].to_numpy()).all()


def test_an_invoice_belongs_to_one_customer_and_one_day_and_lists_a_product_once(demo):
    invoices = demo["invoices"]
    per_invoice = invoices.groupby("invoice_id")[["customer_id", "invoice_date"]].nunique()
    assert (per_invoice == 1).all().all()
    assert not invoices.duplicated(["invoice_id", "product_id"]).any()
    assert 2.0 <= len(invoices) / len(per_invoice) <= 3.5
    in_order = invoices.sort_values(["invoice_date", "invoice_id"], kind="stable")
    assert in_order.index.equals(invoices.index)


def test_returns_are_rare_and_only_of_something_bought_before(demo):
    invoices = demo["invoices"]
    returned = invoices[invoices["quantity"] < 0]
    assert 0.005 <= len(returned) / len(invoices) <= 0.02
    purchases = invoices[invoices["quantity"] > 0]
    first = purchases.groupby(["customer_id", "product_id"])["invoice_date"].min().rename("first")
    both = returned.join(first, on=["customer_id", "product_id"])
    assert (both["first"] < both["invoice_date"]).all()


def test_nearly_every_customer_buys_and_spring_and_summer_are_busier(demo):
    assert 0.99 <= demo["invoices"]["customer_id"].nunique() / len(demo["customers"]) < 1.0
    assert demo["invoices"]["invoice_date"].dt.month.between(3, 8).mean() > 0.58


def test_trades_buy_their_own_categories(bought):
    own = {trade.name: trade.own_l2 for trade in TRADES}
    hit = pd.Series([l2 in own[trade] for trade, l2 in zip(bought["end_use"], bought["l2_category"], strict=True)])
    assert hit.mean() > 0.80
    assert hit.groupby(bought["end_use"]).mean().min() > 0.70
    paint = bought["l2_category"].isin(["Paints", "Painting Supplies"])
    assert paint[bought["end_use"] == "Painting"].mean() > 5 * paint[bought["end_use"] == "Electrical"].mean()


def test_northern_regions_buy_more_ice_melt_and_southern_ones_more_pool_supplies(bought):
    north = bought["region"].isin([region.name for region in REGIONS if region.cold >= 0.8])
    south = bought["region"].isin([region.name for region in REGIONS if region.hot >= 0.7])
    snow = bought["l3_category"].isin(["Ice Melt", "Snow Tools"])
    pool = bought["l3_category"].isin(["Pool Chemicals", "Pool Equipment"])
    assert snow[north].mean() > 10 * snow[south].mean()
    assert pool[south].mean() > 3 * pool[north].mean()
    assert bought["invoice_date"][snow].dt.month.isin([10, 11, 12, 1, 2, 3]).mean() > 0.9


@pytest.mark.parametrize(
    ("trade", "one", "other"),
    [
        ("Painting", "Epoxy Coatings", "Concrete Repair"),
        ("Construction", "Drywall", "Joint Compound"),
        ("Electrical", "Electrical Panels", "Breakers"),
        ("Roofing", "Asphalt Shingles", "Roofing Nails"),
        ("Flooring", "Ceramic & Porcelain Tile", "Thinset & Grout"),
    ],
)
def test_companions_are_bought_together_more_often_than_chance(bought, trade, one, other):
    mine = bought[bought["end_use"] == trade]
    has_one, has_other = (set(mine.loc[mine["l3_category"] == name, "customer_id"]) for name in (one, other))
    expected = len(has_one) * len(has_other) / mine["customer_id"].nunique()
    assert len(has_one & has_other) > 1.2 * expected


def test_nearly_every_position_of_the_lists_is_of_what_similar_customers_bought_too(demo_build):
    [(share, confidence)] = demo_build.rows(
        "select count(*) filter (source = 'association') / count(*), avg(confidence) filter (source = 'association') "
        "from final_recommendations"
    )
    assert share >= 0.95
    assert 0.35 <= confidence <= 0.65


def test_ratings_are_mostly_high_or_medium_and_a_few_pairs_are_rated_twice(demo):
    feedback = demo["feedback"]
    assert set(feedback["rating"]) == {"High", "Medium", "Low"}
    assert (feedback["rating"] != "Low").mean() >= 0.70
    assert 2_800 <= len(feedback) <= 3_300
    assert feedback["rated_at"].between("2025-01-01", "2025-12-31").all()
    assert 10 <= feedback.duplicated(["customer_id", "product_id"]).sum() <= 150
    assert not feedback.duplicated(["customer_id", "product_id", "rated_at"]).any()


@pytest.fixture(scope="module")
def ratings(demo) -> pd.DataFrame:
    """Ratings with the days on which the customer first bought anything, and first bought the product."""
    purchases = demo["invoices"][demo["invoices"]["quantity"] > 0]
    rated = demo["feedback"].assign(rated_at=pd.to_datetime(demo["feedback"]["rated_at"]))
    for keys, name in ((["customer_id"], "customer_since"), (["customer_id", "product_id"], "bought_at")):
        rated = rated.join(purchases.groupby(keys)["invoice_date"].min().rename(name), on=keys)
    return rated


def test_account_managers_rate_what_their_customers_do_not_have(ratings):
    assert not (ratings["bought_at"] <= ratings["rated_at"]).any()
    assert (ratings["customer_since"] <= ratings["rated_at"]).all()
    # Enough is left to be shown, of every rating.
    assert ratings["bought_at"].isna().groupby(ratings["rating"]).mean().min() > 0.6


def test_what_is_rated_high_is_bought_more_often_than_medium_and_low_least(ratings):
    window = pd.Timedelta(days=90)
    known = ratings[ratings["rated_at"] + window <= "2025-12-31"]
    bought = (known["bought_at"] - known["rated_at"] <= window).groupby(known["rating"]).mean()
    assert 0.25 <= bought["High"] <= 0.40
    assert 0.07 <= bought["Medium"] <= 0.15
    assert 0.01 <= bought["Low"] <= 0.05


def test_companions_are_rated_by_what_the_trade_needs(ratings, demo):
    trades = {trade.name: {l3 for kit in ALL_KITS if kit.trade == trade.name for l3 in kit.roles} for trade in TRADES}
    rated = ratings.merge(demo["customers"], on="customer_id").merge(demo["products"], on="product_id")
    needed = pd.Series([l3 in trades[trade] for trade, l3 in zip(rated["end_use"], rated["l3_category"], strict=True)])
    assert needed[rated["rating"] == "High"].mean() > 0.95
    assert needed[rated["bought_at"].notna()].all()
    assert 0.5 < needed[rated["rating"] == "Low"].mean() < 0.9


def rhythms(build, demo, as_of: str) -> pd.DataFrame:
    """One row per pair with a buying rhythm: its kind on a day, usual interval, and whether it was bought again within
    90 days."""
    day = pd.Timestamp(as_of)
    plain = DayLists(build.warehouse, as_of=day.date())
    gone = {(row[0], row[4]): row[6] for row in plain.lost_products}
    later = demo["invoices"][demo["invoices"]["invoice_date"].between(day, day + pd.Timedelta(days=90), "right")]
    bought = set(later[later["quantity"] > 0][["customer_id", "product_id"]].itertuples(index=False, name=None))
    kinds = [
        (gone.get(pair) or ("early" if one.ratio < 0.8 else "due" if one.ratio <= 2 else "other"), float(one.interval))
        for pair, one in plain.rhythms.items()
    ]
    found = pd.DataFrame(kinds, columns=["kind", "usual"])
    return found.assign(again=[pair in bought for pair in plain.rhythms], pairs=sum(map(len, plain.baskets.values())))


def test_customers_have_buying_rhythms_as_a_real_distributor_s_have(demo_build, demo):
    """Online Retail II: 11 % of the pairs have a rhythm; of these 21 % are due, 17 % lost, 9 % replaced."""
    found = rhythms(demo_build, demo, "2025-12-31")
    assert 0.09 <= len(found) / found["pairs"].iloc[0] <= 0.13
    share = found["kind"].value_counts(normalize=True)
    assert 0.2 <= share["due"] <= 0.3
    assert 0.1 <= share["lost"] <= 0.2
    assert 0.05 <= share["replaced"] <= 0.12
    assert found.loc[found["kind"] == "due", "usual"].median() <= 120


def test_what_is_due_is_bought_again_and_what_is_lost_hardly_ever(demo_build, demo):
    """Online Retail II: 42 % of what is not due yet, 36 % of what is due, 19 % of what is lost."""
    again = rhythms(demo_build, demo, "2025-09-30").groupby("kind")["again"].mean()
    assert again["early"] >= 0.3
    assert again["due"] >= 0.25
    assert 0.05 <= again["lost"] <= again["due"] / 2
    assert again["replaced"] < again["lost"]


def test_the_demo_exercises_csv_quoting_and_accents():
    text = "".join((DEMO / f"{name}.csv").read_text(encoding="utf-8") for name in NAMES)
    assert not [part for part in ('""', ", LLC", "Núñez", "&") if part not in text]
    assert b"\r" not in (DEMO / "invoices.csv").read_bytes()


def test_csv_and_parquet_hold_the_same_values_and_parquet_has_types(tmp_path):
    tables = generator.generate(200, 500, 2_000, seed=3)
    for kind in ("csv", "parquet"):
        generator.write(tables, tmp_path, kind)
    found = {}
    for name in NAMES:
        parquet = duckdb.sql(f"FROM '{tmp_path}/{name}.parquet'")
        found |= {column: str(kind) for column, kind in zip(parquet.columns, parquet.types, strict=True)}
        read = duckdb.read_csv(f"{tmp_path}/{name}.csv", all_varchar=True)
        cast = ", ".join(f"CAST({column} AS {found[column]})" for column in parquet.columns)
        # An empty comment is an empty CSV field, which readers see as missing.
        written, kept = read.project(cast).fetchall(), parquet.fetchall()
        assert [[value or None for value in row] for row in written] == [
            [value or None for value in row] for row in kept
        ]
    typed = {"quantity": "INTEGER", "unit_price": "DOUBLE", "invoice_date": "DATE", "rated_at": "DATE"}
    assert {column: kind for column, kind in found.items() if kind != "VARCHAR"} == typed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--customers", "0"], "must be 1 or more; got 0"),
        (["--invoices", "-5"], "must be 1 or more; got -5"),
        (["--products", "many"], "must be a whole number; got 'many'"),
        (["--customers", "20"], "customers must be at least"),
        (["--products", "50"], "products must be at least"),
        (["--invoices", "4999"], "invoices must be at least"),
        (["--format", "xlsx"], "invalid choice"),
    ],
)
def test_invalid_arguments_give_a_clear_message(tmp_path, capsys, arguments, message):
    with pytest.raises(SystemExit) as stop:
        generator.main([*arguments, "--out", str(tmp_path / "out")])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "sizes",
    [(2_000, 20_000, 30_000), (generator.MIN_CUSTOMERS, generator.MIN_PRODUCTS, generator.MIN_CUSTOMERS)],
    ids=["larger", "the smallest"],
)
def test_other_sizes_work(sizes):
    tables = generator.generate(*sizes, seed=5)
    assert tuple(len(tables[name]) for name in NAMES[:3]) == sizes
    assert tables["products"]["product_name"].is_unique
    assert tables["customers"]["customer_name"].is_unique
    assert tables["invoices"]["customer_id"].nunique() >= min(0.99 * sizes[0], 0.7 * sizes[2])
