"""DCNv2: a cross network beside a tower, against a loop."""

from fieldwise.models.dcnv2 import DCNv2
from tests.models.by_loop import apply_linear, apply_tower, check_rows, randomise


def score_by_loop(model, fields):
    """w [x_L || MLP(x_0)] + b of one row, x_{l+1} = x_0 * (W x_l + b) + x_l."""
    x0 = [value for field in fields for value in field]
    crossed = x0
    for layer in model.cross.layers:
        product = apply_linear(layer, crossed)
        crossed = [a * p + c for a, p, c in zip(x0, product, crossed, strict=True)]
    deep = apply_tower(model.tower.deep, x0)
    return apply_linear(model.tower.head.linear, crossed + deep)[0]


def test_equals_the_loop(mixed_schema, mixed_batch, to_double):
    model = DCNv2(mixed_schema, embedding_dim=2, num_cross_layers=2, hidden_dims=(5, 4))

    check_rows(randomise(model.double()), to_double(mixed_batch), score_by_loop)
