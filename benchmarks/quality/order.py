"""One order of the systems over many tables.

    python -m benchmarks.quality.order --models lr,fm,dcnv2 --seeds 1 --work runs/order
    python -m benchmarks.quality.order --tables none --folder unseen/ --label click

Each table is a comparison of its own in a folder of ``--work``, made by
``fieldwise.compare``: what is finished is not run again, a killed fit goes on.
``--folder`` adds every Parquet file of a folder: its column ``split`` says which rows
test, or else a tenth of them is held out. ``--rows`` samples the parts of large tables:
all systems on all tables in full are a day's work of two cores. Printed and kept as
``order.md`` and ``order.parquet``, after each table anew: the systems by their mean
test AUC over the tables so far, and their mean rank, 1 for the best of a table.
"""

import argparse
import logging
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import polars as pl

import fieldwise as fw
from benchmarks.quality.smaller import smaller
from benchmarks.quality.tables import TABLES, Table
from fieldwise.data.splits import ColumnSplit, RandomSplit

SPLIT = "split"
HELD_OUT = RandomSplit(valid=0.1, test=0.1)


def tables_at_hand(names: list[str]) -> Iterator[tuple[str, Table]]:
    """Read those tables of ``TABLES`` whose files are there."""
    for name in names:
        try:
            yield name, TABLES[name]()
        except FileNotFoundError as error:
            print(f"{name} is not at hand: {error}")


def tables_in(folder: Path, label: str) -> Iterator[tuple[str, Table]]:
    """Scan every Parquet file of a folder."""
    for path in sorted(folder.glob("*.parquet")):
        has_split = SPLIT in pl.read_parquet_schema(path)
        split = ColumnSplit(SPLIT) if has_split else HELD_OUT
        # Not read yet: a file may be larger than memory.
        yield f"file-{path.stem}", Table(pl.scan_parquet(path), label, split)


def compare_on(table: Table, models: str, seeds: int, out: Path) -> fw.Comparison:
    """Compare systems on one table, divided as it says."""
    return fw.compare(
        table.frame,
        label=table.label,
        group=table.group,
        time=table.time,
        ignore=table.ignore,
        split=table.split,
        models=models,
        seeds=seeds,
        out=out,
        cache=out.parent / "cache",
    )


def order_of(results: Mapping[str, fw.Comparison]) -> pl.DataFrame:
    """Order systems by their mean over the tables; those that failed somewhere last."""
    frames = []
    for name, result in results.items():
        if result.measure != "auc":
            print(f"{name} has no AUC: it does not count")
            continue
        done = result.leaderboard.filter(pl.col("num_seeds") > 0)
        rank = pl.col("auc").rank("average", descending=True)
        frames.append(
            done.select("model", "auc", rank.alias("rank"), table=pl.lit(name))
        )
    if not frames:
        return pl.DataFrame(schema={"model": pl.String, "mean_auc": pl.Float64})
    together = pl.concat(frames)
    means = together.group_by("model", maintain_order=True).agg(
        mean_auc=pl.col("auc").mean(),
        mean_rank=pl.col("rank").mean(),
        num_tables=pl.len(),
    )
    by_table = together.pivot(on="table", index="model", values="auc")
    return means.join(by_table, on="model", how="left").sort(
        "num_tables", "mean_auc", descending=True, maintain_order=True
    )


def as_markdown(order: pl.DataFrame) -> str:
    """Write the order as a table."""
    tables = order.columns[4:]
    headings = ["", "model", "mean AUC", "mean rank", "tables", *tables]
    lines = [headings, ["---:", "---", *["---:"] * (len(headings) - 2)]]
    for place, row in enumerate(order.rows(), start=1):
        model, auc, rank, count, *single = row
        cells = ["-" if value is None else f"{value:.4f}" for value in single]
        lines.append(
            [str(place), model, f"{auc:.4f}", f"{rank:.1f}", str(count), *cells]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def publish(results: Mapping[str, fw.Comparison], work: Path) -> str:
    """Write the order of the tables so far; the text of it."""
    order = order_of(results)
    work.mkdir(parents=True, exist_ok=True)
    order.write_parquet(work / "order.parquet")
    text = as_markdown(order)
    (work / "order.md").write_text(text + "\n", "utf-8")
    return text


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", default=",".join(TABLES), help="names, or none")
    parser.add_argument("--models", default="all", help="names, or all")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--rows", type=int, help="of each part of a table, at most")
    parser.add_argument("--work", type=Path, default=Path("runs/order"))
    parser.add_argument("--folder", type=Path, help="of further Parquet files")
    parser.add_argument("--label", default="label", help="of the files in --folder")
    options = parser.parse_args()
    names = [] if options.tables == "none" else options.tables.split(",")
    if unknown := [name for name in names if name not in TABLES]:
        parser.error(f"--tables must be among {', '.join(TABLES)}, got {unknown}.")
    if options.rows is not None and options.rows < 1:
        parser.error(f"--rows must be at least 1, got {options.rows}.")
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("fieldwise.comparison").setLevel(logging.INFO)
    tables = tables_at_hand(names)
    if options.folder is not None:
        tables = chain(tables, tables_in(options.folder, options.label))
    results: dict[str, fw.Comparison] = {}
    for name, table in tables:
        rows = options.rows
        asked = table if rows is None else smaller(table, rows)
        out = options.work / name
        results[name] = compare_on(asked, options.models, options.seeds, out)
        publish(results, options.work)
    print(publish(results, options.work))
    for name, result in results.items():
        for (model, seed), error in result.errors.items():
            print(f"failed: {name}, {model}, seed {seed}: {error}")


if __name__ == "__main__":
    main()
