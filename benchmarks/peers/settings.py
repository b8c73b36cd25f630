"""What every library is given alike. Everything else stays at its own default."""

NUMERIC = tuple(f"I{number}" for number in range(1, 14))
CATEGORICAL = tuple(f"C{number}" for number in range(1, 27))
FIELDS = NUMERIC + CATEGORICAL
LABEL = "label"

EMBEDDING_DIM = 16
HIDDEN_DIMS = (400, 400, 400)
NUM_CROSS_LAYERS = 3
NUM_ATTENTION_LAYERS = 3
NUM_ATTENTION_HEADS = 2
# FinalMLP has two towers and no 400-400-400: these are FuxiCTR's defaults for it.
FIRST_STREAM_DIMS, SECOND_STREAM_DIMS = (1024, 512), (1024, 512, 256)
GATE_DIMS, NUM_FUSION_HEADS = (1024, 512), 2
LEARNING_RATE = 1e-3
BATCH_SIZE = 4096

TEST_SHARE = 0.1
MANY_ROWS = 512
"""Rows of the larger request whose latency is measured."""
