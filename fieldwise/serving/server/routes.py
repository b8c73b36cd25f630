"""Which path leads where."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from fieldwise.serving.server.about import About
from fieldwise.serving.server.app import Handler, Route
from fieldwise.serving.server.endpoints import Endpoints
from fieldwise.serving.server.http import Answer, Request, json_answer
from fieldwise.serving.server.page_files import page_answers
from fieldwise.serving.server.served import Served
from fieldwise.serving.server.shelf import Shelf
from fieldwise.serving.server.told import describe_schema

__all__ = ["routes_of"]

Asker: TypeAlias = Callable[[Request, Served], Awaitable[Answer]]


def routes_of(shelf: Shelf, endpoints: Endpoints, about: About) -> dict[str, Route]:
    """List the paths of a server.

    Args:
        shelf: the rankers.
        endpoints: answer questions about rows.
        about: answers questions about the server.

    Returns:
        The routes by path.
    """
    routes = {
        "/healthz": Route("healthz", "GET", about.health, is_open=True, is_quiet=True),
        "/readyz": Route("readyz", "GET", about.ready, is_open=True, is_quiet=True),
        "/metrics": Route("metrics", "GET", about.metrics, is_quiet=True),
        "/docs": Route("docs", "GET", about.docs),
        "/openapi.json": Route("openapi", "GET", about.openapi),
        "/v1/rankers": Route("rankers", "GET", about.rankers),
    }
    for path, answer in page_answers().items():
        routes[path] = Route("page", "GET", _always(answer), is_open=True)
    askers: dict[str, tuple[str, Asker]] = {
        "predict": ("POST", endpoints.predict),
        "rank": ("POST", endpoints.rank),
        "explain": ("POST", endpoints.explain),
        "schema": ("GET", _schema),
    }
    places = [("/v1", shelf.names[0])]
    places += [(f"/v1/rankers/{name}", name) for name in shelf.names]
    for place, name in places:
        for endpoint, (method, asker) in askers.items():
            handler = _with_ranker(shelf, name, asker)
            routes[f"{place}/{endpoint}"] = Route(endpoint, method, handler, name)
    return routes


def _always(answer: Answer) -> Handler:
    async def handler(_: Request) -> Answer:
        return answer

    return handler


def _with_ranker(shelf: Shelf, name: str, asker: Asker) -> Handler:
    async def handler(request: Request) -> Answer:
        # The version of this moment answers, whatever comes in the meantime.
        served = shelf.get(name)
        request.noted["version"] = served.version
        return await asker(request, served)

    return handler


async def _schema(request: Request, served: Served) -> Answer:
    return json_answer({**describe_schema(served), "request_id": request.request_id})
