"""The command line: one file per command; alone in reading configuration files."""
