"""What joins rooms: which selection is worth it, measured by training again."""
