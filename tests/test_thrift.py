"""Thrift's compact protocol, as Parquet files hold it."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fieldwise._thrift import read_struct
from fieldwise.errors import DataError

# field 1, an i32 of 150: zigzag gives 300, which is 0b10_0101100, low bits first
NUMBER = bytes([0x15, 0xAC, 0x02])
# field 2: the text "hi"; field 3 and 4: true and false
TEXT = bytes([0x18, 0x02, *b"hi", 0x11, 0x12])
# field 5: two i64, -1 and 1; field 6: a struct with a single byte; then the end
REST = bytes([0x19, 0x26, 0x01, 0x02, 0x1C, 0x13, 0x07, 0x00, 0x00])


def test_every_type_by_hand():
    found, place = read_struct(b"__" + NUMBER + TEXT + REST + b"more", 2)

    wanted = {1: 150, 2: b"hi", 3: True, 4: False, 5: [-1, 1], 6: {1: 7}}
    assert found == wanted
    assert place == 2 + len(NUMBER + TEXT + REST)


def test_a_field_far_away_and_a_long_list():
    # field 1000: zigzag 2000 is 0xd0 0x0f; a list whose size, 20, stands apart
    content = bytes([0x09, 0xD0, 0x0F, 0xF3, 20, *range(20), 0x00])

    assert read_struct(content, 0)[0] == {1000: list(range(20))}


def test_a_real_footer(tmp_path):
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"a": range(1000), "b": ["x"] * 1000}), path)
    content = path.read_bytes()
    start = len(content) - 8 - int.from_bytes(content[-8:-4], "little")

    footer, end = read_struct(content, start)

    metadata = pq.read_metadata(path)
    column = footer[4][0][1][0][3]
    wanted = metadata.row_group(0).column(0)
    assert end == len(content) - 8
    assert footer[3] == metadata.num_rows == 1000
    assert column[3] == [b"a"]
    assert column[7] == wanted.total_compressed_size
    assert column[9] == wanted.data_page_offset


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x15",  # a number that is missing
        b"\x15" + b"\xff" * 20,  # and one without end
        b"\x18\x7f" + b"a",  # a text longer than the file
        b"\x19\xf3\xff\xff\xff\xff\x0f",  # a list of four billion
        b"\x1c" * 1000,  # structs in structs
        b"\x19" + b"\x19" * 1000,  # lists in lists
        b"\x1b\x00\x00",  # a map, which no layout has
        b"\x1f\x00",  # a type that does not exist
    ],
)
def test_other_bytes(content):
    with pytest.raises(DataError, match="told in Thrift"):
        read_struct(content, 0)


def test_a_place_outside():
    for place in (-5, 10):
        with pytest.raises(DataError, match="told in Thrift"):
            read_struct(b"\x00", place)
