"""What selecting costs and saves on real tables."""
