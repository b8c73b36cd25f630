"""Slow measurements; none of them is a test."""
