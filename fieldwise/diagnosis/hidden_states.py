"""What the layers of a model say on the way from rows to logits."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.errors import DataError
from fieldwise.scoring import score_batches

__all__ = ["INPUT", "hidden_states"]

INPUT = ".input"


def hidden_states(
    model: nn.Module, layers: Sequence[str], batches: Iterable[Batch]
) -> dict[str, NDArray[np.float64]]:
    """Score rows, and keep what some layers give on the way.

    As in ``score_batches``, the model runs in eval mode, without gradients: dropout is
    off. All rows are held in memory.

    Examples:
        ``hidden_states(ranker.model, ["tower.deep.layers.0.input",
        "tower.deep.layers.0", "tower.deep.layers.2"], batches)`` of a ``dnn``: its
        embeddings and two layers, whose maps apply the ReLU themselves.

    Args:
        model: the trained model.
        layers: names as in ``model.named_modules()``, for what a layer gives; with
            ``.input`` at the end for what enters it, such as each state of a cross
            network.
        batches: the rows.

    Returns:
        By layer, ``(row, width)``; all dimensions of a row are one.

    Raises:
        DataError: if there is no row, or a layer is not reached exactly once for each.
        ValueError: if there is no such layer.
    """
    modules = dict(model.named_modules())
    homes = {name: name.removesuffix(INPUT) for name in layers}
    unknown = [name for name, home in homes.items() if home not in modules]
    if unknown:
        message = (
            f"layers must be modules of the model, got {unknown}. Its modules are "
            f"{[name for name in modules if name]}."
        )
        raise ValueError(message)
    kept: dict[str, list[NDArray[np.float64]]] = {name: [] for name in layers}
    with ExitStack() as hooks:
        for name, home in homes.items():
            keep = _keeper(kept[name], is_input=name.endswith(INPUT))
            handle = modules[home].register_forward_hook(keep)
            hooks.callback(handle.remove)
        num_rows = len(score_batches(model, batches))
    if not num_rows:
        message = "batches must hold at least one row, got none."
        raise DataError(message)
    found = {}
    for name, parts in kept.items():
        seen = sum(map(len, parts))
        if seen != num_rows:
            message = (
                f"layer {name!r} must be reached once for each of {num_rows} rows, got "
                f"{seen} rows."
            )
            raise DataError(message)
        found[name] = np.concatenate(parts)
    return found


def _keeper(
    parts: list[NDArray[np.float64]], *, is_input: bool
) -> Callable[[nn.Module, Any, Any], None]:
    def keep(_module: nn.Module, inputs: Any, output: Any) -> None:  # noqa: ANN401
        state: Tensor = inputs[0] if is_input else output
        # Copied at once: a later layer may write where this one did.
        parts.append(state.flatten(start_dim=1).cpu().double().numpy().copy())

    return keep
