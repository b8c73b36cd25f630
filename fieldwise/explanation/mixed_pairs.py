r"""Which pairs of fields attention puts together, as far as it moves the logit.

$$s_{fg} = \frac{1}{N} \sum_n \Big| \Big\langle \frac{\partial z}{\partial o}(X_n),\,
o(X_n) - o(X_n^{f}) - o(X_n^{g}) + o(X_n^{fg}) \Big\rangle \Big|$$

with what the layers put out for the embeddings of a row, and for those in which one or
both fields say their mean. What they merely add up is 0, and so is what cancels in
the logit.

Source: second differences of Friedman, Popescu, "Predictive Learning via Rule
Ensembles", 2008, https://arxiv.org/abs/0811.1679, for Song et al., "AutoInt: Automatic
Feature Interaction Learning via Self-Attentive Neural Networks", CIKM 2019,
https://arxiv.org/abs/1810.11921.
Differences from the papers: attention maps say where a field looks, which a field that
matters alone draws, too (``attention_pairs``); here it is asked what comes of it.
"""

from collections.abc import Iterable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.errors import DataError, ShapeError
from fieldwise.explanation.layer_inputs import find_layer
from fieldwise.explanation.token_differences import MEASURED_ROWS, token_differences
from fieldwise.importance import Importance
from fieldwise.nn.interactions.self_attention import SelfAttention
from fieldwise.scoring import eval_mode

__all__ = ["mixed_pairs"]


def mixed_pairs(
    model: nn.Module,
    batches: Iterable[Batch],
    names: Sequence[str],
    *,
    data_fingerprint: str = "",
) -> Importance:
    """Score pairs of fields by what attention makes of both beyond each.

    Args:
        model: has self-attention between fields, as ``AutoInt`` and ``AutoIntPlus`` do.
        batches: the rows; means are of all, differences of the first 100.
        names: of the fields, in the order of the schema.
        data_fingerprint: checksum of the rows.

    Returns:
        An importance of pairs, in units of the logit (of several, their sum).

    Raises:
        DataError: if there is no row.
        ShapeError: if there is not one name per field.
        ValueError: if the model has no such layer.
    """
    layer = find_layer(model, SelfAttention)
    seen: dict[str, Tensor] = {}
    handle = layer.register_forward_hook(
        lambda _, given, out: seen.update(given=given[0], out=out)
    )
    kept: list[tuple[Tensor, Tensor]] = []
    sums, num_rows = torch.zeros(()), 0
    device = next(model.parameters()).device
    try:
        with eval_mode(model):
            for batch in batches:
                wanted = MEASURED_ROWS - sum(len(given) for given, _ in kept)
                with torch.set_grad_enabled(wanted > 0):
                    logits = model(batch.to(device))
                given = seen["given"].detach()
                if wanted > 0:
                    (gradient,) = torch.autograd.grad(logits.sum(), seen["out"])
                    kept.append((given[:wanted], gradient[:wanted]))
                sums = sums + given.double().cpu().sum(dim=0)
                num_rows += len(given)
    finally:
        handle.remove()
    if not num_rows:
        message = "batches must hold at least one row, got none."
        raise DataError(message)
    tokens, gradients = (torch.cat(part) for part in zip(*kept, strict=True))
    if len(names) != tokens.shape[1]:
        message = f"names must be {tokens.shape[1]} fields, got {len(names)}."
        raise ShapeError(message)

    def moved(changed: Float[Tensor, "row field dim"]) -> Float[Tensor, " row"]:
        toward: Tensor = gradients * layer(changed)
        return toward.flatten(start_dim=1).sum(dim=1)

    means = (sums / num_rows).to(tokens)
    with eval_mode(model):
        return token_differences(
            moved,
            tokens,
            means,
            names,
            meaning="what attention makes of both beyond each, in the logit",
            method="attention layers",
            data_fingerprint=data_fingerprint,
        )
