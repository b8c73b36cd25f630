"""From raw tables to encoded rows: read, divide, count, encode, gather."""
