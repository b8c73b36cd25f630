"""The same table through other libraries and through this one, side by side."""
