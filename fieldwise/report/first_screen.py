"""What a stranger needs to know first."""

from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote
from typing import Any, final

import polars as pl

from fieldwise.report.blocks import Card
from fieldwise.report.figures import count, figure, joined, percent
from fieldwise.report.findings import find_problems
from fieldwise.report.run_contents import RunContents
from fieldwise.report.trust import Trust, judge_probabilities

__all__ = ["FirstScreen", "first_screen"]


@final
@dataclass(frozen=True)
class FirstScreen:
    """The top of the report.

    Args:
        title: what the run is.
        text: what was predicted, from how many rows and fields.
        cards: answers.
        steps: what to do next: a sentence and, if there is one, a command.
    """

    title: str
    text: str
    cards: tuple[Card, ...]
    steps: tuple[tuple[str, str], ...]


def first_screen(run: RunContents) -> FirstScreen:
    """Sum a run up.

    Args:
        run: what it tells.

    Returns:
        The top of its report.
    """
    labels = joined(run.labels)
    title = {
        "fit": f"Predicting {labels} with {run.model}",
        "compare": f"Which system predicts {labels} best?",
        "curve": f"Which fields are needed to predict {labels}?",
    }[run.kind]
    return FirstScreen(title, _told(run), tuple(_cards(run)), tuple(_steps(run)))


def _told(run: RunContents) -> str:
    rows = run.rows
    source = f" of {run.data}" if run.data else ""
    kinds = [str(field.get("kind", "")) for field in run.fields]
    counted = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
    of_kinds = ", ".join(f"{number} {kind}" for kind, number in counted.items())
    text = (
        f"Learned from {count(rows.get('train', 0))} rows{source} with "
        f"{len(run.fields)} fields ({of_kinds})"
    )
    held_out = "nobody learned from" if run.part == "test" else "held out of training"
    measured = f"{count(rows.get(run.part, 0))} {run.part} rows {held_out}"
    return f"{text}; measured on {measured}."


def _cards(run: RunContents) -> list[Card]:
    cards = []
    if run.kind == "curve":
        cards.append(_needed(run))
    if run.kind == "compare":
        cards.append(_winner(run))
    cards += [_quality(label, run.metrics[label]) for label in list(run.metrics)[:2]]
    if trust := _trust(run):
        question = "Can its probabilities be trusted?"
        cards.append(Card(question, trust.answer, trust.text, trust.tone))
    problems = find_problems(run)
    if problems:
        worst = problems[0]
        cards.append(Card("The biggest warning", worst.title, worst.text, worst.tone))
    else:
        text = "Leaks, unknown values, segments and training were looked at."
        cards.append(Card("The biggest warning", "None", text, "good"))
    return cards


def _trust(run: RunContents) -> Trust | None:
    """Of the first label."""
    reliability = {} if run.diagnosed is None else run.diagnosed.reliability
    for label in list(run.metrics)[:1]:
        chance = reliability.get(label, {}).get("chance_error")
        return judge_probabilities(run.metrics[label], part=run.part, chance=chance)
    return None


def _quality(label: str, metrics: Mapping[str, Any]) -> Card:
    question = f"How good is it for {label}?"
    if "auc" in metrics:
        auc = float(metrics["auc"])
        text = (
            f"Of a row where it happened and one where it did not, it scores the first "
            f"higher in {percent(auc)} of all cases; a coin does in 50%."
        )
        entropy = metrics.get("normalized_entropy")
        if entropy is not None:
            gain = 1 - float(entropy)
            text += (
                f" Log loss {figure(metrics['log_loss'])}: {percent(abs(gain))} "
                f"{'less' if gain >= 0 else 'more'} than always saying "
                f"{percent(metrics['positive_rate'])}, the mean of these rows."
            )
        return Card(question, f"AUC {figure(auc)}", text, "" if auc > 0.5 else "bad")
    if "rmse" in metrics:
        text = f"The root mean squared error is {figure(metrics['rmse'])}."
        if "r2" in metrics:
            text += (
                f" It explains {percent(metrics['r2'])} of the variance; always saying "
                "the mean explains none."
            )
        return Card(question, f"RMSE {figure(metrics['rmse'])}", text)
    loss = figure(metrics.get("log_loss"))
    text = "These rows have one class only: there is nothing to rank."
    return Card(question, f"Log loss {loss}", text, "warn")


def _winner(run: RunContents) -> Card:
    board = run.leaderboard
    if board is None or not run.model:
        text = "The table below tells what went wrong."
        return Card("Which is best?", "Every fit failed", text, "bad")
    alike = board.filter(pl.col("like_best").fill_null(value=False))["model"].to_list()
    others = [str(name) for name in alike if name != run.model]
    text = f"The best of {len(board)} systems over {board['num_seeds'][0]} seeds."
    if others:
        text += f" By chance in the rows it could also be {joined(others)}."
    elif len(board) > 1:
        text += " No other system could be taken for it on these rows."
    return Card("Which is best?", run.model, text, "good")


def _needed(run: RunContents) -> Card:
    chosen = _chosen(run)
    if chosen is None:
        text = "The table below tells what went wrong."
        return Card("How many fields are needed?", "Not known", text, "bad")
    total = len(run.fields)
    text = (
        f"The first {chosen['k_needed']} fields of {chosen['method']} lose next to "
        "nothing on the validation rows."
    )
    answer = f"{chosen['k_needed']} of {total}"
    return Card("How many fields are needed?", answer, text, "good")


def _chosen(run: RunContents) -> Mapping[str, Any] | None:
    """The method with the largest area on the validation rows."""
    if run.curve is None:
        return None
    known = run.curve.filter(
        (pl.col("kind") == "method") & pl.col("valid_aukc").is_not_null()
    )
    if not len(known):
        return None
    return known.sort("valid_aukc", descending=True).row(0, named=True)


def _steps(run: RunContents) -> list[tuple[str, str]]:
    steps = []
    trust = _trust(run)
    if trust is not None and trust.tone == "bad":
        told = (
            "Do not use the probabilities as they are; the order of the rows is not "
            "touched by this. Fit again with newer rows in the validation part: it "
            "teaches the calibration."
        )
        steps.append((told, ""))
    label = " ".join(f"--label {quote(name)}" for name in run.labels)
    if run.kind == "compare" and run.model:
        told = f"Fit {run.model} and save it."
        steps.append((told, f"fieldwise fit DATA {label} --model {run.model}"))
    chosen = _chosen(run)
    if chosen is not None:
        command = (
            f"fieldwise fit DATA {label} --select {chosen['method']} "
            f"--fields {chosen['k_needed']}"
        )
        steps.append(("Fit on the fields that are needed.", command))
    if run.kind == "fit":
        name = quote(run.place)
        command = f"fieldwise predict {name} NEW_DATA --out scores.parquet"
        steps.append(("Score new rows.", command))
        if run.leaderboard is None:
            told = "See whether another system is better, and how surely."
            steps.append((told, f"fieldwise compare DATA {label} --test 0.1"))
        if not run.of_unit("pair"):
            told = "See what moves single scores, and which fields work together."
            command = (
                f"fieldwise explain {name} DATA --pairs --out "
                f"{name}/importances/explained && fieldwise report {name}"
            )
            steps.append((told, command))
        if len(run.fields) > 2:
            told = "See how many of the fields are needed."
            command = f"fieldwise curve DATA {label} --methods permutation,shark"
            steps.append((told, command))
    return steps[:3]
