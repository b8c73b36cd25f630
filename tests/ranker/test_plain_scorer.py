"""The short way gives the logits of the long one."""

import numpy as np
import pytest
import torch

from fieldwise.data.encoder import Encoder
from fieldwise.ranker.plain_scorer import PlainScorer
from fieldwise.scoring import score_batches


@pytest.fixture
def scorer(ranker):
    return PlainScorer(ranker.encoder, ranker.model)


@pytest.fixture
def batch(scorer, log):
    encoded = scorer.encode(log.drop("query").head(3).to_dicts())
    assert encoded is not None
    return encoded[0]


def test_logits_equal_those_of_the_loop(ranker, scorer, batch):
    found = scorer.logits(batch)

    assert found.dtype == np.float64
    assert found.tolist() == score_batches(ranker.model, [batch]).tolist()


def test_several_labels(both_labels, log):
    scorer = PlainScorer(both_labels.encoder, both_labels.model)

    batch, _ = scorer.encode(log.head(2).to_dicts())

    assert scorer.logits(batch).shape == (2, 2)


def test_a_model_in_training_is_left_to_the_loop(ranker, scorer, batch):
    part = list(ranker.model.modules())[-1]
    part.train()
    try:
        assert scorer.logits(batch) is None
    finally:
        part.eval()
    assert scorer.logits(batch) is not None


def test_an_autocast_is_left_to_the_loop(scorer, batch):
    with torch.autocast("cpu", torch.bfloat16):
        assert scorer.logits(batch) is None


def test_a_scorer_serves_one_encoder_and_model(ranker, scorer):
    other = Encoder(ranker.schema, ranker.encoder.vocabularies)

    assert scorer.serves(ranker.encoder, ranker.model)
    assert not scorer.serves(other, ranker.model)
    assert not scorer.serves(ranker.encoder, torch.nn.Identity())
