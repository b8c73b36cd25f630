"""Generated tables whose interactions are known, and who finds them."""
