from fieldwise.selection.outrank.markdown import table_lines


def test_what_would_end_a_cell_is_escaped():
    assert table_lines(["field", "x"], [["a|b\nc", "1"]]) == [
        "| field | x |",
        "|---|---:|",
        "| a\\|b c | 1 |",
    ]
