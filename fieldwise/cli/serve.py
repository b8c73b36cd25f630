"""``fieldwise serve``: rankers over HTTP."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from fieldwise.cli.run_folder import RANKER, find_ranker
from fieldwise.errors import ConfigError

__all__ = ["HELP", "named_folders", "serve"]

HELP = r"""
Answer questions about rows over HTTP, with one ranker or with several.

POST /v1/predict scores rows, /v1/rank orders candidates that share a context, and
/v1/explain says why. GET /docs shows how, for these rankers; / is a page to try it.
The first ranker answers there, all of them at /v1/rankers/NAME/predict and so on.

A new version of a ranker, written to the same folder or behind the same link, is
loaded beside the old one and takes over without a lost request. One that cannot be
loaded is refused, and the old one goes on. SIGTERM stops the server when everything it
has accepted is answered.

[bold]Examples[/bold]

fieldwise serve runs/clicks-dcnv2

fieldwise serve clicks=runs/clicks-dcnv2 orders=runs/orders --workers 4 --port 80

FIELDWISE_TOKEN=secret fieldwise serve runs/clicks-dcnv2 --host 0.0.0.0

It needs pip install 'fieldwise\[serve]'. The log goes to the standard output, one JSON
object a line.
"""

TOKEN = "FIELDWISE_TOKEN"
MIN_TOKEN = 16
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def serve(  # noqa: PLR0913  each option is a question operators ask
    *,
    rankers: Annotated[
        list[str],
        typer.Argument(
            help="Run folders or rankers' folders, each with a name if wanted.",
            metavar="[NAME=]RANKER...",
        ),
    ],
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 for every network.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port to listen at; 0 for a free one.", min=0, max=65535)
    ] = 8080,
    workers: Annotated[
        int, typer.Option(help="Processes; each loads all rankers.", min=1)
    ] = 1,
    threads: Annotated[
        int, typer.Option(help="Threads that share the work on a ranking.", min=1)
    ] = 2,
    watch: Annotated[
        float,
        typer.Option(
            help="Seconds between two looks for new versions; 0 for SIGHUP only.",
            min=0.0,
        ),
    ] = 2.0,
    background: Annotated[
        list[str] | None,
        typer.Option(
            help="Rows that explained ones are compared with; repeatable. Without it "
            "rows are drawn by how often values came in training.",
            metavar="[NAME=]FILE",
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help=f"File with the token clients must send; or set {TOKEN}.",
            metavar="FILE",
        ),
    ] = None,
    max_rows: Annotated[int, typer.Option(help="Rows per request.", min=1)] = 100_000,
    max_candidates: Annotated[
        int, typer.Option(help="Candidates per request to rank.", min=1)
    ] = 5_000,
    max_json: Annotated[
        int, typer.Option(help="Largest body of JSON, in MiB.", min=1)
    ] = 8,
    max_arrow: Annotated[
        int, typer.Option(help="Largest body of Arrow, in MiB.", min=1)
    ] = 64,
    max_waiting: Annotated[
        int, typer.Option(help="Requests that may wait, per thread.", min=1)
    ] = 128,
    timeout: Annotated[
        float, typer.Option(help="Seconds until a request is given up.", min=0.01)
    ] = 30.0,
    drain: Annotated[
        float,
        typer.Option(
            help="Seconds that a server goes on after SIGTERM, while /readyz already "
            "sends clients elsewhere.",
            min=0.0,
        ),
    ] = 5.0,
) -> None:
    """Start a server."""
    from fieldwise.serving.server.serve import serve as serve_rankers
    from fieldwise.serving.server.settings import MIB, Limits, ServerSettings

    folders = named_folders(rankers)
    limits = Limits(
        json_bytes=max_json * MIB,
        arrow_bytes=max_arrow * MIB,
        rows=max_rows,
        candidates=max_candidates,
        waiting=max_waiting,
        request_seconds=timeout,
        drain_seconds=drain,
    )
    settings = ServerSettings(
        folders,
        host=host,
        port=port,
        workers=workers,
        threads=threads,
        watch_seconds=watch,
        token=_token(token_file),
        limits=limits,
        backgrounds=_backgrounds(background or [], list(folders)),
    )
    serve_rankers(settings)


def named_folders(arguments: Sequence[str]) -> dict[str, Path]:
    """Read the rankers of a command line.

    Examples:
        >>> folders = named_folders(["runs/clicks", "b=runs/orders"])
        >>> {name: folder.as_posix() for name, folder in folders.items()}
        {'clicks': 'runs/clicks', 'b': 'runs/orders'}

    Args:
        arguments: folders, each after a name and an equals sign, or else called by its
            own name.

    Returns:
        Folders of rankers by name.

    Raises:
        ConfigError: if a name is not usable, or used twice.
    """
    found: dict[str, Path] = {}
    for argument in arguments:
        name, _, path = argument.rpartition("=")
        folder = Path(path)
        name = name or _own_name(folder)
        if not _NAME.fullmatch(name) or name in found:
            message = (
                "RANKER must have a name of its own, of letters, digits, '.', '_' and "
                f"'-', got {name!r}. Write NAME={path}."
            )
            raise ConfigError(message)
        found[name] = find_ranker(folder)
    return found


def _own_name(folder: Path) -> str:
    place = folder.absolute()
    return place.parent.name if place.name == RANKER else place.name


def _backgrounds(arguments: Sequence[str], names: Sequence[str]) -> dict[str, Path]:
    found = {}
    for argument in arguments:
        name, _, path = argument.rpartition("=")
        name = name or names[0]
        if name not in names or not Path(path).is_file():
            message = (
                f"--background must be a file, of one of {list(names)}, got "
                f"{argument!r}."
            )
            raise ConfigError(message)
        found[name] = Path(path)
    return found


def _token(file: Path | None) -> str | None:
    """The token, from where it is not seen in a list of processes."""
    text = os.environ.get(TOKEN) if file is None else file.read_text("utf-8")
    if text is None:
        return None
    token = text.strip()
    if len(token) < MIN_TOKEN or not token.isascii() or not token.isprintable():
        message = f"the token must have at least {MIN_TOKEN} characters, all of ASCII."
        raise ConfigError(message)
    return token
