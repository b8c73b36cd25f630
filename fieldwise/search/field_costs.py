"""What each field of a table costs a model, for a selection within a budget."""

from fieldwise._checks import check_choice, check_positive
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.schema import Schema

__all__ = ["field_costs"]

BYTES = {"parameters": 1, "bytes": 4}
"""Of a parameter, in each unit: weights are saved in 32 bits."""


def field_costs(
    schema: Schema, *, embedding_dim: int, unit: str = "parameters"
) -> dict[str, int]:
    """Count what the embedding of each field costs.

    Of a field in the shared table, ``num_features * embedding_dim`` parameters; of the
    others, those of the layer that embeds it alone.

    Examples:
        >>> import numpy as np
        >>> from fieldwise.importance import Importance
        >>> from fieldwise.schema import CategoricalField
        >>> fields = [
        ...     CategoricalField(name, num_features=size, value_type="string")
        ...     for name, size in (("site", 30), ("user", 9000), ("hour", 24))
        ... ]
        >>> costs = field_costs(Schema(tuple(fields)), embedding_dim=16)
        >>> costs
        {'site': 480, 'user': 144000, 'hour': 384}
        >>> scores = np.array([0.9, 0.1, 0.5])
        >>> found = Importance("field", tuple(costs), scores, "share", "by hand")
        >>> found.budget(costs, 1_000)
        Selection of 2 of 3 fields: site, hour

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        unit: ``parameters``, or ``bytes`` of 32-bit weights.

    Returns:
        The cost of each field, in the order of the schema, for ``Importance.budget``.

    Raises:
        ValueError: if there is no such unit, or the length is not positive.
        SchemaError: if the schema is not fitted.
    """
    check_choice("unit", unit, tuple(BYTES))
    check_positive("embedding_dim", embedding_dim)
    looked_up = [
        field.name for field in (*schema.index_fields, *schema.sequence_fields)
    ]
    sizes = dict(zip(looked_up, schema.table_sizes, strict=True))
    counts = {}
    for name in schema.names:
        if name in sizes:
            counts[name] = sizes[name] * embedding_dim
        else:
            alone = FieldEmbedding(schema.select([name]), embedding_dim=embedding_dim)
            counts[name] = sum(weight.numel() for weight in alone.parameters())
    return {name: BYTES[unit] * count for name, count in counts.items()}
