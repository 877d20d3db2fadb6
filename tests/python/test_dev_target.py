"""`--target dev`: who tries something does not touch what readers see."""

from pathlib import Path

import duckdb
import pytest
from conftest import dbt
from generate_realistic_dataset import generate, write


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write(generate(customers=100, products=300, invoices=1_000), folder)
    return folder


def customers_in(warehouse: Path | str) -> int:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute("select count(distinct customer_id) from main.final_recommendations").fetchone()[0]


def test_without_settings_it_builds_and_publishes_beside_what_readers_see(data, tmp_path, monkeypatch):
    # Paths that nobody sets begin where the command runs.
    monkeypatch.chdir(tmp_path)
    for folder in ("warehouse", "published"):
        Path(folder).mkdir()
    unset = {"IPRE_WAREHOUSE": None, "IPRE_PUBLISH_DIR": None}
    build = dbt(tmp_path / "dbt", "build", "--target", "dev", data_dir=data, **unset)
    assert build.success, build.messages
    assert [file.name for file in Path("warehouse").iterdir()] == ["dev.duckdb"]
    assert not any(Path("published").iterdir())
    for warehouse in ("warehouse/dev.duckdb", "published_dev/ipre_serving.duckdb"):
        assert customers_in(warehouse) == 100, warehouse


def test_settings_win(data, tmp_path):
    build = dbt(tmp_path, "build", "--target", "dev", data_dir=data)
    assert build.success, build.messages
    for warehouse in (build.warehouse, build.published / "ipre_serving.duckdb"):
        assert customers_in(warehouse) == 100, warehouse
