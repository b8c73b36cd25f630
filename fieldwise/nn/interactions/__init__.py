"""Functions across fields."""
