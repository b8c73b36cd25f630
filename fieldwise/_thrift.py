"""Thrift's compact protocol, which Parquet tells its layout in.

Source: Apache Thrift, "Thrift Compact protocol encoding" (doc/specs in its repository).
"""

from typing import Any, NoReturn, TypeAlias, final

from fieldwise.errors import DataError

__all__ = ["Struct", "read_struct"]

Struct: TypeAlias = dict[int, Any]
"""Values by the number of their field; nested structs are structs, lists are lists."""

MAX_DEPTH = 20


def read_struct(content: bytes, start: int) -> tuple[Struct, int]:
    """Read one struct.

    Examples:
        >>> read_struct(bytes([0x15, 0x06, 0x18, 0x01, 0x61, 0x00]), 0)
        ({1: 3, 2: b'a'}, 6)

    Args:
        content: that holds it.
        start: its first byte.

    Returns:
        The struct, and the place behind it.

    Raises:
        DataError: if there is none.
    """
    reader = _Reader(content, start)
    return reader.struct(0), reader.place


@final
class _Reader:
    def __init__(self, content: bytes, place: int) -> None:
        self._content = content
        self.place = place

    def struct(self, depth: int) -> Struct:
        if depth > MAX_DEPTH:
            self._refuse()
        found: Struct = {}
        number = 0
        while (head := self._byte()) != 0:
            step, kind = head >> 4, head & 15
            number = number + step if step else self._integer()
            # A boolean field has its value in place of its type.
            found[number] = kind == 1 if kind < 3 else self._value(kind, depth)
        return found

    def _value(self, kind: int, depth: int) -> Any:  # noqa: ANN401  as its type says
        match kind:
            case 1 | 2 | 3:  # booleans in a list, and single bytes
                value: Any = self._byte()
            case 4 | 5 | 6:
                value = self._integer()
            case 7:  # a double, which no layout needs
                value = self._take(8)
            case 8:
                value = self._take(self._varint())
            case 9 | 10:  # a list, or a set
                value = self._list(depth + 1)
            case 12:
                value = self.struct(depth + 1)
            case _:
                self._refuse()
        return value

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        size = head >> 4 if head >> 4 != 15 else self._varint()
        # Each item takes a byte at least.
        if size > len(self._content) - self.place or depth > MAX_DEPTH:
            self._refuse()
        return [self._value(head & 15, depth) for _ in range(size)]

    def _integer(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) >= 128:
            value |= (byte & 127) << shift
            shift += 7
            if shift > 63:
                self._refuse()
        return value | byte << shift

    def _byte(self) -> int:
        return self._take(1)[0]

    def _take(self, size: int) -> bytes:
        part = self._content[self.place : self.place + size]
        if self.place < 0 or len(part) < size:
            self._refuse()
        self.place += size
        return part

    def _refuse(self) -> NoReturn:
        message = f"its layout must be told in Thrift, got other bytes at {self.place}."
        raise DataError(message)
