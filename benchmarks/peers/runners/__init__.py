"""One file per library; each runs one task in a process of its own."""
