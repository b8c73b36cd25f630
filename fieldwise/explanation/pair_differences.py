r"""Which pairs of fields say more together than one by one, in any model.

$$d_{ij}(x) = \frac{1}{K} \sum_k \big[ z(x) - z(x_{i \leftarrow k}) -
z(x_{j \leftarrow k}) + z(x_{ij \leftarrow k}) \big]$$

with the logit of the row as it is, with one field replaced by what it says in baseline
k, and with both. It is 0 wherever a model adds what the two say.

Source: Friedman, Popescu, "Predictive Learning via Rule Ensembles", Annals of Applied
Statistics 2008, https://arxiv.org/abs/0811.1679, section 8.1 (equations 44 to 46).
Differences from the paper: partial dependence is an average over all rows for each
value, a second difference one over a few rows for each row, which costs less and says
something about a single row; the H statistic is made of these.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import final

import numpy as np
import torch
from jaxtyping import Bool
from numpy.typing import NDArray
from torch import Tensor

from fieldwise.batch import Batch
from fieldwise.errors import DataError, SchemaError
from fieldwise.explanation.baselines import BaselineModel
from fieldwise.importance import Importance
from fieldwise.sensitivity import Embedded

__all__ = ["PairDifferences", "pair_differences"]

METHOD = "second differences"

Array = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class PairDifferences:
    """What pairs of fields add to the logit of each row beyond both of them.

    Args:
        names: of the fields of each pair, in the order of the schema.
        values: signed second differences, ``(row, pair)``, in units of the logit.
        together: what the logit loses when both fields of a pair are replaced,
            ``(row, pair)``.
        data_fingerprint: checksum of the rows.
    """

    names: tuple[tuple[str, str], ...]
    values: Array
    together: Array
    data_fingerprint: str = ""

    def __len__(self) -> int:
        return len(self.values)

    def importance(self) -> Importance:
        """Summarise all rows.

        Returns:
            An importance of pairs: the mean of absolute differences; the detail
            ``signed`` is the mean, ``h_statistic`` the share, in root mean squares, of
            what both say that is said only together.

        Raises:
            DataError: if there is no row.
        """
        if not len(self):
            message = "rows must be at least one to be summarised, got none."
            raise DataError(message)
        told = "mean size of what both add beyond each"
        return self._summary(slice(None), told)

    def of_row(self, row: int) -> Importance:
        """Explain one row.

        Args:
            row: its place.

        Returns:
            An importance of pairs, as that of all rows.

        Raises:
            IndexError: if there is no such row.
        """
        place = range(len(self))[row]
        told = "size of what both add beyond each"
        return self._summary(slice(place, place + 1), told)

    def _summary(self, rows: slice, told: str) -> Importance:
        values = self.values[rows]
        squares = (values**2).mean(axis=0)
        whole = (self.together[rows] ** 2).mean(axis=0)
        ratio = np.divide(squares, whole, out=np.zeros_like(whole), where=whole > 0)
        return Importance(
            unit="pair",
            names=self.names,
            scores=np.abs(values).mean(axis=0),
            meaning=f"{told}, in the logit",
            method=METHOD,
            data_fingerprint=self.data_fingerprint,
            details={"signed": values.mean(axis=0), "h_statistic": np.sqrt(ratio)},
        )


def pair_differences(
    model: BaselineModel,
    batches: Iterable[Batch | Embedded],
    *,
    fields: Sequence[str] | None = None,
    data_fingerprint: str = "",
) -> PairDifferences:
    """Measure the pairs of some fields.

    Costs, for each row and baseline, one evaluation for each field and each pair.

    Args:
        model: the model and its baselines.
        batches: the rows.
        fields: pairs of these only; None for all. Of many fields the first by their
            contributions are usually enough.
        data_fingerprint: checksum of the rows, to be noted in the result.

    Returns:
        Differences of all pairs, in the order of the schema.

    Raises:
        SchemaError: if there is no such field.
    """
    names = model.schema.names
    chosen = _chosen(names, fields)
    pairs = list(combinations(range(len(chosen)), 2))
    left, right = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    masks = _masks(chosen, pairs, len(names))
    values, together = [np.empty((0, len(pairs)))], [np.empty((0, len(pairs)))]
    for batch in batches:
        rows = model.embed(batch)
        replaced = model.score_replaced(rows, masks)
        lost = model.score(rows)[:, None] - replaced
        single, both = lost[:, : len(chosen)], lost[:, len(chosen) :]
        values.append(single[:, left] + single[:, right] - both)
        together.append(both)
    return PairDifferences(
        names=tuple((names[chosen[i]], names[chosen[j]]) for i, j in pairs),
        values=np.concatenate(values),
        together=np.concatenate(together),
        data_fingerprint=data_fingerprint,
    )


def _chosen(names: tuple[str, ...], fields: Sequence[str] | None) -> list[int]:
    wanted = set(names if fields is None else fields)
    if unknown := sorted(wanted - set(names)):
        message = f"fields must be among {list(names)}, got {unknown}."
        raise SchemaError(message)
    return [place for place, name in enumerate(names) if name in wanted]


def _masks(
    chosen: list[int], pairs: list[tuple[int, int]], num_fields: int
) -> Bool[Tensor, "1 mask field"]:
    """Each field alone, then each pair."""
    masks = torch.zeros(1, len(chosen) + len(pairs), num_fields, dtype=torch.bool)
    for mask, place in enumerate(chosen):
        masks[0, mask, place] = True
    for mask, pair in enumerate(pairs, start=len(chosen)):
        masks[0, mask, [chosen[place] for place in pair]] = True
    return masks
