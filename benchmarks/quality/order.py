"""One order of the systems over many tables.

    python -m benchmarks.quality.order --models lr,fm,dcnv2 --seeds 1 --work runs/order
    python -m benchmarks.quality.order --tables none --folder unseen/ --label click

Each table is a comparison of its own in a folder of ``--work``, made by
``fieldwise.compare``: what is finished is not run again, a killed fit goes on.
``--folder`` adds every Parquet file of a folder: its column ``split`` says which rows
test, or else a tenth of them is held out. Printed and kept as ``order.md`` and
``order.parquet``: the systems by their mean test AUC over all tables, and their mean
rank, 1 for the best of a table.
"""

import argparse
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

import polars as pl

import fieldwise as fw
from benchmarks.quality.tables import TABLES, Table

SPLIT = "split"


def compared(
    tables: list[str], models: str, seeds: int, work: Path
) -> Iterator[tuple[str, fw.Comparison]]:
    """Compare systems on the tables of ``TABLES`` that are at hand."""
    for name in tables:
        try:
            table = TABLES[name]()
        except FileNotFoundError as error:
            print(f"{name} is not at hand: {error}")
            continue
        yield name, compare_on(table, models, seeds, work / name)


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


def compared_files(
    folder: Path, label: str, models: str, seeds: int, work: Path
) -> Iterator[tuple[str, fw.Comparison]]:
    """Compare systems on every Parquet file of a folder."""
    for path in sorted(folder.glob("*.parquet")):
        has_split = SPLIT in pl.read_parquet_schema(path)
        yield (
            path.stem,
            fw.compare(
                path,
                label=label,
                split=SPLIT if has_split else None,
                test=0.0 if has_split else 0.1,
                models=models,
                seeds=seeds,
                out=work / f"file-{path.stem}",
                cache=work / "cache",
            ),
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


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", default=",".join(TABLES), help="names, or none")
    parser.add_argument("--models", default="all", help="names, or all")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--work", type=Path, default=Path("runs/order"))
    parser.add_argument("--folder", type=Path, help="of further Parquet files")
    parser.add_argument("--label", default="label", help="of the files in --folder")
    options = parser.parse_args()
    names = [] if options.tables == "none" else options.tables.split(",")
    if unknown := [name for name in names if name not in TABLES]:
        parser.error(f"--tables must be among {', '.join(TABLES)}, got {unknown}.")
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("fieldwise.comparison").setLevel(logging.INFO)
    asked = options.models, options.seeds, options.work
    results = dict(compared(names, *asked))
    if options.folder is not None:
        results |= compared_files(options.folder, options.label, *asked)
    order = order_of(results)
    options.work.mkdir(parents=True, exist_ok=True)
    order.write_parquet(options.work / "order.parquet")
    text = as_markdown(order)
    (options.work / "order.md").write_text(text + "\n", "utf-8")
    print(text)
    for name, result in results.items():
        for (model, seed), error in result.errors.items():
            print(f"failed: {name}, {model}, seed {seed}: {error}")


if __name__ == "__main__":
    main()
