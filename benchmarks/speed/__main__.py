"""Measure training, bulk scoring and latency; print one line per model and arithmetic.

Run with ``python -m benchmarks.speed``; ``--help`` lists the settings.
"""

import argparse
from collections.abc import Sequence

import torch

from benchmarks.speed.arithmetics import ARITHMETICS
from benchmarks.speed.measuring import Figures, Subject
from benchmarks.speed.rows import make_rows
from fieldwise.nn.fastest_products import fastest_products

MODELS = ("deepfm", "dcnv2")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure round by round, so that a busy moment hits all alike.

    Args:
        arguments: of the command line.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed")
    parser.add_argument("--models", nargs="+", default=MODELS, choices=MODELS)
    parser.add_argument("--rows", type=int, default=102_400, help="per measurement")
    parser.add_argument("--rounds", type=int, default=3, help="medians of so many")
    parser.add_argument("--optimizer", default="lazy_adam")
    options = parser.parse_args(arguments)
    dataset = make_rows(options.rows)
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, "
        f"{dataset.schema.num_features} features, {options.optimizer}; here: "
        f"{fastest_products().describe()}"
    )
    subjects = [
        Subject(name, arithmetic, dataset, optimizer=options.optimizer)
        for name in options.models
        for arithmetic in ARITHMETICS
        if arithmetic.is_possible
    ]
    for _ in range(options.rounds):
        for subject in subjects:
            subject.measure()
    print(Figures.header())
    for subject in subjects:
        print(subject.figures.line(subject.name, subject.arithmetic.name))


if __name__ == "__main__":
    main()
