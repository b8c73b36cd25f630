"""``fieldwise demo``: three models on a year of real flights."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, final

import typer

from fieldwise.cli.report import report_on
from fieldwise.cli.run_folder import IMPORTANCES
from fieldwise.cli.tables import Side, clean, number, show_table, show_text
from fieldwise.errors import DataError

if TYPE_CHECKING:
    import polars as pl

    from fieldwise.data.dataset import Dataset
    from fieldwise.data.encoded_parts import EncodedParts
    from fieldwise.data.parts import Parts
    from fieldwise.data.splits import TimeSplit
    from fieldwise.diagnosis import Diagnosis
    from fieldwise.ranker import Ranker
    from fieldwise.report.evidence import Evidence

__all__ = ["HELP", "demo"]

HELP = r"""
Fit three models to the 327,346 flights that left New York City in 2013 and arrived.

The question: will a flight arrive more than 15 minutes late, from what is known an
hour before it leaves? The models learn from the first four fifths of the year, and are
measured on its last tenth. The best one is saved with its report, report.html, which
needs pip install 'fieldwise\[report]'. It needs no network.

[bold]Example[/bold]

fieldwise demo --out runs/flights
"""

MODELS = ("lr", "dnn", "dcnv2")
DEFAULT_OUT = Path("runs/demo")
NUM_SHOWN, NUM_EXPLAINED = 10, 20_000
_SHOWN = ("scheduled", "carrier", "flight", "origin", "dest", "wind_gust", "visib")


@final
@dataclass(frozen=True)
class _Result:
    """A fitted model, and how long it took."""

    ranker: "Ranker"
    diagnosis: "Diagnosis"
    seconds: float

    @property
    def valid_log_loss(self) -> float:
        return float(self.ranker.metrics["valid"]["log_loss"])


def demo(
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for the best ranker; runs/demo, replaced, if not given.",
            metavar="FOLDER",
        ),
    ] = None,
    rows: Annotated[
        int | None, typer.Option(help="Take so many flights, evenly over the year.")
    ] = None,
) -> None:
    """Fit, compare, save and use three models."""
    from fieldwise.cli.flights import TIME, read_flights
    from fieldwise.data.parts import divide
    from fieldwise.data.splits import TimeSplit
    from fieldwise.ranker import Ranker

    if out is not None and out.exists():
        message = f"--out must be a folder that does not exist, got {str(out)!r}."
        raise DataError(message)
    flights = read_flights(rows)
    split = TimeSplit(TIME, valid=0.1, test=0.1)
    parts = divide(flights.lazy(), split)
    show_text(
        "Does a flight from New York arrive more than 15 minutes late?", style="bold"
    )
    late = _late_shares(parts)
    show_text(_description(parts, late))
    results = {name: _fit(name, flights, split) for name in MODELS}
    _show_results(results)
    show_text(_caution(late))
    best = min(MODELS, key=lambda name: results[name].valid_log_loss)
    folder = out or DEFAULT_OUT
    results[best].ranker.save(folder, overwrite=out is None)
    show_text(f"{best} had the best log loss on the validation rows: saved to {folder}")
    _keep_report(results, best, folder)
    show_text(f"explaining {best} ...", stderr=True)
    _explained(results[best].ranker, parts).save(folder)
    report_on(folder, wanted=True)
    _show_predictions(Ranker.load(folder), parts)
    show_text("next: fieldwise inspect YOUR_DATA.parquet --label YOUR_LABEL")


def _late_shares(parts: "Parts") -> dict[str, float]:
    import polars as pl

    from fieldwise.cli.flights import LABEL

    return {
        name: float(frame.select(pl.col(LABEL).mean()).collect().item())
        for name, frame in parts.named().items()
    }


def _description(parts: "Parts", late: Mapping[str, float]) -> str:
    """Say what the rows are, and how they are divided."""
    counts = ", ".join(
        f"{parts.counts[name]:,} {name} ({share:.1%} late)"
        for name, share in late.items()
    )
    return f"Flights in the order of their schedule: {counts}; cancelled ones left out."


def _caution(late: Mapping[str, float]) -> str:
    return (
        f"Calibration was learned on the validation weeks, with {late['valid']:.1%} of "
        f"the flights late; the test weeks had {late['test']:.1%}. No model knows that "
        "beforehand: the ECE tells it afterwards, and says when to fit again."
    )


def _fit(name: str, flights: "pl.DataFrame", split: "TimeSplit") -> _Result:
    from fieldwise.cli.flights import LABEL
    from fieldwise.diagnosis import Diagnosis, diagnose
    from fieldwise.fitting import fit

    show_text(f"fitting {name} ...", stderr=True)
    seen: list[tuple[float, Diagnosis]] = []

    def observe(ranker: "Ranker", parts: "EncodedParts") -> None:
        seconds = time.perf_counter() - started
        seen.append((seconds, diagnose(ranker, parts.datasets)))

    started = time.perf_counter()
    ranker = fit(flights, label=LABEL, model=name, split=split, observe=observe)
    seconds, diagnosis = seen[0]
    return _Result(ranker, diagnosis, seconds)


def _keep_report(results: Mapping[str, _Result], best: str, folder: Path) -> None:
    """Put beside the ranker what its report is made of."""
    import polars as pl

    diagnosis = results[best].diagnosis
    diagnosis.save(folder)
    if diagnosis.importance is not None:
        diagnosis.importance.save(folder / IMPORTANCES / "permutation")
    lines = [_line(name, result) for name, result in results.items()]
    board = pl.DataFrame(lines).sort("auc", descending=True)
    board.with_columns(is_best=pl.int_range(pl.len()) == 0).write_parquet(
        folder / "leaderboard.parquet"
    )


def _explained(ranker: "Ranker", parts: "Parts") -> "Evidence":
    """What matters to the best ranker, on some of the flights."""
    from fieldwise.explanation import labelled_rows
    from fieldwise.report.evidence import gather_evidence

    def some(part: str) -> "Dataset":
        frame = parts.named()[part].collect()
        chosen = frame.sample(min(NUM_EXPLAINED, len(frame)), seed=0)
        return labelled_rows(ranker, chosen)

    return gather_evidence(ranker, train=some("train"), held_out=some("test"))


def _line(name: str, result: _Result) -> dict[str, object]:
    after = result.ranker.metrics["test"]
    measures = {key: float(after[key]) for key in ("auc", "log_loss", "ece")}
    costs = {"parameters": result.diagnosis.parameters, "seconds": result.seconds}
    told = {"num_seeds": 1, "like_best": False, "error": None}
    return {"model": name, **measures, **costs, **told}


def _show_results(results: Mapping[str, _Result]) -> None:
    rows = []
    for name, result in results.items():
        after = result.ranker.metrics["test"]
        before = result.ranker.info["uncalibrated_metrics"]["test"]
        weights = result.ranker.model.parameters()
        rows.append(
            [
                name,
                number(after["auc"]),
                number(after["log_loss"]),
                f"{number(before['ece'])} -> {number(after['ece'])}",
                f"{result.seconds:.1f}",
                number(sum(weight.numel() for weight in weights)),
            ]
        )
    columns: dict[str, Side] = {"model": "left", "AUC": "right", "log loss": "right"}
    columns |= {"ECE before -> after calibration": "right", "seconds": "right"}
    show_table(columns | {"parameters": "right"}, rows, title="On the test rows")


def _show_predictions(ranker: "Ranker", parts: "Parts") -> None:
    """Score raw rows of the test part, and tell how the flights went."""
    from fieldwise.cli.flights import LABEL

    if parts.test is None:
        return
    test = parts.test.collect()
    some = test.gather_every(max(1, len(test) // NUM_SHOWN)).head(NUM_SHOWN)
    probabilities = ranker.predict(some.drop(LABEL))
    rows = [
        [
            *(_raw(row[name]) for name in _SHOWN),
            f"{probability:.1%}",
            "late" if row[LABEL] else "in time",
        ]
        for row, probability in zip(some.to_dicts(), probabilities, strict=True)
    ]
    columns: dict[str, Side] = dict.fromkeys(_SHOWN, "left")
    columns |= {"probability of late": "right", "it was": "left"}
    title = f"{len(rows)} raw rows of the test part, scored by the saved ranker"
    show_table(columns, rows, title=title)


def _raw(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:g}" if isinstance(value, float) else clean(value)
