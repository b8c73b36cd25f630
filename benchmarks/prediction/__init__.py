"""How fast a saved ranker scores a file of raw rows, and a single row."""
