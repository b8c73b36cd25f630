"""Sums of products as products of matrices."""

import numpy as np
import pytest

from fieldwise.serving.export.einsum import einsum, plan_matrices

EQUATIONS = {
    "bki,koi->bko": ((5, 3, 4), (3, 2, 4)),
    "bqhd,bthd->bhqt": ((5, 3, 2, 4), (5, 6, 2, 4)),
    "bhqt,bthd->bqhd": ((5, 2, 3, 6), (5, 6, 2, 4)),
    "bpi, pio -> bpo": ((5, 3, 4), (3, 4, 2)),
}


@pytest.mark.parametrize("equation", EQUATIONS)
def test_plan_gives_the_sum(equation):
    generator = np.random.default_rng(0)
    left, right = (generator.normal(size=shape) for shape in EQUATIONS[equation])

    plan = plan_matrices(equation)

    product = left.transpose(plan.left) @ right.transpose(plan.right)
    wanted = np.einsum(equation, left, right)
    np.testing.assert_allclose(product.transpose(plan.output), wanted, atol=1e-12)


@pytest.mark.parametrize("equation", ["bi,bi->b", "bi,bj->bij", "bij,bij->b"])
def test_other_sums_are_refused(equation):
    with pytest.raises(ValueError, match="must be a product of matrices, got 'b"):
        plan_matrices(equation)


def test_operator_runs_by_itself():
    left, right = np.ones((0, 3), np.float32), np.ones((2, 3), np.float32)

    assert einsum("bi,oi->bo", [left, right]).value.shape == (0, 2)
