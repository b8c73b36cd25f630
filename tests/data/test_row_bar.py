"""The bar over rows: drawn for people, silent for everything else."""

from fieldwise.data.row_bar import row_bar


def test_silent_where_stderr_is_no_terminal(capsys):
    with row_bar("encoding", 3) as advance:
        advance(3)

    assert capsys.readouterr() == ("", "")


def test_drawn_when_asked_for(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with row_bar("encoding train", 3, shown=True) as advance:
        advance(1)
        advance(2)

    shown = capsys.readouterr()
    assert shown.out == ""
    assert "encoding train" in shown.err
    assert "3/3" in shown.err
