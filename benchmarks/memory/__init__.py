"""Tables several times larger than the memory a process may take."""
