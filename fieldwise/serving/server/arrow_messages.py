"""Whether a message of an Arrow stream is compressed, before anybody unpacks it.

A few compressed bytes may stand for more memory than there is, and no reader has a
limit for it. The head of a message tells; it is a flatbuffer of three nested tables.

Source: Apache Arrow, "Columnar Format", and ``format/Message.fbs``: slots of
``Message`` (version, header_type, header, ...), ``RecordBatch`` (length, nodes,
buffers, compression, ...) and ``DictionaryBatch`` (id, data, ...).
"""

import struct

__all__ = ["is_compressed"]

_DICTIONARY_BATCH, _RECORD_BATCH = 2, 3
_HEADER_TYPE, _HEADER, _DATA, _COMPRESSION = 1, 2, 1, 3


def is_compressed(head: bytes) -> bool:
    """Look into the head of a message.

    Args:
        head: its metadata.

    Returns:
        Whether its body is compressed.

    Raises:
        struct.error: if the head is broken.
    """
    message = _follow(head, 0)
    kind = _slot(head, message, _HEADER_TYPE)
    header = _slot(head, message, _HEADER)
    if not kind or not header or head[kind] not in (_DICTIONARY_BATCH, _RECORD_BATCH):
        return False
    batch = _follow(head, header)
    if head[kind] == _DICTIONARY_BATCH:
        batch = _follow(head, _slot(head, batch, _DATA))
    return _slot(head, batch, _COMPRESSION) != 0


def _follow(head: bytes, place: int) -> int:
    """Where the table begins that an offset at a place leads to."""
    found: tuple[int] = struct.unpack_from("<I", head, place)
    return place + found[0]


def _slot(head: bytes, table: int, slot: int) -> int:
    """Where a slot of a table stands; 0 if it was left out."""
    (back,) = struct.unpack_from("<i", head, table)
    directory = table - back
    (size,) = struct.unpack_from("<H", head, directory)
    entry = 4 + 2 * slot
    if entry + 2 > size:
        return 0
    (offset,) = struct.unpack_from("<H", head, directory + entry)
    return table + offset if offset else 0
