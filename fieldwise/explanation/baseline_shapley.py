r"""What each field adds to a logit: fields put in place one by one, in many orders.

$$c_f(x) = \frac{1}{PK} \sum_{p, k} \big[ z(x_{B_p(f) \cup f}; x^{(k)}) -
z(x_{B_p(f)}; x^{(k)}) \big], \quad
\sum_f c_f(x) = z(x) - \frac{1}{K} \sum_k z(x^{(k)})$$

with the fields before f in order p as in the row, and all others as in baseline k. No
gradient is asked for, and the sum is exact for any number of orders.

Source: Sundararajan, Najmi, "The Many Shapley Values for Model Explanation", ICML 2020,
https://arxiv.org/abs/1908.08474 (baseline Shapley); several baselines and the sampling
of orders as in Lelievre, Chen, "Integrated Gradient Correlation: a Dataset-wise
Attribution Method", 2024, https://arxiv.org/abs/2404.13910.
Differences from the papers: every order is taken backwards, too, which halves the noise
of what two fields say together; the logit is explained.
"""

from collections.abc import Iterable

import numpy as np
import torch

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.explanation.baselines import BaselineModel
from fieldwise.explanation.contributions import FieldContributions
from fieldwise.explanation.row_means import Array
from fieldwise.sensitivity import Embedded

__all__ = ["baseline_shapley"]

METHOD = "baseline Shapley"
NUM_ORDERS = 8


def baseline_shapley(
    model: BaselineModel,
    batches: Iterable[Batch | Embedded],
    *,
    num_orders: int = NUM_ORDERS,
    seed: int = 0,
    data_fingerprint: str = "",
) -> FieldContributions:
    """Find what each field adds to the logit of each row.

    Costs ``2 * num_orders`` scores for each row, baseline and field. With them
    ``gradient_correlation`` splits the correlation with the labels by Shapley values.

    Args:
        model: the model and its baselines.
        batches: the rows.
        num_orders: of the fields, each taken in both directions; the same for all rows.
        seed: of the orders.
        data_fingerprint: checksum of the rows, to be noted in the result.

    Returns:
        Contributions, in units of the logit; with ``base`` they add up to the logits.

    Raises:
        ValueError: if the number of orders is not positive.
    """
    check_positive("num_orders", num_orders)
    num_fields = len(model.schema)
    random = np.random.default_rng(seed)
    forward = random.permuted(np.tile(np.arange(num_fields), (num_orders, 1)), axis=1)
    orders = np.concatenate([forward, forward[:, ::-1]])
    values, logits = [np.empty((0, num_fields))], [np.empty(0)]
    for batch in batches:
        rows = model.embed(batch)
        scores = model.score(rows)
        values.append(_mean_steps(model, rows, scores, orders))
        logits.append(scores)
    found, joined = np.concatenate(values), np.concatenate(logits)
    return FieldContributions(
        names=model.schema.names,
        values=found,
        logits=joined,
        base=model.base,
        corrections=np.zeros_like(found),
        method=METHOD,
        seed=seed,
        data_fingerprint=data_fingerprint,
    )


def _mean_steps(
    model: BaselineModel,
    rows: Embedded,
    scores: Array,
    orders: np.ndarray[tuple[int, int], np.dtype[np.intp]],
) -> Array:
    """What the logit gains when a field is put in place, mean over the orders."""
    num_orders, num_fields = orders.shape
    # When each field comes; after the last one the row is whole again.
    times = orders.argsort(axis=1)
    is_gone = times[:, None, :] >= np.arange(1, num_fields)[:, None]
    masks = torch.from_numpy(is_gone.reshape(1, -1, num_fields))
    heights = np.empty((len(rows), num_orders, num_fields + 1))
    heights[:, :, 0], heights[:, :, -1] = model.base, scores[:, None]
    between = model.score_replaced(rows, masks)
    heights[:, :, 1:-1] = between.reshape(len(rows), num_orders, num_fields - 1)
    steps = np.diff(heights, axis=2)
    by_field = np.take_along_axis(steps, times[None], axis=2)
    return np.asarray(by_field.mean(axis=1))
