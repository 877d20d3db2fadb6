"""What tests share: the distributors, built on DuckDB once."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from worlds import Build, Distributor, hard_cases, sample, two_nights

MAKERS: dict[str, Callable[..., Distributor]] = {
    "demo": lambda folder: Distributor(),
    "hard_cases": hard_cases,
    "two_nights": two_nights,
    "sample": sample,
}


@dataclass(frozen=True)
class Known:
    """A distributor, and what DuckDB makes of it."""

    distributor: Distributor
    on_duckdb: Build


@pytest.fixture(scope="session")
def known(tmp_path_factory) -> Callable[[str], Known]:
    """Return a distributor by its name, with DuckDB's build."""
    made: dict[str, Known] = {}

    def give(name: str) -> Known:
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            distributor = MAKERS[name](folder / "data")
            made[name] = Known(distributor, Build(folder / "duckdb").build(distributor))
        return made[name]

    return give
