"""What a page tells of its data and settings, made up."""

IDENTITY = {
    "data": "d" * 64,
    "split": {
        "how": "RandomSplit(valid=0.1)",
        "rows": {"train": 1000, "valid": 100, "test": 0},
        "checksum": "c" * 64,
    },
    "schema": {"fields": [{}, {}], "weight": None, "group": "user", "time": None},
    "recipe": {"num_epochs": 2},
    "calibration": "auto",
    "negative_rate": 1.0,
    "model": {"a": {}},
    "versions": {"torch": "2"},
}
