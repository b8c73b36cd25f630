"""Tables of what was measured, for a terminal and as Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.peers.bounds import BOUNDS, TRAINERS, Bound
from benchmarks.peers.journal import Entry
from benchmarks.peers.plan import CONTENDERS, SCALE
from benchmarks.peers.summary import Cell, Summary

__all__ = ["Grid", "grids", "print_grids", "to_markdown"]

NOTHING = "-"
MODEL_TITLES = {
    "deepfm": "DeepFM",
    "dcnv2": "DCNv2",
    "autoint": "AutoInt",
    "finalmlp": "FinalMLP",
    "lightgbm": "LightGBM",
}
FORMATS = {
    "rows_s": "{:,.0f}",
    "peak_mb": "{:,.0f}",
    "train_rows": "{:,.0f}",
    "parameters": "{:,.0f}",
    "auc": "{:.4f}",
    "log_loss": "{:.4f}",
}


@dataclass(frozen=True)
class Grid:
    """A table before it is drawn."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Column:
    """A column: a heading, the number in it, and whether to compare it.

    Args:
        heading: with the unit.
        metric: name of the number.
        compared: whether to append how fieldwise compares: a ratio above 1 is in
            favour of fieldwise.
        lower_is_better: which way to take that ratio.
    """

    heading: str
    metric: str
    compared: bool = False
    lower_is_better: bool = False


_PEAK = Column("peak MB", "peak_mb", compared=True, lower_is_better=True)
_ENCODE = (
    Column("rows/s", "encode_rows_s", compared=True),
    Column("seconds", "encode_seconds"),
    _PEAK,
)
_TRAIN = (
    Column("train rows/s", "train_rows_s", compared=True),
    Column("predict rows/s", "predict_rows_s", compared=True),
    Column("AUC", "auc"),
    Column("log loss", "log_loss"),
    _PEAK,
)
_LATENCY = (
    Column("1 row p50 ms", "one_p50_ms", compared=True, lower_is_better=True),
    Column("p99", "one_p99_ms"),
    Column("512 rows p50 ms", "many_p50_ms", compared=True, lower_is_better=True),
    Column("p99", "many_p99_ms"),
)
_RAW = (
    Column("file rows/s", "raw_rows_s"),
    Column("1 row p50 ms", "raw_one_p50_ms"),
    Column("p99", "raw_one_p99_ms"),
    Column("512 rows p50 ms", "raw_many_p50_ms"),
    Column("p99", "raw_many_p99_ms"),
    Column("load s", "load_s"),
    Column("peak MB", "peak_mb"),
)
_START = (
    Column("import for training s", "import_s"),
    Column("import fieldwise s", "package_import_s"),
    Column("--help s", "help_s"),
)


def grids(entries: Mapping[str, Entry]) -> list[Grid]:
    """All tables that have something in them."""
    summary = Summary(entries.values())
    made = [
        _grid(summary, "Encode a Parquet file", "encode", "", _ENCODE),
        _grid(summary, "Encode a CSV file", "encode_csv", "", _ENCODE),
        *(grid for model in MODEL_TITLES for grid in _model_grids(summary, model)),
        _grid(summary, "From raw rows to probabilities", "raw", "deepfm", _RAW),
        _grid(summary, "Start", "start", "", _START),
        _grid(summary, f"Encode {SCALE} times the rows", "encode", "", _ENCODE, SCALE),
        _grid(
            summary,
            f"Train DeepFM on {SCALE} times the rows",
            "train",
            "deepfm",
            _TRAIN,
            SCALE,
        ),
        _bounds_grid(summary),
        _errors_grid(entries),
    ]
    return [grid for grid in made if grid.rows]


def _model_grids(summary: Summary, model: str) -> list[Grid]:
    title = MODEL_TITLES[model]
    call = f"A call of the {title} model on rows that are ready"
    return [
        _grid(summary, _training_title(summary, model), "train", model, _TRAIN),
        _grid(summary, call, "train", model, _LATENCY),
    ]


def _training_title(summary: Summary, model: str) -> str:
    sizes = {
        int(entry.values["train_rows"])
        for entry in summary.entries
        if (entry.kind, entry.model, entry.scale) == ("train", model, 1)
    }
    rows = " or ".join(f"{size:,}" for size in sorted(sizes))
    length = "200 trees" if model == "lightgbm" else "one epoch"
    return f"Train {MODEL_TITLES[model]}: {length}, {rows} rows"


def _grid(
    summary: Summary,
    title: str,
    kind: str,
    model: str,
    columns: Sequence[Column],
    scale: int = 1,
) -> Grid:
    rows = []
    for contender in CONTENDERS:
        cells = [
            _cell(summary, Cell(kind, contender.name, item.metric, model, scale), item)
            for item in columns
        ]
        runs = _runs(summary, Cell(kind, contender.name, "wall_s", model, scale))
        if runs and any(cell != NOTHING for cell in cells):
            rows.append((contender.name, *cells, runs))
    # A column that nobody has a number for is left out.
    kept = [
        position
        for position in range(len(columns))
        if any(row[position + 1] != NOTHING for row in rows)
    ]
    return Grid(
        title,
        ("", *(columns[position].heading for position in kept), "quiet"),
        tuple(
            (row[0], *(row[position + 1] for position in kept), row[-1]) for row in rows
        ),
    )


def _cell(summary: Summary, cell: Cell, column: Column) -> str:
    found = summary.statistic(cell)
    if found is None:
        return NOTHING
    text = format_number(cell.metric, found.median)
    if found.num_counted > 1 and cell.metric not in ("auc", "log_loss"):
        text += f" ±{100 * found.spread:.0f}%"
    ours = summary.median(Cell(cell.kind, "fieldwise", cell.metric, cell.model))
    if not column.compared or ours is None or cell.contender.startswith("fieldwise"):
        return text
    ratio = found.median / ours if column.lower_is_better else ours / found.median
    return f"{text} ({ratio:.2f}x)"


def format_number(metric: str, value: float) -> str:
    """A number as its kind is best read."""
    for ending, form in FORMATS.items():
        if metric.endswith(ending):
            return form.format(value)
    return f"{value:.3g}" if value < 100 else f"{value:,.0f}"


def _runs(summary: Summary, cell: Cell) -> str:
    found = summary.statistic(cell)
    if found is None:
        return ""
    num_quiet = sum(entry.quiet for entry in summary.runs(cell))
    return f"{num_quiet}/{found.num_runs}"


def _bounds_grid(summary: Summary) -> Grid:
    rows = []
    for bound in BOUNDS:
        verdict = bound.judge(summary)
        if verdict.value is None:
            value, word = NOTHING, "not measured"
        else:
            value = _bound_number(bound, verdict.value)
            word = "met" if verdict.met else "not met"
        sign = "at least" if bound.at_least else "at most"
        limit = f"{sign} {_bound_number(bound, bound.limit)}"
        rows.append((bound.what, limit, value, word))
    return Grid("Bounds", ("", "bound", "measured", ""), tuple(rows))


def _bound_number(bound: Bound, value: float) -> str:
    if bound.how in ("ratio", "inverse"):
        return f"{value:.2f}x"
    if bound.how == "difference":
        return f"{value:+.4f}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _errors_grid(entries: Mapping[str, Entry]) -> Grid:
    rows = [
        (entry.key, entry.error.splitlines()[-2] if "\n" in entry.error else "")
        for entry in entries.values()
        if entry.error
    ]
    return Grid("Failed", ("", "last words"), tuple(rows))


def print_grids(found: Sequence[Grid], console: Console) -> None:
    """Draw the tables in a terminal."""
    for grid in found:
        table = Table(title=grid.title, title_justify="left", title_style="bold")
        for position, column in enumerate(grid.columns):
            table.add_column(column, justify="left" if position == 0 else "right")
        for row in grid.rows:
            table.add_row(*row, style=_style(row))
        console.print(table)


def _style(row: tuple[str, ...]) -> str:
    colours = {"met": "green", "not met": "red", "not measured": "dim"}
    return colours.get(row[-1], "bold" if row[0].startswith("fieldwise") else "")


def to_markdown(head: Mapping[str, str], found: Sequence[Grid]) -> str:
    """The tables as a page, what they were measured on above them."""
    lines = [f"- {name}: {value}" for name, value in head.items()]
    lines += [
        "",
        "Medians, ± half the distance between the extremes, over the quiet runs of all",
        "runs (last column; over all of them where none was quiet). In brackets: above",
        "1 is in favour of `fieldwise` in float32. The best peer is the best of",
        ", ".join(TRAINERS) + ".",
    ]
    for grid in found:
        lines += ["", f"### {grid.title}", ""]
        lines.append("| " + " | ".join(grid.columns) + " |")
        lines.append("|---" * len(grid.columns) + "|")
        lines += ["| " + " | ".join(row) + " |" for row in grid.rows]
    return "\n".join(lines) + "\n"
