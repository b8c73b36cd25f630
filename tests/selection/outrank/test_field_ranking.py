import json

import numpy as np
import pytest

from fieldwise.errors import DataError
from fieldwise.importance import Importance
from fieldwise.selection.outrank.field_ranking import FieldRanking
from fieldwise.selection.outrank.noise import LABEL_COPY, NOISE
from fieldwise.selection.outrank.quality_report import ColumnQuality, QualityReport


def importance(names, scores, unit="field"):
    return Importance(unit, tuple(names), np.array(scores, float), "nats", "outrank")


@pytest.fixture
def ranking():
    columns = tuple(
        ColumnQuality(name, 1.0, 2, True, 0.0, (2, 2, 2, 0, 0, 0)) for name in "abc"
    )
    noise = np.linspace(0.0, 0.01, len(NOISE))
    return FieldRanking(
        label="click",
        num_blocks=3,
        fields=importance("abc", [0.2, 0.01, -0.001]),
        controls=importance((LABEL_COPY, *NOISE), [0.6, *noise]),
        quality=QualityReport(100, columns, ()),
        combinations=importance([("a", "b")], [0.3], "pair"),
    )


def test_fields_that_say_no_more_than_noise(ranking):
    assert ranking.best_noise == (NOISE[-1], 0.01)
    assert ranking.below_noise == ("b", "c")
    assert repr(ranking).endswith(f"Not above the best noise ({NOISE[-1]}, 0.01): b, c")


def test_plain_types(ranking):
    plain = json.loads(json.dumps(ranking.to_dict()))

    assert plain["below_noise"] == ["b", "c"]
    assert plain["fields"]["scores"] == [0.2, 0.01, -0.001]
    assert "order" not in plain


def test_saved_and_loaded(ranking, tmp_path):
    folder = tmp_path / "ranking"

    ranking.save(folder)

    assert sorted(path.name for path in folder.iterdir()) == [
        *("combinations", "controls", "fields", "quality.json", "report.md"),
    ]
    assert Importance.load(folder / "fields") == ranking.fields
    assert Importance.load(folder / "combinations") == ranking.combinations
    with pytest.raises(DataError, match="folder must not exist"):
        ranking.save(folder)
    ranking.save(folder, overwrite=True)


def test_other_folders_are_never_replaced(ranking, tmp_path):
    (tmp_path / "mine.txt").write_text("dear")

    with pytest.raises(DataError, match="It holds no ranking"):
        ranking.save(tmp_path, overwrite=True)


def test_the_page_tells_it_all(ranking, tmp_path):
    ranking.save(tmp_path / "r")

    page = (tmp_path / "r" / "report.md").read_text()

    assert page.startswith("# What each field says about `click`\n")
    assert "`b`, `c`. These are candidates for removal" in page
    assert "| a x b | 0.3 |" in page
    assert "## Quality of the columns" in page
