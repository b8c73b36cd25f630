"""Encoding where a table is counted, joined and sorted by another engine."""
