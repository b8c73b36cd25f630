"""New versions of a ranker, however they are put in place."""

import gc
import shutil
import weakref

import pytest

from fieldwise.errors import RankerFormatError
from fieldwise.serving.server.shelf import Shelf


@pytest.fixture
def place(folders, tmp_path):
    return shutil.copytree(folders / "clicks", tmp_path / "v1")


def shelf_of(folder):
    shelf = Shelf({"clicks": folder}, {})
    shelf.load()
    return shelf


def test_a_link_to_another_folder(place, other_ranker, tmp_path):
    link = tmp_path / "present"
    link.symlink_to(place)
    shelf = shelf_of(link)
    before = shelf.get("clicks")
    other_ranker.save(tmp_path / "v2")

    shelf.check("clicks")
    assert shelf.get("clicks") is before

    link.unlink()
    shelf.check("clicks")  # between two versions
    link.symlink_to(tmp_path / "v2")
    shelf.check("clicks")

    after = shelf.get("clicks")
    assert after.version != before.version
    row = after.typical[0]
    assert after.ranker.predict(row) == other_ranker.predict(row)
    assert before.ranker.predict(row) != after.ranker.predict(row)
    assert (shelf.swaps["clicks"], shelf.refusals["clicks"]) == (1, 0)


def test_a_copy_that_is_not_complete_yet(place, other_ranker, tmp_path):
    shelf = shelf_of(place)
    before = shelf.get("clicks")
    other_ranker.save(tmp_path / "new")
    files = sorted(path for path in (tmp_path / "new").rglob("*") if path.is_file())

    for file in files:
        assert shelf.get("clicks") is before
        shutil.copy(file, place / file.relative_to(tmp_path / "new"))
        shelf.check("clicks")

    assert shelf.get("clicks").version != before.version
    assert shelf.refusals["clicks"] > 0
    assert shelf.swaps["clicks"] == 1


def test_a_refused_version_is_not_tried_again_and_again(place):
    shelf = shelf_of(place)
    (place / "calibrator.json").write_text("[]", "utf-8")

    for _ in range(3):
        shelf.check("clicks")
    assert shelf.refusals["clicks"] == 1

    shelf.check("clicks", again=True)
    assert shelf.refusals["clicks"] == 2


def test_the_old_version_leaves_no_memory_behind(place, other_ranker):
    shelf = shelf_of(place)
    label = shelf.get("clicks").ranker.schema.label_names[0]
    shelf.get("clicks").background(label)
    before = weakref.ref(shelf.get("clicks").ranker.model)

    other_ranker.save(place, overwrite=True)
    shelf.check("clicks")
    gc.collect()

    assert before() is None


def test_the_same_version_again_changes_nothing(place, ranker):
    shelf = shelf_of(place)
    before = shelf.get("clicks")

    ranker.save(place, overwrite=True)
    shelf.check("clicks")

    assert shelf.get("clicks") is before
    assert shelf.swaps["clicks"] == 0


def test_a_ranker_that_cannot_be_loaded_at_all(place):
    (place / "weights.safetensors").unlink()

    with pytest.raises(RankerFormatError, match=r"weights\.safetensors"):
        shelf_of(place)
