"""What a report is made of: the same blocks become HTML and Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias, final

__all__ = [
    "Block",
    "Card",
    "Cell",
    "Chart",
    "Code",
    "Column",
    "Omission",
    "Paragraph",
    "Points",
    "Section",
    "Table",
    "Tabs",
    "Tone",
]

Tone = Literal["", "good", "warn", "bad"]


@final
@dataclass(frozen=True)
class Paragraph:
    """A few sentences.

    Args:
        text: plain text, no markup.
        tone: how it is meant.
    """

    kind: ClassVar[str] = "paragraph"
    text: str
    tone: Tone = ""


@final
@dataclass(frozen=True)
class Points:
    """Sentences, one below the other.

    Args:
        items: plain texts.
        tone: how they are meant.
    """

    kind: ClassVar[str] = "points"
    items: Sequence[str]
    tone: Tone = ""


@final
@dataclass(frozen=True)
class Code:
    """Commands or a file, to be copied.

    Args:
        text: as it is.
        title: what it is.
    """

    kind: ClassVar[str] = "code"
    text: str
    title: str = ""


@final
@dataclass(frozen=True)
class Column:
    """A column of a table.

    Args:
        title: its heading.
        side: that its cells lean to: names left, numbers right.
        hint: what it means, in a sentence.
    """

    title: str
    side: Literal["left", "right"] = "right"
    hint: str = ""


@final
@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Args:
        text: what is shown.
        value: what it is sorted by; None for the text.
        share: of the largest one, in [0, 1], drawn as a bar below the text.
        tone: how it is meant.
    """

    text: str
    value: int | float | None = None
    share: int | float | None = None
    tone: Tone = ""


@final
@dataclass(frozen=True)
class Table:
    """Rows that can be sorted by each column.

    Args:
        caption: what the table shows.
        columns: headings.
        rows: cells in the order of the columns; the first one names the row.
        note: what a reader must know.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str = ""


@final
@dataclass(frozen=True)
class Chart:
    """A picture, and its numbers for those who cannot see it.

    Args:
        title: what it shows.
        description: what is to be seen in it, in a sentence.
        spec: of Vega-Lite.
        height: in pixels, about.
        max_width: in pixels; a square picture need not fill a wide page.
        table: the numbers.
    """

    kind: ClassVar[str] = "chart"
    title: str
    description: str
    spec: Mapping[str, Any]
    height: int = 300
    max_width: int = 760
    table: Table | None = None


@final
@dataclass(frozen=True)
class Tabs:
    """Blocks of which one group is shown at a time.

    Args:
        title: what is chosen.
        panels: names and blocks.
    """

    kind: ClassVar[str] = "tabs"
    title: str
    panels: Sequence[tuple[str, Sequence["Block"]]]


Block: TypeAlias = Paragraph | Points | Code | Table | Chart | Tabs


@final
@dataclass(frozen=True)
class Card:
    """One answer of the first screen.

    Args:
        question: that a stranger has.
        answer: in a few words.
        text: what is behind it.
        tone: how it is meant.
    """

    question: str
    answer: str
    text: str
    tone: Tone = ""


@final
@dataclass(frozen=True)
class Section:
    """A part of the report.

    Args:
        key: its name in links.
        title: heading.
        lead: what it is about, in a sentence or two.
        blocks: its content.
    """

    key: str
    title: str
    lead: str
    blocks: Sequence[Block] = field(default_factory=tuple)


@final
@dataclass(frozen=True)
class Omission:
    """A section that is not there.

    Args:
        title: it would have.
        reason: why it is left out, and how to get it.
    """

    title: str
    reason: str
