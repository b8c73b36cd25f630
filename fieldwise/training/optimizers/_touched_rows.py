"""What the lazy optimizers share: the touched rows of a gradient, or a clear error."""

from torch import Tensor

from fieldwise.errors import ShapeError
from fieldwise.training._row_gradients import sum_repeated_rows

__all__ = ["touched_rows"]


def touched_rows(gradient: Tensor) -> tuple[Tensor, Tensor]:
    """Split a sparse gradient into row numbers and the gradient of each row.

    Args:
        gradient: sparse in its rows, ``(row, dim)``.

    Returns:
        Row numbers ``(touched,)``, each once, and gradients ``(touched, dim)``.

    Raises:
        ShapeError: if the gradient is dense or has another number of dimensions.
    """
    if not gradient.is_sparse or gradient.ndim != 2:
        kind = "sparse" if gradient.is_sparse else "dense"
        message = (
            "gradient must be sparse with shape (row, dim), got a "
            f"{kind} one of shape {tuple(gradient.shape)}. Set sparse_gradients=True "
            "on the FieldEmbedding, and give other parameters to torch.optim.Adam."
        )
        raise ShapeError(message)
    summed = sum_repeated_rows(gradient)
    return summed.indices()[0], summed.values()
