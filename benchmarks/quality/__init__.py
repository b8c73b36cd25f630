"""How good the models are on real tables, and how the defaults were chosen."""
