"""Entmax from its definition, one row at a time."""


def entmax_by_bisection(row, alpha):
    """Find tau with sum_j [(alpha - 1) x_j - tau]_+ ** (1 / (alpha - 1)) = 1."""
    scaled = [(alpha - 1) * x for x in row]
    power = 1 / (alpha - 1)
    low, high = max(scaled) - 1, max(scaled)
    for _ in range(200):
        tau = (low + high) / 2
        total = sum(max(0.0, s - tau) ** power for s in scaled)
        low, high = (tau, high) if total >= 1 else (low, tau)
    return [max(0.0, s - low) ** power for s in scaled]
