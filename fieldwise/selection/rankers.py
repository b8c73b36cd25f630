"""Every method that ranks fields, in one explicit table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

from fieldwise.importance import Importance
from fieldwise.schema.field import FIELD_KINDS
from fieldwise.selection.adafs import rank_by_adafs
from fieldwise.selection.autofield import rank_by_autofield
from fieldwise.selection.gbdt import rank_by_gbdt
from fieldwise.selection.lasso import rank_by_lasso
from fieldwise.selection.lpfs import rank_by_lpfs
from fieldwise.selection.mi_screening import rank_by_mi_screening
from fieldwise.selection.nonconvex_path import rank_by_nonconvex_path
from fieldwise.selection.optfs import rank_by_optfs
from fieldwise.selection.outrank.encoded_rows import rank_by_outrank
from fieldwise.selection.permutation import rank_by_permutation
from fieldwise.selection.quantile_classifier import rank_by_quantile_classifier
from fieldwise.selection.quick_selection import rank_by_quick_selection
from fieldwise.selection.random_forest import rank_by_random_forest
from fieldwise.selection.sfs import rank_by_sfs
from fieldwise.selection.shark import rank_by_shark
from fieldwise.selection.xgboost_gain import rank_by_xgboost

__all__ = ["RANKERS", "FieldRanker"]

PLAIN = ("categorical", "numeric")
ANY = tuple(FIELD_KINDS)
NUMBERS = ("numeric",)
"""Those that are not cut into buckets; a method of these ranks no other field."""

TRAIN = ("train",)
ALL_ROWS = ("train", "gate", "stop")


@final
@dataclass(frozen=True)
class FieldRanker:
    """A method that ranks fields.

    Args:
        name: short, unique, in snake case.
        rank: called with a ``RankingData`` and ``seed=``; gives an ``Importance`` of
            fields.
        title: what a score says, in one line.
        source: who published it.
        reads: parts of the rows it looks at.
        kinds: of the fields it ranks.
    """

    name: str
    rank: Callable[..., Importance]
    title: str
    source: str
    reads: tuple[str, ...] = TRAIN
    kinds: tuple[str, ...] = PLAIN

    @property
    def uses_valid(self) -> bool:
        """Whether it looks at a row it does not train on."""
        return self.reads != TRAIN


_ALL = (
    FieldRanker(
        "outrank",
        rank_by_outrank,
        "information about the label, less that of noise with as many values",
        "Skrlj and Mramor, RecSys 2023",
    ),
    FieldRanker(
        "lasso",
        rank_by_lasso,
        "length of the weight in a sparse linear model",
        "Tibshirani, JRSS B 1996",
    ),
    FieldRanker(
        "gbdt",
        rank_by_gbdt,
        "gain of its splits in 100 boosted trees (LightGBM)",
        "Friedman, Annals of Statistics 2001",
    ),
    FieldRanker(
        "random_forest",
        rank_by_random_forest,
        "impurity its splits take away in 10 deep trees",
        "Breiman, Machine Learning 2001",
    ),
    FieldRanker(
        "xgboost",
        rank_by_xgboost,
        "mean gain of a split in 10 boosted trees (XGBoost)",
        "Chen and Guestrin, KDD 2016",
    ),
    FieldRanker(
        "permutation",
        rank_by_permutation,
        "loss a model adds when its values are handed to other rows",
        "Breiman, Machine Learning 2001",
        reads=ALL_ROWS,
        kinds=ANY,
    ),
    FieldRanker(
        "sfs",
        rank_by_sfs,
        "slope of the loss in a gate on its embedding",
        "Wang et al., SIGIR 2023",
        reads=ALL_ROWS,
        kinds=ANY,
    ),
    FieldRanker(
        "shark",
        rank_by_shark,
        "loss of a row when its embedding is the mean, to first order",
        "Zhang et al., CIKM 2023",
        reads=ALL_ROWS,
        kinds=ANY,
    ),
    FieldRanker(
        "autofield",
        rank_by_autofield,
        "lead of keeping it over dropping it in a gate learned on other rows",
        "Wang et al., WWW 2022",
        reads=ALL_ROWS,
        kinds=ANY,
    ),
    FieldRanker(
        "adafs",
        rank_by_adafs,
        "mean weight that a controller gives it, row by row",
        "Lin et al., KDD 2022",
        reads=ALL_ROWS,
        kinds=ANY,
    ),
    FieldRanker(
        "lpfs",
        rank_by_lpfs,
        "size of its gate, which a penalty drives to zero or one",
        "Guo et al., 2022",
        reads=("train", "stop"),
        kinds=ANY,
    ),
    FieldRanker(
        "optfs",
        rank_by_optfs,
        "share of its values, by occurrences, that a search among values keeps",
        "Lyu et al., WWW 2023",
        kinds=("categorical", "sequence"),
    ),
    FieldRanker(
        "quick_selection",
        rank_by_quick_selection,
        "strength of its connections in a sparse autoencoder; reads no label",
        "Atashgahi et al., Machine Learning 2022",
        kinds=NUMBERS,
    ),
    FieldRanker(
        "quantile_classifier",
        rank_by_quantile_classifier,
        "log-likelihood it adds to a row's own class",
        "Berrettini, Hennig and Viroli, 2024",
        reads=("train", "gate"),
        kinds=NUMBERS,
    ),
    FieldRanker(
        "mi_screening",
        rank_by_mi_screening,
        "mutual information with the label",
        "Yang, 2024",
        kinds=NUMBERS,
    ),
    FieldRanker(
        "nonconvex_path",
        rank_by_nonconvex_path,
        "strongest penalty under which it takes part in a linear model",
        "Yang, Asgharian and Bhatnagar, 2020",
        reads=("train", "stop"),
        kinds=NUMBERS,
    ),
)

RANKERS: Mapping[str, FieldRanker] = {ranker.name: ranker for ranker in _ALL}
"""Every method by its name."""
