"""``fieldwise cache``: what is kept between runs, and how to be rid of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from fieldwise.cli import options
from fieldwise.cli.json_text import json_text
from fieldwise.cli.tables import Side, clean, number, show_table, show_text
from fieldwise.errors import ConfigError

if TYPE_CHECKING:
    from fieldwise.data.cache import Cache, CacheEntry

__all__ = ["age_text", "app", "size_text"]

HELP = """
List or clear what is kept between runs.

A fit keeps the encoded rows. The next fit of the same data, with the same fields and
the same split, finds them; with any other setting it encodes anew. The environment
variable FIELDWISE_CACHE names another folder for them.

[bold]Examples[/bold]

fieldwise cache ls

fieldwise cache clear --older-than 30
"""

LS_HELP = """
List what is kept, used last first.

[bold]Example[/bold]

fieldwise cache ls --json
"""

CLEAR_HELP = """
Delete entries, all of them unless you say which; what a run uses right now stays.

[bold]Examples[/bold]

fieldwise cache clear 3f9a21c07b55

fieldwise cache clear --older-than 30 --yes
"""

SHORT_KEY = 12
"""Characters of a key that are shown."""

_COLUMNS: Mapping[str, Side] = {
    "key": "left",
    "kind": "left",
    "rows": "right",
    "size": "right",
    "age": "right",
    "last used": "right",
    "made from": "left",
}

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command("ls", help=LS_HELP)
def list_entries(json: options.Json = False) -> None:
    """Print a table of the entries."""
    from fieldwise.data.cache import Cache

    cache = Cache()
    entries = cache.entries()
    if json:
        print(json_text([entry.to_dict() for entry in entries]))
        return
    if entries:
        now = datetime.now(UTC)
        rows = [_cells(entry, now) for entry in entries]
        show_table(_COLUMNS, rows, wrapped=("made from",))
    show_text(f"{_sum_of(entries)} in {clean(cache.root)}")


@app.command("clear", help=CLEAR_HELP)
def clear(
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            help="Key, or its beginning, as 'fieldwise cache ls' shows it.",
            metavar="KEY",
            show_default=False,
        ),
    ] = None,
    older_than: Annotated[
        float | None,
        typer.Option(help="Only what was not used for so long.", metavar="DAYS", min=0),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete entries after asking."""
    from fieldwise.data.cache import Cache

    cache = Cache()
    chosen = _chosen(cache.entries(), keys or [], older_than)
    if chosen and not yes:
        for entry in chosen:
            show_text("  ".join(_cells(entry, datetime.now(UTC))))
        question = f"Delete {_sum_of(chosen)} in {clean(cache.root)}?"
        typer.confirm(question, abort=True)
    gone = [entry for entry in chosen if _remove(cache, entry)]
    left = cache.sweep()
    show_text(f"freed {_sum_of(gone)} in {clean(cache.root)}")
    if left:
        show_text(f"freed {size_text(left)} that killed runs had left")


def size_text(num_bytes: int) -> str:
    """Write a size for people.

    Examples:
        >>> size_text(999), size_text(1_234_567), size_text(10**13)
        ('999 B', '1.2 MB', '10000.0 GB')

    Args:
        num_bytes: bytes.

    Returns:
        The size in powers of 1000.
    """
    if num_bytes < 1000:
        return f"{num_bytes} B"
    size = num_bytes / 1000
    for unit in ("kB", "MB"):
        if size < 999.95:
            return f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def age_text(age: timedelta) -> str:
    """Write how long ago something was.

    Examples:
        >>> age_text(timedelta(seconds=70)), age_text(timedelta(days=3, hours=5))
        ('1 min', '3 days')

    Args:
        age: time since then; below zero where clocks differ.

    Returns:
        Whole minutes, hours or days.
    """
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"


def _cells(entry: "CacheEntry", now: datetime) -> list[str]:
    return [
        entry.key[:SHORT_KEY],
        entry.kind,
        number(entry.num_rows),
        size_text(entry.num_bytes),
        age_text(now - entry.created),
        age_text(now - entry.last_used),
        clean(entry.made_from),
    ]


def _sum_of(entries: Sequence["CacheEntry"]) -> str:
    noun = "entry" if len(entries) == 1 else "entries"
    total = size_text(sum(entry.num_bytes for entry in entries))
    return f"{len(entries)} {noun}, {total}"


def _chosen(
    entries: Sequence["CacheEntry"], keys: Sequence[str], older_than: float | None
) -> list["CacheEntry"]:
    """The entries that keys and age name; the beginning of several keys is refused."""
    problems = []
    for key in keys:
        count = len({entry.key for entry in entries if entry.key.startswith(key)})
        if count != 1:
            problems.append(f"key must name one entry, got {key!r} for {count}.")
    if problems:
        message = " ".join([*problems, "'fieldwise cache ls' lists them."])
        raise ConfigError(message)
    chosen = [
        entry
        for entry in entries
        if not keys or any(entry.key.startswith(key) for key in keys)
    ]
    if older_than is None:
        return chosen
    latest = datetime.now(UTC) - timedelta(days=older_than)
    return [entry for entry in chosen if entry.last_used < latest]


def _remove(cache: "Cache", entry: "CacheEntry") -> bool:
    is_gone = cache.remove(entry)
    if not is_gone:
        text = f"kept {entry.key[:SHORT_KEY]}: a run uses it right now"
        show_text(text, style="yellow", stderr=True)
    return is_gone
