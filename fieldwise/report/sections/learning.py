"""How training went, epoch by epoch."""

from collections.abc import Mapping
from typing import Any

from fieldwise.report.blocks import (
    Block,
    Cell,
    Chart,
    Column,
    Omission,
    Paragraph,
    Section,
    Table,
)
from fieldwise.report.charts.lines import draw_lines
from fieldwise.report.charts.zoom import ZOOM_HINT
from fieldwise.report.figures import duration, figure
from fieldwise.report.run_contents import RunContents

__all__ = ["learning_section"]

MOST_FITS = 8
TITLES = {"logloss": "log loss", "auc": "AUC", "rmse": "RMSE", "mse": "squared error"}


def learning_section(run: RunContents) -> Section | Omission:
    """Draw the learning curves.

    Args:
        run: what a run tells.

    Returns:
        The section.
    """
    known = {name: each for name, each in run.histories.items() if each.get("epochs")}
    if not known:
        reason = "The run has kept no epochs; fieldwise fit and compare keep them."
        return Omission("Learning curves", reason)
    # The best one first, so that it is among those that are drawn.
    names = sorted(known, key=lambda name: name != run.model)[:MOST_FITS]
    shown = {name: known[name] for name in names}
    lead = (
        "The ring marks the epoch whose weights were kept: the best one on the "
        f"validation rows. {ZOOM_HINT}"
    )
    first = next(iter(shown.values()))
    is_single = len(shown) == 1
    blocks: list[Block] = [_told(first), _losses(shown)] if is_single else []
    metrics = list(first["epochs"][0].get("valid_metrics", {}))
    drawn = [name for name in metrics if not is_single or name != "logloss"]
    blocks += [_metric(shown, name) for name in drawn]
    blocks += [_table(first)] if is_single else []
    return Section("learning", "Learning curves", lead, tuple(blocks))


def _told(history: Mapping[str, Any]) -> Paragraph:
    epochs = history["epochs"]
    seconds = sum(epoch["seconds"] for epoch in epochs)
    stopped = "stopped early" if history.get("stopped_early") else "ran to the end"
    return Paragraph(
        f"{len(epochs)} epochs in {duration(seconds)}; it {stopped}, and epoch "
        f"{history.get('best_epoch')} was the best by {history.get('monitor')}."
    )


def _losses(shown: Mapping[str, Mapping[str, Any]]) -> Chart:
    """Training loss beside the validation loss: where they part, it learns by heart."""
    history = next(iter(shown.values()))
    points, marked = [], []
    for epoch in history["epochs"]:
        x = epoch["epoch"]
        points.append(_point("train", x, epoch["train_loss"]))
        valid = epoch.get("valid_metrics", {}).get("logloss")
        if valid is not None:
            points.append(_point("valid", x, valid))
            if x == history.get("best_epoch"):
                marked.append({"x": x, "y": valid})
    return Chart(
        title="Loss",
        description="Loss on the training and validation rows by epoch.",
        spec=draw_lines(points, x="epoch", y="loss", marked=marked),
    )


def _metric(shown: Mapping[str, Mapping[str, Any]], name: str) -> Chart:
    points, marked = [], []
    for fit, history in shown.items():
        for epoch in history["epochs"]:
            value = epoch.get("valid_metrics", {}).get(name)
            if value is None:
                continue
            points.append(_point(fit, epoch["epoch"], value))
            if epoch["epoch"] == history.get("best_epoch"):
                marked.append({"x": epoch["epoch"], "y": value})
    title = TITLES.get(name, name)
    capital = f"{title[0].upper()}{title[1:]}"
    return Chart(
        title=f"{capital} on the validation rows",
        description=f"{capital} on the validation rows by epoch, before calibration.",
        spec=draw_lines(points, x="epoch", y=title, marked=marked),
    )


def _point(series: str, x: int, y: float) -> dict[str, Any]:
    return {"series": series, "x": x, "y": y, "dashed": False}


def _table(history: Mapping[str, Any]) -> Table:
    metrics = list(history["epochs"][0].get("valid_metrics", {}))
    columns = [Column("epoch"), Column("train loss")]
    columns += [Column(f"valid {TITLES.get(name, name)}") for name in metrics]
    columns += [Column("learning rate"), Column("time")]
    rows = []
    for epoch in history["epochs"]:
        is_best = epoch["epoch"] == history.get("best_epoch")
        cells = [
            Cell(
                f"{epoch['epoch']} (kept)" if is_best else str(epoch["epoch"]),
                epoch["epoch"],
                tone="good" if is_best else "",
            ),
            Cell(figure(epoch["train_loss"], 5), epoch["train_loss"]),
        ]
        for name in metrics:
            value = epoch["valid_metrics"].get(name)
            cells.append(Cell(figure(value, 5), value))
        cells.append(Cell(f"{epoch['learning_rate']:.1e}", epoch["learning_rate"]))
        cells.append(Cell(duration(epoch["seconds"]), epoch["seconds"]))
        rows.append(cells)
    return Table("Epochs", columns, rows)
