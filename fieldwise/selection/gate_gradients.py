r"""What each row would teach a model, as a short vector.

Source: Park, Georgiev, Ilyas, Leclerc, Madry, "TRAK: Attributing Model Behavior at
Scale", ICML 2023, https://arxiv.org/abs/2303.14186, for gradients of single rows under
a random projection.
Differences from the paper: the gradients are those of gates on the numbers of each
embedding, not of all weights. Tables have a row of their own for each value, so that
rows of different values would have nothing in common.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.data.dataset import Dataset
from fieldwise.data.loader import Loader
from fieldwise.sensitivity.embedding_gradients import embedding_gradients

__all__ = ["gate_gradients"]

BATCH_ROWS = 4096


def gate_gradients(
    model: nn.Module, rows: Dataset, *, dim: int = 256, seed: int = 0
) -> Float[Tensor, "row dim"]:
    r"""Find how the loss of each row moves with gates behind the embeddings.

    $$\phi_i = \frac{1}{\sqrt{p}} R \, \big( e_{fd} \,
    \partial \ell_i / \partial e_{fd} \big)_{fd}$$

    with random signs $R$; without $R$ where there are no more than ``dim`` gates.

    Args:
        model: the trained model; it embeds fields by ``FieldEmbedding``.
        rows: labelled rows.
        dim: length of a vector at most.
        seed: of the signs; vectors of different rows compare only under one seed.

    Returns:
        One vector for each row, on the CPU.

    Raises:
        DataError: if the rows have no labels, or the model no field embedding.
        ValueError: if ``dim`` is not positive.
    """
    check_positive("dim", dim)
    parts, signs = [torch.empty(0, 0)], None
    batches = Loader(rows, batch_size=BATCH_ROWS).epoch(0)
    for batch in embedding_gradients(model, rows.schema, batches):
        products = [
            (embedding * gradient).flatten(1)
            for embedding, gradient in zip(
                batch.embeddings, batch.gradients, strict=True
            )
        ]
        vectors = torch.cat(products, dim=1).cpu()
        if vectors.shape[1] > dim:
            if signs is None:
                signs = _signs(vectors.shape[1], dim, seed)
            vectors = vectors @ signs / dim**0.5
        parts.append(vectors)
    return torch.cat(parts[1:] or parts)


def _signs(num_gates: int, dim: int, seed: int) -> Float[Tensor, "gate dim"]:
    generator = torch.Generator().manual_seed(seed)
    bits = torch.randint(0, 2, (num_gates, dim), generator=generator)
    return 2.0 * bits - 1.0
