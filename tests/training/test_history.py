"""Histories are plain data."""

import json

from fieldwise.training import EpochRecord, History

RECORD = EpochRecord(
    epoch=2,
    train_loss=0.5,
    valid_metrics={"auc": 0.75},
    learning_rate=1e-3,
    seconds=2.0,
    rows_per_second=1234.6,
    improved=True,
)


def test_to_dict_survives_json():
    history = History(
        (RECORD,), 2, True, precision="bf16", monitor="auc", notes=("why",)
    )

    data = json.loads(json.dumps(history.to_dict()))

    assert data == history.to_dict()
    assert EpochRecord(**data["epochs"][0]) == RECORD
    assert data["notes"] == ["why"]
    assert data["best_epoch"] == 2


def test_a_line_of_a_log():
    assert RECORD.describe() == (
        "epoch 2: train loss 0.500000, auc 0.750000 (best so far), "
        "learning rate 1.0e-03, 1,235 rows/s"
    )
