"""Latency, throughput and steadiness of a server."""
