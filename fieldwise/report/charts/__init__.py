"""The pictures of the report: each a function of plain rows to a specification."""
