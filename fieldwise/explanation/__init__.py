"""What mattered to a trained model, over all rows and in a single one.

``explain`` is the door for a fitted ranker, ``fieldwise.explain`` from outside. The
room is not called like the function: Python would give both one name.
"""

from fieldwise.explanation.ablation import ablate_fields
from fieldwise.explanation.adversarial import adversarial_fields
from fieldwise.explanation.attention import attention_fields, attention_pairs
from fieldwise.explanation.background import Background, prepare_background
from fieldwise.explanation.baseline_shapley import baseline_shapley
from fieldwise.explanation.baselines import BaselineModel, draw_baselines
from fieldwise.explanation.cloud_ranks import CloudRanks, cloud_ranks
from fieldwise.explanation.contributions import FieldContributions
from fieldwise.explanation.counterfactual import (
    Counterfactual,
    counterfactual,
    ranking_thresholds,
)
from fieldwise.explanation.cross_features import (
    cross_features,
    field_importance,
    row_fields,
)
from fieldwise.explanation.cross_weights import cross_weights
from fieldwise.explanation.explaining import explain
from fieldwise.explanation.explanation import Explanation
from fieldwise.explanation.explanation_folder import save_explanation
from fieldwise.explanation.faithfulness import Faithfulness, measure_faithfulness
from fieldwise.explanation.gradient_correlation import (
    gradient_correlation,
    value_correlation,
)
from fieldwise.explanation.integrated_gradients import integrated_gradients
from fieldwise.explanation.interaction_cloud import (
    InteractionCloud,
    interaction_cloud,
)
from fieldwise.explanation.intrinsic import intrinsic_fields, intrinsic_pairs
from fieldwise.explanation.masked_loss import EmbeddedLoss, MaskedLoss
from fieldwise.explanation.mixed_pairs import mixed_pairs
from fieldwise.explanation.neuron_pairs import neuron_pairs
from fieldwise.explanation.pair_differences import PairDifferences, pair_differences
from fieldwise.explanation.ranker_rows import labelled_rows, ranker_rows
from fieldwise.explanation.relevance import FieldRelevance, propagate_relevance
from fieldwise.explanation.token_pairs import token_pairs
from fieldwise.sensitivity.permutation import permute_fields

__all__ = [
    "Background",
    "BaselineModel",
    "CloudRanks",
    "Counterfactual",
    "EmbeddedLoss",
    "Explanation",
    "Faithfulness",
    "FieldContributions",
    "FieldRelevance",
    "InteractionCloud",
    "MaskedLoss",
    "PairDifferences",
    "ablate_fields",
    "adversarial_fields",
    "attention_fields",
    "attention_pairs",
    "baseline_shapley",
    "cloud_ranks",
    "counterfactual",
    "cross_features",
    "cross_weights",
    "draw_baselines",
    "explain",
    "field_importance",
    "gradient_correlation",
    "integrated_gradients",
    "interaction_cloud",
    "intrinsic_fields",
    "intrinsic_pairs",
    "labelled_rows",
    "measure_faithfulness",
    "mixed_pairs",
    "neuron_pairs",
    "pair_differences",
    "permute_fields",
    "prepare_background",
    "propagate_relevance",
    "ranker_rows",
    "ranking_thresholds",
    "row_fields",
    "save_explanation",
    "token_pairs",
    "value_correlation",
]
