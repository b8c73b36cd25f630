"""The questions that are about the server itself."""

import asyncio
from typing import final

from fieldwise.serving.server.docs_page import docs_page
from fieldwise.serving.server.http import Answer, Request, json_answer
from fieldwise.serving.server.metrics import METRICS_TYPE, RequestMetrics
from fieldwise.serving.server.openapi import openapi_of
from fieldwise.serving.server.problem import ProblemError
from fieldwise.serving.server.readiness import Readiness
from fieldwise.serving.server.settings import ServerSettings
from fieldwise.serving.server.shelf import Shelf
from fieldwise.serving.server.told import describe_ranker

__all__ = ["About"]

_HTML = "text/html; charset=utf-8"
_NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@final
class About:
    """Tells what is served, how to ask, and how it goes.

    Args:
        settings: of the server.
        shelf: the rankers.
        metrics: of requests.
        readiness: whether new requests are welcome.
    """

    def __init__(
        self,
        settings: ServerSettings,
        shelf: Shelf,
        metrics: RequestMetrics,
        readiness: Readiness,
    ) -> None:
        self._limits = settings.limits
        self._has_token = settings.token is not None
        self._shelf = shelf
        self._metrics = metrics
        self._readiness = readiness

    async def rankers(self, _: Request) -> Answer:
        """List the rankers."""
        shelf = self._shelf
        told = [describe_ranker(shelf.get(name)) for name in shelf.names]
        return json_answer({"rankers": told, "default": shelf.names[0]})

    async def health(self, _: Request) -> Answer:
        """Say that the process lives."""
        return json_answer({"status": "alive"})

    async def ready(self, _: Request) -> Answer:
        """Say whether new requests are welcome."""
        if self._readiness.is_draining:
            message = "the server is about to stop. Ask another one."
            headers = {"Retry-After": "1"}
            raise ProblemError(503, "stopping", message, headers=headers)
        return json_answer({"status": "ready"})

    async def metrics(self, _: Request) -> Answer:
        """Give Prometheus its counts."""
        # Files of several processes are read for this: not in the loop of requests.
        text = await asyncio.to_thread(self._metrics.text)
        return Answer(text, METRICS_TYPE)

    async def openapi(self, _: Request) -> Answer:
        """Describe every path, for programs."""
        return json_answer(self._document())

    async def docs(self, _: Request) -> Answer:
        """Describe every path, for people."""
        headers = {"Content-Security-Policy": _NO_SCRIPTS}
        return Answer(docs_page(self._document()), _HTML, headers=headers)

    def _document(self) -> dict[str, object]:
        return openapi_of(self._shelf, self._limits, has_token=self._has_token)
