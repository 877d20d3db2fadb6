"""A build that does not fit into the memory that DuckDB is given writes what is too much to disk, and goes on."""

import contextlib
import threading
import time

import pytest
from conftest import PUBLIC_TABLES, built
from generate_realistic_dataset import generate, write


class Watched:
    """The most that a build had on disk beside its warehouse, in bytes, while this was open."""

    def __init__(self, warehouse):
        self.folder, self.most, self.is_open = warehouse.with_name(f"{warehouse.name}.tmp"), 0, True
        self.thread = threading.Thread(target=self.watch)

    def watch(self):
        while self.is_open:
            with contextlib.suppress(OSError):
                self.most = max(self.most, sum(file.stat().st_size for file in self.folder.glob("*")))
            time.sleep(0.02)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_open = False
        self.thread.join()


@pytest.mark.slow
def test_four_models_beside_each_other_with_little_memory_spill_and_give_the_same_tables(tmp_path):
    write(generate(customers=15_000, products=7_000, invoices=300_000, seed=7), tmp_path / "data", "parquet")
    plenty = built(tmp_path / "plenty", "run", data_dir=tmp_path / "data", IPRE_THREADS="4")
    # Half of what its largest models hold where they are free to.
    with Watched(tmp_path / "little" / "ipre.duckdb") as spilled:
        few = {"IPRE_MEMORY_LIMIT": "150MB", "IPRE_THREADS": "4"}
        little = built(tmp_path / "little", "run", data_dir=tmp_path / "data", **few)
    assert spilled.most > 0
    for name in PUBLIC_TABLES:
        assert little.table(name) == plenty.table(name), f"{name} differs"
