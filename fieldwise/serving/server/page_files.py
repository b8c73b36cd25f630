"""The files of the page at ``/``: read once, when the server starts.

What is asked for is looked up among paths that are known by then, so no path of a
client ever reaches the file system.
"""

from collections.abc import Mapping
from importlib.resources import files

from fieldwise.serving.server.http import Answer

__all__ = ["page_answers"]

_TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    # Nothing of another origin, nothing inline: an answer shown there cannot run.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    "style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
}
INDEX = "index.html"


def page_answers() -> dict[str, Answer]:
    """Read the files of the folder ``page``.

    Returns:
        What is answered, by path: ``/`` is its ``index.html``, all others are
        ``/page/NAME``.
    """
    found = {}
    folder = files("fieldwise.serving.server") / "page"
    for file in folder.iterdir():
        kind = _TYPES.get(f".{file.name.rpartition('.')[2]}")
        if kind is not None:
            path = "/" if file.name == INDEX else f"/page/{file.name}"
            found[path] = Answer(file.read_bytes(), kind, headers=_HEADERS)
    return found
