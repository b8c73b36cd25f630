"""Damaged folders: what a stranger may put where a ranker should be."""
