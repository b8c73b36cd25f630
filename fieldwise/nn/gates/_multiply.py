"""Multiply each field of a batch by its gate."""

from jaxtyping import Float
from torch import Tensor

from fieldwise.errors import ShapeError

__all__ = ["multiply_fields"]


def multiply_fields(
    x: Float[Tensor, "batch field dim"], gates: Float[Tensor, " gate"]
) -> Float[Tensor, "batch field dim"]:
    """Gate each field, in the precision of the embeddings.

    Args:
        x: embeddings.
        gates: one per field.

    Returns:
        Gated embeddings.

    Raises:
        ShapeError: if there is not one gate per field.
    """
    if x.shape[1] != len(gates):
        message = f"x must have {len(gates)} fields, got {x.shape[1]}."
        raise ShapeError(message)
    return x * gates.to(x.dtype).unsqueeze(1)
