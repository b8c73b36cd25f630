"""What a model costs on a schema: parameters, and multiply-adds for one row."""

from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from fieldwise.batch import Batch
from fieldwise.nn.embeddings.table_layer import TableLayer
from fieldwise.schema import Schema

__all__ = ["Cost", "cost_of", "example_batch"]


@final
@dataclass(frozen=True, slots=True)
class Cost:
    """What a model costs.

    Args:
        table: parameters of embedding tables, of which a row reads few.
        network: all other parameters, which every row reads.
        multiply_adds: multiplications to score one row, each with its addition.
    """

    table: int
    network: int
    multiply_adds: int

    @property
    def parameters(self) -> int:
        """All of them."""
        return self.table + self.network


def cost_of(model: nn.Module, schema: Schema) -> Cost:
    """Count what a model has, and what it does for one row.

    Products of matrices, convolutions and products of two tensors are counted as they
    run; additions alone, activations and lookups are not.

    Examples:
        >>> from fieldwise.models import FM
        >>> from fieldwise.schema import CategoricalField
        >>> sizes = {"site": 3, "device": 2}
        >>> schema = Schema(
        ...     tuple(
        ...         CategoricalField(name, num_features=size, value_type="string")
        ...         for name, size in sizes.items()
        ...     )
        ... )
        >>> cost_of(FM(schema, embedding_dim=4), schema)
        Cost(table=25, network=1, multiply_adds=12)

    Args:
        model: a model of the schema; its mode is left as it is.
        schema: a fitted schema.

    Returns:
        The cost.
    """
    tables = {
        id(layer.table): layer.table.numel()
        for layer in model.modules()
        if isinstance(layer, TableLayer)
    }
    everything = sum(parameter.numel() for parameter in model.parameters())
    table = sum(tables.values())
    batch = example_batch(schema)
    was_training = model.training
    counter = FlopCounterMode(display=False, custom_mapping=_PRODUCTS)
    try:
        # With gradients: the counter cannot follow weights that are inputs without.
        with torch.enable_grad(), counter:
            model.eval()(batch)
    finally:
        model.train(was_training)
    return Cost(table, everything - table, counter.get_total_flops() // 2)


def example_batch(schema: Schema) -> Batch:
    """One row that says nothing: unknown values, mean numbers, one item a sequence.

    Args:
        schema: a fitted schema.

    Returns:
        A batch of one row.
    """
    starts = torch.tensor(schema.table_offsets, dtype=torch.int32)
    num_indices = len(schema.index_fields)
    items = starts[num_indices:]
    return Batch(
        indices=starts[:num_indices].unsqueeze(0),
        numbers=torch.zeros(1, len(schema.number_fields)),
        sequence_indices=items,
        sequence_offsets=torch.arange(len(items) + 1, dtype=torch.int32),
        vectors=tuple(torch.zeros(1, f.vector_dim or 0) for f in schema.vector_fields),
    )


def _product(*args: Any, out_val: Tensor, **_: Any) -> int:  # noqa: ANN401
    """Operations of a product element by element; scaling by a number is none."""
    if not all(isinstance(item, Tensor) and item.ndim for item in args[:2]):
        return 0
    return 2 * out_val.numel()


# Says that the function wants tensors, not shapes.
_product._get_raw = True  # type: ignore[attr-defined]
_PRODUCTS = {torch.ops.aten.mul: _product, torch.ops.aten.mul_: _product}
