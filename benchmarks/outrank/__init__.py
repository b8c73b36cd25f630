"""Ranking fields beside the package of the authors of OutRank."""
