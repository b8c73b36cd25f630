"""``fieldwise diagnose``: how far a saved ranker can be trusted, and where not."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from fieldwise.cli import options
from fieldwise.cli.json_text import json_text
from fieldwise.cli.run_folder import find_ranker
from fieldwise.cli.tables import Side, clean, number, show_table, show_text
from fieldwise.errors import DataError

if TYPE_CHECKING:
    from fieldwise.data.dataset import Dataset
    from fieldwise.diagnosis.alike_layers import AlikeLayers
    from fieldwise.importance import Importance
    from fieldwise.ranker import Ranker

__all__ = ["HELP", "diagnose"]

HELP = r"""
Tell how far a ranker can be trusted on labelled rows, best ones it has not seen:
calibration, segments, fields it relies on too much, and layers that say the same.

[bold]Example[/bold]

fieldwise diagnose runs/clicks-dcnv2 next_week.parquet

[bold]How to read it[/bold]

calibration: the expected error of probabilities, beside the error that right ones would
show by chance in so many rows. segments: the rows by the values of the fields that
matter most; predicted / happened is 1 where probabilities are right, and marked where
it is off by half or more in a hundred rows or more. overuse: the share of all reliance
(loss added when a field is permuted) less the share of what fields say alone; well
above zero a field is a candidate for a shortcut, or says something only together with
others (fieldwise explain --pairs). layers: how alike two layers of a tower arrange the
rows, from 0 to 1; one at 0.99 beside the one before it is hardly needed.

With --json everything, and the bins of the calibration, is printed.
"""

SIMILARITY_ROWS = 4096


def diagnose(
    ranker: options.Ranker, data: options.Rows, json: options.Json = False
) -> None:
    """Print what is known of a ranker on some rows."""
    from fieldwise.cli.config import one_or_all
    from fieldwise.diagnosis import diagnose as measure
    from fieldwise.explanation.ranker_rows import labelled_rows
    from fieldwise.ranker import Ranker

    loaded = Ranker.load(find_ranker(ranker))
    rows = labelled_rows(loaded, one_or_all(data))
    # What is told of training rows, how often values occur, is told of these.
    found = measure(loaded, {"train": rows, "test": rows})
    overuse, towers = _overuse(loaded, rows), _towers(loaded, rows)
    if json:
        told = found.to_dict() | {"part": "given"}
        told["overuse"] = None if overuse is None else overuse.to_dict()
        told["layers"] = [
            {"names": tower.layers, "similarity": tower.similarity.tolist()}
            for tower in towers
        ]
        print(json_text(told))
        return
    show_text(f"{len(rows):,} rows", style="bold")
    for label, table in found.reliability.items():
        _show_reliability(label, table)
    for segment in found.segments:
        _show_segment(segment)
    if overuse is not None:
        _show_overuse(overuse)
    for tower in towers:
        _show_layers(tower)


def _overuse(ranker: "Ranker", rows: "Dataset") -> "Importance | None":
    import numpy as np

    from fieldwise.diagnosis.overuse import find_overuse
    from fieldwise.selection import RankingData
    from fieldwise.selection.outrank import rank_by_outrank

    halves = {
        "train": rows.take(np.arange(0, len(rows), 2)),
        "valid": rows.take(np.arange(1, len(rows), 2)),
    }
    try:
        alone = rank_by_outrank(RankingData.of(halves), heuristic="logloss")
        return find_overuse(ranker.model, rows, alone)
    except DataError:  # of several labels, or of rows that say nothing
        return None


def _towers(ranker: "Ranker", rows: "Dataset") -> "list[AlikeLayers]":
    import numpy as np

    from fieldwise.data.loader import Loader
    from fieldwise.diagnosis.alike_layers import alike_layers

    some = rows.take(np.arange(min(len(rows), SIMILARITY_ROWS)))
    try:
        return alike_layers(ranker.model, Loader(some, batch_size=1024).epoch(0))
    except DataError:  # a layer that is constant
        return []


def _show_reliability(label: str, table: Mapping[str, Any]) -> None:
    if not table:
        return
    error, chance = _expected_error(table["after"]), table["chance_error"]
    show_text(
        f"calibration of {clean(label)}: error {number(error)}, "
        f"{number(chance)} by chance"
    )


def _expected_error(bins: Mapping[str, Any]) -> float:
    import numpy as np

    gaps = np.abs(np.array(bins["mean_probability"]) - bins["mean_label"])
    return float(np.average(gaps, weights=bins["weight"]))


def _show_segment(segment: Mapping[str, Any]) -> None:
    from fieldwise.diagnosis.segments import is_far_off

    rows = []
    for line in segment["lines"]:
        ratio = line["calibration_ratio"]
        is_bad = is_far_off(line)
        name = clean(line["value"])
        if line.get("num_values"):
            name = f"{name}, {line['num_values']:,} values"
        cells = [name, number(line["num_rows"]), number(line["auc"])]
        cells += [number(line[key]) for key in ("mean_probability", "positive_rate")]
        mark = " !" if is_bad else ""
        rows.append([Text(cell, style="yellow" if is_bad else "") for cell in cells])
        rows[-1].append(Text(f"{number(ratio)}{mark}", style="yellow" if mark else ""))
    told = ("rows", "AUC", "predicted", "happened", "predicted / happened")
    columns: dict[str, Side] = {clean(segment["field"]): "left"}
    columns |= dict.fromkeys(told, "right")
    show_table(columns, rows, title=f"{clean(segment['label'])} by segment")


def _show_overuse(found: "Importance") -> None:
    rows = []
    for name in found.ranked:
        place = found.names.index(name)
        numbers = [found.scores[place], found.details["reliance"][place]]
        numbers.append(found.details["predictivity"][place])
        rows.append([clean(name), *(f"{value:+.5f}" for value in numbers)])
    columns: dict[str, Side] = {"field": "left"}
    told = ("overuse", "reliance", "says alone")
    show_table(
        columns | dict.fromkeys(told, "right"), rows, title="fields relied on too much"
    )


def _show_layers(tower: "AlikeLayers") -> None:
    rows = [
        [name, number(float(before)), number(float(last))]
        for name, before, last in zip(
            tower.layers[1:],
            tower.similarity.diagonal(1),
            tower.similarity[1:, -1],
            strict=True,
        )
    ]
    columns: dict[str, Side] = {"layer": "left", "like the one before": "right"}
    show_table(columns | {"like the last": "right"}, rows, title="layers")
