"""A saved ranker: whole, atomic, and refused with the file's name when damaged."""

import ast
import hashlib
import json
import math
import os
import shutil
import stat
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch
from safetensors.torch import load_file, save_file

import fieldwise
from fieldwise.errors import DataError, RankerFormatError
from fieldwise.fitting import fit
from fieldwise.ranker import Ranker
from fieldwise.schema import CategoricalField, Label, NumericField, Schema
from fieldwise.training import Recipe

MANIFEST = "ranker.json"
FILES = [
    MANIFEST,
    "calibrator.json",
    "weights.safetensors",
    "vocabulary/0.parquet",
    "vocabulary/1.parquet",
    "vocabulary/2.parquet",
]
OTHERS = FILES[1:]


@pytest.fixture(scope="session")
def saved(ranker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("storage") / "ranker"
    ranker.save(folder)
    return folder


@pytest.fixture
def folder(saved, tmp_path):
    """A copy to damage."""
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def sign(folder):
    """Make the checksums those of the files, as a careful vandal would."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    for file in manifest["sha256"]:
        if (folder / file).exists():
            content = (folder / file).read_bytes()
            manifest["sha256"][file] = hashlib.sha256(content).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")


def edit(folder, *path, value):
    """Change one entry of the manifest."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    place = manifest
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")


def files_of(folder):
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    )


def flip(content, place, bit):
    changed = bytearray(content)
    changed[place] ^= 1 << bit
    return bytes(changed)


def test_the_folder_holds_what_the_format_says(saved):
    assert files_of(saved) == sorted(FILES)
    manifest = json.loads((saved / MANIFEST).read_text("utf-8"))
    assert sorted(manifest["sha256"]) == sorted(OTHERS)
    assert manifest["format_version"] == 1
    for file, checksum in manifest["sha256"].items():
        content = (saved / file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == checksum


def test_round_trip_to_the_bit(ranker, saved, log):
    loaded = Ranker.load(saved)

    found, expected = loaded.score(log), ranker.score(log)
    np.testing.assert_array_equal(found.values, expected.values)
    np.testing.assert_array_equal(found.logits, expected.logits)
    assert found.unknown_shares == expected.unknown_shares
    assert loaded.evaluate(log) == ranker.evaluate(log)
    assert loaded.schema == ranker.schema
    assert loaded.metrics == ranker.metrics
    assert loaded.negative_rate == ranker.negative_rate
    assert json.dumps(loaded.info) == json.dumps(ranker.info)
    assert repr(loaded) == repr(ranker)
    assert not loaded.model.training


def test_a_loaded_ranker_saves_the_same_files(saved, tmp_path):
    Ranker.load(saved).save(tmp_path / "again")

    for file in OTHERS:
        assert (tmp_path / "again" / file).read_bytes() == (saved / file).read_bytes()


def test_several_labels_and_no_table(fit_log, both_labels, log, tmp_path):
    only_numbers = fit_log(fields=(NumericField("price"),), negative_rate=0.5)
    for name, ranker in {"two": both_labels, "numbers": only_numbers}.items():
        ranker.save(tmp_path / name)

        loaded = Ranker.load(str(tmp_path / name))

        np.testing.assert_array_equal(loaded.predict(log), ranker.predict(log))
    assert loaded.negative_rate == 0.5


def test_loading_leaves_the_random_state_alone(saved):
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)

    Ranker.load(saved)

    assert torch.equal(torch.rand(1), expected)


@pytest.mark.parametrize(
    "name", ["../../x", "a/b", "/etc/x", "C:\\x", "..", "a\0b", ""]
)
def test_no_field_name_leaves_the_folder(tmp_path, name):
    table = pl.DataFrame({name: ["a", "b"] * 20, "click": [0, 1, 1, 0] * 10})
    schema = Schema((CategoricalField(name),), (Label("click"),))
    recipe = Recipe(num_epochs=1)
    ranker = fit(table, schema=schema, model="lr", recipe=recipe, progress=False)

    ranker.save(tmp_path / "ranker")

    assert os.listdir(tmp_path) == ["ranker"]
    assert len(files_of(tmp_path / "ranker")) == 4
    loaded = Ranker.load(tmp_path / "ranker")
    assert loaded.predict(table).tolist() == ranker.predict(table).tolist()


def test_nothing_in_the_package_unpickles():
    for path in Path(fieldwise.__file__).parent.rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        names = {
            name.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for name in node.names
        } | {
            str(node.module).split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
        }
        calls = {
            ast.unparse(node.func)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
        }
        assert names.isdisjoint({"pickle", "cPickle", "dill", "joblib", "shelve"}), path
        assert calls.isdisjoint({"torch.load", "np.load", "eval", "exec"}), path


def test_an_existing_folder_stays(ranker, folder, tmp_path):
    with pytest.raises(RankerFormatError, match=r"must not exist.*overwrite=True"):
        ranker.save(folder)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").touch()
    for overwrite in (False, True):
        with pytest.raises(RankerFormatError, match="folder must not exist"):
            ranker.save(tmp_path / "photos", overwrite=overwrite)
    with pytest.raises(RankerFormatError, match="It holds no ranker"):
        ranker.save(tmp_path / "photos" / "cat.jpg", overwrite=True)
    assert files_of(tmp_path / "photos") == ["cat.jpg"]


def test_overwrite_replaces_the_whole_folder(both_labels, folder, log):
    (folder / "old.txt").touch()

    both_labels.save(folder, overwrite=True)

    assert "old.txt" not in files_of(folder)
    loaded = Ranker.load(folder)
    assert loaded.predict(log).tolist() == both_labels.predict(log).tolist()
    assert os.listdir(folder.parent) == [folder.name]


def test_folders_above_are_made_and_others_may_read(ranker, tmp_path):
    ranker.save(tmp_path / "a" / "b" / "ranker")

    mode = stat.S_IMODE((tmp_path / "a" / "b" / "ranker").stat().st_mode)
    assert mode == stat.S_IMODE((tmp_path / "a").stat().st_mode)


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("fails_in", ["save_file", "json.dumps"])
def test_a_failure_while_writing_leaves_everything_as_it_was(
    ranker, both_labels, folder, log, monkeypatch, error, fails_in
):
    before = {file: (folder / file).read_bytes() for file in FILES}

    def fail(*_, **__):
        raise error

    monkeypatch.setattr(f"fieldwise.ranker.storage.{fails_in}", fail)
    with pytest.raises(type(error)):
        both_labels.save(folder, overwrite=True)
    with pytest.raises(type(error)):
        both_labels.save(folder.parent / "new")
    monkeypatch.undo()

    assert os.listdir(folder.parent) == [folder.name]
    assert {file: (folder / file).read_bytes() for file in FILES} == before


def test_a_failure_of_the_last_rename_brings_the_old_ranker_back(
    both_labels, folder, log, ranker, monkeypatch
):
    rename = Path.rename

    def fail_on_partial(self, target):
        if self.name.endswith(".partial"):
            message = "no"
            raise OSError(message)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_on_partial)
    with pytest.raises(OSError, match="no"):
        both_labels.save(folder, overwrite=True)
    monkeypatch.undo()

    assert os.listdir(folder.parent) == [folder.name]
    assert Ranker.load(folder).predict(log).tolist() == ranker.predict(log).tolist()


# Reading: every damage names its file

JUNK = {
    "empty": b"",
    "zeros": bytes(4096),
    "noise": np.random.default_rng(0).bytes(4096),
    "text": b"junk",
    "null": b"null",
    "list": b"[]",
    "numbers": b"[1, 2]",
    "dict": b"{}",
    "deep": b"[" * 100_000,
    "pickle": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01a\x94.",
}


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("file", FILES)
def test_junk(folder, file, junk, signed):
    (folder / file).write_bytes(JUNK[junk])
    if signed and file != MANIFEST:
        sign(folder)

    with pytest.raises(RankerFormatError, match=file):
        Ranker.load(folder)


@pytest.mark.parametrize("file", FILES)
def test_removed(folder, file):
    (folder / file).unlink()

    with pytest.raises(RankerFormatError, match=file):
        Ranker.load(folder)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("file", FILES)
def test_truncated_anywhere(folder, file, signed):
    content = (folder / file).read_bytes()
    places = np.linspace(0, len(content) - 1, 12).astype(int)
    for place in places:
        (folder / file).write_bytes(content[:place])
        if signed and file != MANIFEST:
            sign(folder)

        with pytest.raises(RankerFormatError, match=file):
            Ranker.load(folder)


@pytest.mark.parametrize("file", OTHERS)
def test_any_flipped_bit_is_noticed(folder, file):
    content = (folder / file).read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(content), 20).tolist():
        (folder / file).write_bytes(flip(content, place, int(rng.integers(8))))

        with pytest.raises(RankerFormatError, match=f"{file}.*checksum"):
            Ranker.load(folder)


@pytest.mark.parametrize("file", FILES)
def test_flipped_bits_under_a_right_checksum_are_refused_or_harmless(folder, file, log):
    content = (folder / file).read_bytes()
    rng = np.random.default_rng(1)
    num_refused = 0
    # the structure of a file stands at its start or its end
    size = len(content)
    near = [*range(0, min(size, 64), 2), *range(max(0, size - 256), size, 8)]
    places = [*near, *rng.integers(0, size, 40).tolist()]
    for place in places:
        (folder / file).write_bytes(flip(content, place, int(rng.integers(8))))
        if file != MANIFEST:
            sign(folder)
        try:
            assert Ranker.load(folder).predict(log.head(3)).shape == (3,)
        except RankerFormatError as error:
            assert any(name in str(error) for name in FILES)  # noqa: PT017
            num_refused += 1
    assert num_refused > 10


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format_version"], 2),
        (["format_version"], None),
        (["model", "name"], "dcnv3"),
        (["model", "name"], None),
        (["model", "name"], ["lr"]),
        (["model", "arguments"], {"depth": 3}),
        (["model", "arguments"], {"embedding_dim": "4"}),
        (["model", "arguments"], {"embedding_dim": 10**30}),
        (["model", "arguments"], {"embedding_dim": 2**40}),
        (["model", "arguments"], {"embedding_dim": -4}),
        (["model", "arguments"], {"embedding_dim": None}),
        (["model", "arguments"], {"hidden_dims": [2**40, 2**40]}),
        (["model", "arguments"], 5),
        (["model"], []),
        (["negative_rate"], 0),
        (["negative_rate"], 2.0),
        (["negative_rate"], math.nan),
        (["negative_rate"], 10**400),
        (["negative_rate"], "many"),
        (["info"], None),
        (["info"], 3),
        (["sha256"], []),
        (["sha256"], None),
        (["schema"], None),
        (["schema", "fields"], []),
        (["schema", "fields", 0, "kind"], "os.system"),
        (["schema", "fields", 0, "num_features"], None),
        (["schema", "fields", 0, "num_features"], -1),
        (["schema", "fields", 0, "num_features"], 2**40),
        (["schema", "fields", 0, "value_type"], "object"),
        (["schema", "fields", 2, "edges"], [1.0, 0.0]),
        (["schema", "fields", 2, "scale"], 0.0),
        (["schema", "labels"], []),
        (["schema", "labels", 0, "positive"], None),
        (["schema", "labels", 0, "kind"], "maybe"),
    ],
    ids=str,
)
def test_impossible_manifest(folder, path, value):
    edit(folder, *path, value=value)

    with pytest.raises(RankerFormatError, match=rf"^{MANIFEST} cannot be used: "):
        Ranker.load(folder)


@pytest.mark.parametrize(
    ("path", "value", "file"),
    [
        (["model"], {"name": "lr", "arguments": {}}, "weights.safetensors"),
        (["model", "arguments", "embedding_dim"], 5, "weights.safetensors"),
        (["model", "arguments", "embedding_dim"], 2**20, MANIFEST),
        (["schema", "fields", 0, "num_features"], 9, "weights.safetensors"),
        (["schema", "fields", 0, "num_features"], 2**30, MANIFEST),
        (["schema", "fields", 0, "value_type"], "int", "vocabulary/0.parquet"),
        (["schema", "fields", 1, "value_type"], "bool", "vocabulary/1.parquet"),
        (["schema", "fields", 4, "vector_dim"], 4, "weights.safetensors"),
        (["schema", "labels", 0, "kind"], "real", "calibrator.json"),
        (["sha256", "calibrator.json"], "0" * 64, "calibrator.json"),
        (["sha256", "weights.safetensors"], None, "weights.safetensors"),
        (["sha256"], {}, "weights.safetensors"),
    ],
    ids=str,
)
def test_a_manifest_that_does_not_suit_the_files(folder, path, value, file):
    edit(folder, *path, value=value)

    with pytest.raises(RankerFormatError, match=rf"^{file} cannot be used: "):
        Ranker.load(folder)


def test_a_newer_format_tells_the_remedy(folder):
    edit(folder, "format_version", value=2)

    with pytest.raises(RankerFormatError, match=r"must be 1, got 2\. Upgrade"):
        Ranker.load(folder)


INDEX = pl.col("index")


@pytest.mark.parametrize(
    "damage",
    [
        lambda table: table.with_columns(INDEX + (INDEX > 2).cast(pl.Int32)),
        lambda table: table.head(-1),
        lambda table: table[::-1],
        lambda table: table.drop("count"),
        lambda table: table.rename({"value": "worth"}),
        lambda table: table.with_columns(pl.lit("a").alias("value")),
        lambda table: table.with_columns(count=-pl.col("count")),
        lambda table: table.with_columns(count=pl.lit(None, pl.Int64)),
        lambda table: table.with_columns(value=pl.struct("value")),
        lambda table: table.with_columns(extra=pl.lit(1)),
        lambda table: table.head(0),
    ],
)
def test_damaged_vocabulary(folder, damage):
    file = folder / "vocabulary" / "0.parquet"
    damage(pl.read_parquet(file)).write_parquet(file)
    sign(folder)

    with pytest.raises(RankerFormatError, match=r"vocabulary/0\.parquet"):
        Ranker.load(folder)


@pytest.mark.parametrize(
    "damage",
    [
        lambda name, tensor: {},
        lambda name, tensor: {name: tensor[:-1].contiguous()},
        lambda name, tensor: {name: tensor.flatten()},
        lambda name, tensor: {name: tensor.double()},
        lambda name, tensor: {name: tensor.to(torch.int32)},
        lambda name, tensor: {name: tensor, "extra": torch.zeros(1)},
        lambda name, tensor: {f"{name}s": tensor},
    ],
)
def test_other_tensors(folder, damage):
    file = folder / "weights.safetensors"
    tensors = load_file(file)
    name = "embedding.table"
    table = tensors.pop(name)
    save_file(tensors | damage(name, table), file)
    sign(folder)

    with pytest.raises(RankerFormatError, match=r"weights\.safetensors .*dcnv2"):
        Ranker.load(folder)


@pytest.mark.parametrize(
    "states",
    [
        [],
        [None],
        {"0": None},
        [{"name": "identity"}, {"name": "identity"}],
        [{"name": "os.system"}],
        [{"name": "platt", "slope": math.nan, "intercept": 0.0}],
        [{"name": "platt", "slope": 1.0}],
        ["identity"],
    ],
    ids=str,
)
def test_other_calibrators(folder, states):
    (folder / "calibrator.json").write_text(json.dumps(states), "utf-8")
    sign(folder)

    with pytest.raises(RankerFormatError, match=r"calibrator\.json"):
        Ranker.load(folder)


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: path.touch()])
def test_what_is_no_ranker(tmp_path, make):
    make(tmp_path / "thing")

    for name in ("thing", "nothing"):
        with pytest.raises(RankerFormatError, match=r"must hold ranker\.json"):
            Ranker.load(tmp_path / name)


def test_a_link_out_of_the_folder_is_checked_like_any_file(folder, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("root:x")
    (folder / "calibrator.json").unlink()
    (folder / "calibrator.json").symlink_to(secret)

    with pytest.raises(RankerFormatError, match=r"calibrator\.json"):
        Ranker.load(folder)


def test_the_other_ranker_is_not_mixed_in(folder, both_labels, tmp_path):
    both_labels.save(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "weights.safetensors", folder)

    with pytest.raises(RankerFormatError, match=r"weights\.safetensors.*checksum"):
        Ranker.load(folder)
    sign(folder)
    with pytest.raises(RankerFormatError, match=r"weights\.safetensors.*mixes two"):
        Ranker.load(folder)


def test_vocabularies_in_another_parquet_dialect(folder, saved, log):
    for file in (folder / "vocabulary").iterdir():
        pl.read_parquet(file).write_parquet(file, compression="lz4", row_group_size=2)
    sign(folder)

    found, expected = Ranker.load(folder).predict(log), Ranker.load(saved).predict(log)

    assert found.tolist() == expected.tolist()


@pytest.mark.parametrize("file", OTHERS)
def test_a_pipe_is_not_waited_for(folder, file):
    (folder / file).unlink()
    os.mkfifo(folder / file)

    with pytest.raises(RankerFormatError, match=f"{file}.*regular file"):
        Ranker.load(folder)


@pytest.mark.parametrize("file", FILES)
def test_a_file_with_holes_is_not_read(folder, file):
    os.truncate(folder / file, 2**40)  # takes no space

    with pytest.raises(RankerFormatError, match=f"{file}.*at most"):
        Ranker.load(folder)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_weights_that_are_no_numbers(folder, number):
    file = folder / "weights.safetensors"
    tensors = load_file(file)
    tensors["embedding.table"][1, 2] = number
    save_file(tensors, file)
    sign(folder)

    with pytest.raises(RankerFormatError, match=r"weights.*finite.*embedding\.table"):
        Ranker.load(folder)


def test_a_value_beyond_the_numbers_is_an_error(both_labels, tmp_path, log):
    both_labels.save(tmp_path / "ranker")
    edit(tmp_path / "ranker", "schema", "labels", 1, "scale", value=1e308)
    edit(tmp_path / "ranker", "schema", "labels", 1, "center", value=1e308)

    loaded = Ranker.load(tmp_path / "ranker")

    with pytest.raises(DataError, match="values must be finite"):
        loaded.predict(log)


def test_edges_that_do_not_suit_the_rows_of_a_field(fit_log, tmp_path):
    field = NumericField("price", "quantile", num_buckets=4)
    fit_log(fields=(field,)).save(tmp_path / "ranker")
    edges = [float(edge) for edge in range(1000)]
    edit(tmp_path / "ranker", "schema", "fields", 0, "edges", value=edges)

    with pytest.raises(RankerFormatError, match=r"ranker\.json.*'price' must have"):
        Ranker.load(tmp_path / "ranker")
