"""Rankers over HTTP."""
