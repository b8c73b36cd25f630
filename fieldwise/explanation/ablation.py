r"""What a logit loses when a field says what it says in other rows.

$$a_f(x) = z(x) - \frac{1}{K} \sum_k z(x_{f \leftarrow k})$$

Source: Lei, G'Sell, Rinaldo, Tibshirani, Wasserman, "Distribution-Free Predictive
Inference for Regression", JASA 2018, https://arxiv.org/abs/1604.04173, section 6 (leave
one covariate out).
Differences from the paper: nothing is fitted again; the field keeps its place and says
what it says in the baselines. ``permute_fields`` measures the same on a metric.
"""

from collections.abc import Iterable

import numpy as np
import torch

from fieldwise.batch import Batch
from fieldwise.explanation.baselines import BaselineModel
from fieldwise.explanation.row_means import Array, row_means
from fieldwise.importance import Importance
from fieldwise.sensitivity import Embedded

__all__ = ["ablate_fields"]


def ablate_fields(
    model: BaselineModel,
    batches: Iterable[Batch | Embedded],
    *,
    data_fingerprint: str = "",
) -> Importance:
    """Measure what dropping each field does to the logit.

    Unlike contributions these do not add up: what two fields say only together is lost
    with either of them.

    Args:
        model: the model and its baselines.
        batches: the rows; for a single row, a batch of it.
        data_fingerprint: checksum of the rows, to be noted in the result.

    Returns:
        An importance of fields: the mean size of what the logit loses; the detail
        ``signed`` is the mean.

    Raises:
        DataError: if there is no row.
    """
    masks = torch.eye(len(model.schema), dtype=torch.bool)[None]

    def sums_of(rows: Embedded) -> tuple[Array, Array]:
        lost = model.score(rows)[:, None] - model.score_replaced(rows, masks)
        return np.abs(lost).sum(axis=0), lost.sum(axis=0)

    sizes, signed = row_means(model, batches, sums_of)
    return Importance(
        unit="field",
        names=model.schema.names,
        scores=sizes,
        meaning="mean size of what the logit loses without it",
        method="ablation",
        data_fingerprint=data_fingerprint,
        details={"signed": signed},
    )
