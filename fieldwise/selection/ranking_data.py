"""The rows a ranking may look at, each part for one purpose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.dataset import Dataset
from fieldwise.errors import DataError
from fieldwise.importance import Importance
from fieldwise.schema import Schema

__all__ = ["RankingData"]


@final
@dataclass(frozen=True)
class RankingData:
    """Training rows, and validation rows in two halves; never a test row.

    What a gate learns from and what stops its training are different rows: a gate that
    also chose its own end would look better than it is.

    Args:
        train: rows to learn from.
        gate: held-out rows on which gates learn and sensitivities are measured.
        stop: held-out rows that choose the best epoch.
    """

    train: Dataset
    gate: Dataset
    stop: Dataset

    @classmethod
    def of(cls, parts: Mapping[str, Dataset], *, seed: int = 0) -> "RankingData":
        """Divide the validation rows at random, whole groups where rows have groups.

        Args:
            parts: encoded parts by name; ``train`` and ``valid`` are used, no other.
            seed: of the division.

        Returns:
            The rows by purpose.

        Raises:
            DataError: if a part is missing, or ``valid`` cannot be halved.
        """
        missing = [name for name in ("train", "valid") if name not in parts]
        if missing:
            message = f"parts must have 'train' and 'valid', got no {missing}."
            raise DataError(message)
        valid = parts["valid"]
        groups = np.arange(len(valid)) if valid.groups is None else valid.groups
        names = np.unique(groups)
        if len(names) < 2:
            message = f"valid must have 2 rows or groups at least, got {len(names)}."
            raise DataError(message)
        chosen = np.random.default_rng(seed).permutation(names)[: len(names) // 2]
        is_gate = np.isin(groups, chosen)
        return cls(
            train=parts["train"],
            gate=valid.take(np.flatnonzero(is_gate)),
            stop=valid.take(np.flatnonzero(~is_gate)),
        )

    @property
    def schema(self) -> Schema:
        """The fields that are ranked, in order."""
        return self.train.schema

    @property
    def fingerprint(self) -> str:
        """Checksum of the training rows, as an ``Importance`` notes it."""
        return self.train.checksum()

    def importance(
        self, scores: NDArray[np.float64], *, meaning: str, method: str, seed: int
    ) -> Importance:
        """Say what a method found.

        Args:
            scores: of the fields in order, ``(field,)``; higher matters more.
            meaning: of a score, in words.
            method: name of the method.
            seed: of everything random in it.

        Returns:
            An importance of fields.
        """
        return Importance(
            unit="field",
            names=self.schema.names,
            scores=scores,
            meaning=meaning,
            method=method,
            data_fingerprint=self.fingerprint,
            seed=seed,
        )
