"""Rows per second and milliseconds, in each arithmetic, on this machine."""
