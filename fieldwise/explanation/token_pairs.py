r"""Which pairs of fields the task tokens of a transformer take up together.

$$s_{fg} = \frac{1}{N} \sum_n \big| z(X_n) - z(X_n^{f}) - z(X_n^{g}) + z(X_n^{fg})
\big|$$

with the tokens of a row as they enter the layers, and with those of one or both fields
replaced by their mean over the rows. What a task token merely adds up is 0.

Source: second differences of Friedman, Popescu, "Predictive Learning via Rule
Ensembles", 2008, https://arxiv.org/abs/0811.1679, for Gui et al., "Hiformer:
Heterogeneous Feature Interactions Learning with Transformers for Recommender Systems",
2023, https://arxiv.org/abs/2311.05884.
Differences from the papers: attention alone says where a task looks, and told planted
pairs no better than chance; what two fields do to each other happens as well in the
towers behind it, so both are asked together.
"""

from collections.abc import Iterable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from fieldwise.batch import Batch
from fieldwise.errors import ShapeError
from fieldwise.explanation.layer_inputs import show_inputs
from fieldwise.explanation.token_differences import MEASURED_ROWS, token_differences
from fieldwise.importance import Importance
from fieldwise.models.hiformer import Hiformer
from fieldwise.scoring import eval_mode

__all__ = ["token_pairs"]


def token_pairs(
    model: Hiformer,
    batches: Iterable[Batch],
    names: Sequence[str],
    *,
    data_fingerprint: str = "",
) -> Importance:
    """Score pairs of fields by what task tokens make of both beyond each.

    Args:
        model: a ``Hiformer``.
        batches: the rows; means are of all, differences of the first 100.
        names: of the fields, in the order of the schema.
        data_fingerprint: checksum of the rows.

    Returns:
        An importance of pairs, in units of the logit; the mean over several tasks.

    Raises:
        DataError: if there is no row.
        ShapeError: if there is not one name per field.
    """
    num_fields = model.projection.num_tokens
    if len(names) != num_fields:
        message = f"names must be {num_fields} fields, got {len(names)}."
        raise ShapeError(message)
    kept: list[Tensor] = []
    sums, num_rows = torch.zeros(()), 0

    def add(tokens: Float[Tensor, "row token dim"]) -> None:
        nonlocal sums, num_rows
        kept.append(tokens[: MEASURED_ROWS - sum(map(len, kept))])
        sums, num_rows = sums + tokens.double().cpu().sum(dim=0), num_rows + len(tokens)

    show_inputs(model, model.layers[0], batches, add)
    tokens = torch.cat(kept)
    means = (sums / num_rows).to(tokens)
    with eval_mode(model):
        return token_differences(
            lambda changed: _logits(model, changed),
            tokens,
            means,
            names,
            meaning="what task tokens make of both beyond each, in the logit",
            method="task tokens",
            data_fingerprint=data_fingerprint,
        )


def _logits(
    model: Hiformer, tokens: Float[Tensor, "row token dim"]
) -> Float[Tensor, "row task"]:
    """Score tokens that are ready for the layers."""
    for layer in model.layers:
        tokens = layer(tokens)
    tasks = tokens[:, -len(model.heads) :].unbind(dim=1)
    scores = [head(task) for head, task in zip(model.heads, tasks, strict=True)]
    return torch.stack(scores, dim=1)
