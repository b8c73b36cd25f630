"""Batches on their way: the order of things, without a GPU."""

from contextlib import contextmanager

import pytest
import torch

from fieldwise.nn import transfer as home
from fieldwise.nn.transfer import batches_on, one_ahead


@pytest.fixture
def log():
    return []


def test_starts_on_the_next_before_handing_one_out(log):
    def start(item):
        log.append(f"start {item}")
        return item

    def finish(item):
        log.append(f"finish {item}")
        return item

    for item in one_ahead("abc", start, finish):
        log.append(f"use {item}")

    assert log == [
        "start a",
        "finish a",
        "start b",
        "use a",
        "finish b",
        "start c",
        "use b",
        "finish c",
        "use c",
    ]


@pytest.mark.parametrize("num_items", [0, 1, 2, 5])
def test_every_item_once_and_in_order(num_items):
    items = range(num_items)

    assert list(one_ahead(items, float, int)) == list(items)


def test_an_error_of_the_source_comes_after_what_was_ready():
    def broken():
        yield 1
        message = "disk"
        raise OSError(message)

    seen = []
    with pytest.raises(OSError, match="disk"):
        seen.extend(one_ahead(broken(), int, int))

    assert seen == []


def test_the_cpu_has_them_already(mixed_batch):
    (only,) = batches_on(torch.device("cpu"), [mixed_batch])

    assert only is mixed_batch


def test_another_device_gets_every_tensor(mixed_batch):
    (moved,) = batches_on(torch.device("meta"), [mixed_batch])

    parts = [moved.indices, moved.numbers, moved.labels, *moved.vectors]
    assert all(part.device.type == "meta" for part in parts)


def test_a_gpu_copies_on_a_stream_of_its_own(monkeypatch, mixed_batch, log):
    class Stream:
        def wait_stream(self, other):
            log.append(("wait", self, other))

    computing, copying = Stream(), Stream()

    @contextmanager
    def on(stream):
        log.append(("on", stream))
        yield

    monkeypatch.setattr(torch.cuda, "Stream", lambda _: copying)
    monkeypatch.setattr(torch.cuda, "stream", on)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda _: computing)
    monkeypatch.setattr(home, "_copy", lambda tensor, _: tensor + 0)
    monkeypatch.setattr(
        home, "_used_on", lambda stream, tensor: (log.append(stream), tensor)[1]
    )

    (moved,) = batches_on(torch.device("cuda"), [mixed_batch])

    assert log[:2] == [("on", copying), ("wait", computing, copying)]
    # Indices, numbers, items, offsets, two vectors and labels are in use.
    assert log[2:] == [computing] * 7
    assert torch.equal(moved.indices, mixed_batch.indices)
    torch.testing.assert_close(moved.vectors, mixed_batch.vectors, equal_nan=True)


def test_an_empty_tensor_has_nothing_to_lock():
    assert home._copy(torch.empty(0, 3), torch.device("meta")).shape == (0, 3)
