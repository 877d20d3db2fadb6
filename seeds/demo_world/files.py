"""The tables as files."""

from pathlib import Path

import pandas as pd


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a CSV file: UTF-8, a header, ``\\n`` line ends, quotes only where needed, ISO dates, cents."""
    frame.to_csv(path, index=False, encoding="utf-8", lineterminator="\n", date_format="%Y-%m-%d", float_format="%.2f")


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a Parquet file with dates as DATE and whole numbers as INTEGER."""
    import duckdb  # as slow to load as a small world to make, and CSV files need none of it

    columns = ", ".join(
        f'CAST("{name}" AS DATE) AS "{name}"' if dtype.kind == "M" else f'"{name}"'
        for name, dtype in frame.dtypes.items()
    )
    target = str(path).replace("'", "''")
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute(f"COPY (SELECT {columns} FROM frame) TO '{target}' (FORMAT parquet)")


def write(tables: dict[str, pd.DataFrame], out: str | Path, format: str = "csv") -> list[Path]:
    """Write every table to ``out``/<name>.<format>, creating the folder; returns the paths."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    writer = _write_csv if format == "csv" else _write_parquet
    paths = [folder / f"{name}.{format}" for name in tables]
    for path, frame in zip(paths, tables.values(), strict=True):
        writer(frame, path)
    return paths
