"""Gates between the embeddings and the rest of a model: what a model may look at."""
