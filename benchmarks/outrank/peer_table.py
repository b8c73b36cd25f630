"""A table of the package's own generators, run by the Python that has the package."""

import sys

import numpy as np
import pandas as pd
from outrank.algorithms.synthetic_data_generators.cc_generator import (
    CategoricalClassification,
)
from outrank.algorithms.synthetic_data_generators.generator_naive import (
    generate_random_matrix,
)


def needle(num_rows):
    """Its task ``data_generator``: of a hundred fields, one is the label."""
    values, label = generate_random_matrix(100, num_rows)
    return np.column_stack([values, label])


def categories(num_rows):
    """Ten fields of five values that matter, twenty of up to 500 that do not."""
    maker = CategoricalClassification(seed=42)
    matter = maker.generate_data(10, num_rows, cardinality=5, seed=42)
    sizes = np.geomspace(2, 500, 20).astype(int).tolist()
    others = maker.generate_data(
        20, num_rows, structure=list(enumerate(sizes)), seed=43
    )
    weights = np.linspace(0.2, 2, 10)
    noise = np.random.default_rng(0).normal(0, 4, num_rows)
    label = maker.generate_labels(
        matter, decision_function=lambda rows: rows @ weights + noise
    )
    both = maker.generate_combinations(matter, [0, 9], combination_type="linear")
    copies = maker.generate_duplicates(both, [4, 8])
    return np.column_stack([copies, others, label])


def main():
    kind, num_rows, path = sys.argv[1:]
    values = {"needle": needle, "categories": categories}[kind](int(num_rows))
    names = [f"f{place}" for place in range(values.shape[1] - 1)]
    frame = pd.DataFrame(values.astype(int), columns=[*names, "label"])
    frame.to_csv(path, index=False)


if __name__ == "__main__":
    main()
