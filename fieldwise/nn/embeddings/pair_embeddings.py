"""One vector for each of some pairs of fields: learned by heart, or a product of two.

Source: Lyu et al., "Memorize, Factorize, or be Naive: Learning Optimal Feature
Interaction Methods for CTR Prediction", ICDE 2022, https://arxiv.org/abs/2108.01265,
section 3.
Differences from the paper: tables are drawn from a uniform distribution of variance
``1 / (num_fields * embedding_dim)``; its code takes the square where a square root must
be meant. Only what is needed has a table: products have rows of the fields in them,
crosses those of their own pairs.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.errors import SchemaError
from fieldwise.nn.embeddings.cross_embedding import CrossEmbedding
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.field_pairs import FieldPairs
from fieldwise.schema import Schema

__all__ = ["PairEmbeddings", "draw_rows", "index_pairs"]

Pairs = Sequence[tuple[str, str]]

MAX_PAIRS = 2**18
"""Pairs of 724 fields; each has an embedding and its part of the first layer."""


def index_pairs(schema: Schema) -> list[tuple[str, str]]:
    """Every pair of fields with one index per row.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> names = ("site", "device", "hour")
        >>> index_pairs(Schema(tuple(CategoricalField(name) for name in names)))
        [('site', 'device'), ('site', 'hour'), ('device', 'hour')]

    Args:
        schema: the fields.

    Returns:
        Names of both, in row-major order.

    Raises:
        SchemaError: if there are too many pairs to have parameters for each.
    """
    names = [field.name for field in schema.index_fields]
    if (num_pairs := len(names) * (len(names) - 1) // 2) > MAX_PAIRS:
        message = (
            f"the schema must have at most {MAX_PAIRS} pairs of index fields, got "
            f"{num_pairs}. Keep fewer fields."
        )
        raise SchemaError(message)
    return list(combinations(names, 2))


def draw_rows(layer: CrossEmbedding | FieldEmbedding, *, num_fields: int) -> None:
    """Draw the rows of a table so that those of all fields have length one together.

    Args:
        layer: its table is changed in place.
        num_fields: fields that are looked up side by side.
    """
    bound = (3 / (num_fields * layer.embedding_dim)) ** 0.5
    nn.init.uniform_(layer.table, -bound, bound)


@final
class PairEmbeddings(nn.Module):
    r"""Crosses of some pairs of fields, and products of others.

    $$e^m_p = E_m[(x_i, x_j)], \quad e^f_p = E_a[x_i] \odot E_a[x_j], \quad p = (i, j)$$

    Parameters: ``embedding_dim`` times the sum of ``cross_sizes`` and the features of
    the fields that are in a product.

    Shape:
        - Input: a ``Batch``.
        - Output: ``(batch, pair, dim)`` of the crosses, then of the products; what has
          no pair is left out.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> schema = Schema(
        ...     tuple(
        ...         CategoricalField(name, num_features=3, value_type="string")
        ...         for name in ("site", "device", "hour")
        ...     )
        ... )
        >>> pairs = PairEmbeddings(
        ...     schema, embedding_dim=4, factorized=[("site", "hour")], memorized=[]
        ... )
        >>> pairs.out_features, sum(weight.numel() for weight in pairs.parameters())
        (4, 24)

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        memorized: pairs that are learned by heart.
        factorized: pairs that are products.
        cross_sizes: rows of each memorized pair, its unknown row included.

    Attributes:
        memorized: the crosses; None without any.
        factorized: what products are made of; None without any.

    Raises:
        ValueError: if the length is not positive, or sizes are not one per pair.
        SchemaError: if a pair is none of two index fields in order.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int,
        memorized: Pairs,
        factorized: Pairs,
        cross_sizes: Sequence[int] = (),
    ) -> None:
        check_positive("embedding_dim", embedding_dim)
        known = set(index_pairs(schema))
        if wrong := [pair for pair in factorized if pair not in known]:
            message = f"factorized must be pairs of index fields in order, got {wrong}."
            raise SchemaError(message)
        super().__init__()
        self.out_features = (len(memorized) + len(factorized)) * embedding_dim
        self.memorized: CrossEmbedding | None = None
        self.factorized: FieldEmbedding | None = None
        num_fields = len(schema)
        if memorized:
            self.memorized = CrossEmbedding(
                schema,
                pairs=memorized,
                cross_sizes=cross_sizes,
                embedding_dim=embedding_dim,
            )
            draw_rows(self.memorized, num_fields=num_fields)
        if factorized:
            wanted = {name for pair in factorized for name in pair}
            names = [name for name in schema.names if name in wanted]
            self.factorized = FieldEmbedding(
                schema,
                embedding_dim=embedding_dim,
                fields=None if len(names) == num_fields else names,
            )
            draw_rows(self.factorized, num_fields=num_fields)
            place_of = {name: place for place, name in enumerate(names)}
            chosen = [(place_of[left], place_of[right]) for left, right in factorized]
            self.products = FieldPairs(len(names), chosen=chosen)
        self.pairs = (*memorized, *factorized)

    def extra_repr(self) -> str:
        """What is embedded: two models that differ in it are not the same."""
        return ", ".join(" x ".join(pair) for pair in self.pairs)

    def forward(self, batch: Batch) -> tuple[Float[Tensor, "batch _ dim"], ...]:
        """Embed the pairs of a batch.

        Args:
            batch: encoded rows.

        Returns:
            The crosses, if there are any, then the products, if there are any.
        """
        parts: list[Tensor] = []
        if self.memorized is not None:
            parts.append(self.memorized(batch))
        if self.factorized is not None:
            parts.append(self.products.hadamard(self.factorized(batch)))
        return tuple(parts)
