"""A fitted ranker where it is needed: over HTTP, or in a file other runtimes read."""
