"""Raw features to vectors."""
