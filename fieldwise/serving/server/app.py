"""The server as one ASGI application: who may ask what, and what is noted of it."""

import hmac
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, final

from fieldwise.errors import DataError, SchemaError
from fieldwise.serving.server.http import Answer, Receive, Request, Scope, Send
from fieldwise.serving.server.log import JsonLog
from fieldwise.serving.server.metrics import RequestMetrics
from fieldwise.serving.server.problem import CONTENT_TYPE, ProblemError, problem_body
from fieldwise.serving.server.readiness import Readiness

__all__ = ["Application", "Handler", "Route"]

_LOG = logging.getLogger("fieldwise.serving")
_SANE_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")
WIDEST_PATH = 200

Handler: TypeAlias = Callable[[Request], Awaitable[Answer]]


@final
@dataclass(frozen=True)
class Route:
    """Who answers at a path.

    Args:
        endpoint: a word for it, in metrics and log.
        method: GET or POST; HEAD goes where GET does.
        handler: answers.
        ranker: that is asked; empty for none.
        is_open: whether no token is needed.
        is_quiet: whether the log leaves out what went well.
    """

    endpoint: str
    method: str
    handler: Handler
    ranker: str = ""
    is_open: bool = False
    is_quiet: bool = False


@final
class Application:
    """Finds who answers, checks the token, and turns whatever happens into an answer.

    Args:
        routes: by path.
        log: of requests.
        metrics: of requests.
        readiness: a server that is about to stop lets clients connect elsewhere.
        token: what clients must send; None lets everybody in.
    """

    def __init__(
        self,
        routes: Mapping[str, Route],
        *,
        log: JsonLog,
        metrics: RequestMetrics,
        readiness: Readiness,
        token: str | None,
    ) -> None:
        self._routes = dict(routes)
        self._log = log
        self._metrics = metrics
        self._token = None if token is None else token.encode()
        self._readiness = readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        headers = dict(scope["headers"])
        request = Request(
            method=scope["method"],
            path=scope["path"],
            headers=headers,
            request_id=_request_id(headers.get(b"x-request-id", b"")),
            receive=receive,
        )
        route = self._routes.get(request.path)
        self._metrics.begin()
        answer = Answer(b"", status=500)
        try:
            answer = await self._answer(request, route)
            is_last = self._readiness.is_draining
            await _send(send, answer, request.request_id, is_last=is_last)
        finally:
            seconds = time.perf_counter() - started
            self._note(scope, request, route, answer, seconds)

    async def _answer(self, request: Request, route: Route | None) -> Answer:
        try:
            return await self._routed(request, route)
        except ProblemError as error:
            problem = error
        except (SchemaError, DataError) as error:
            problem = ProblemError(422, "invalid-rows", str(error))
        except Exception:
            # What went wrong here is nobody's business but the operator's.
            told = {"request_id": request.request_id}
            _LOG.exception("a request failed", extra={"told": told})
            problem = ProblemError(500, "internal-error", "the log says what happened.")
        request.noted["problem"] = problem.kind
        return Answer(
            problem_body(problem, request.request_id),
            CONTENT_TYPE,
            problem.status,
            problem.headers,
        )

    async def _routed(self, request: Request, route: Route | None) -> Answer:
        if route is None or not route.is_open:
            # Who may not ask is not told what there is.
            self._check_token(request)
        if route is None:
            if request.path.startswith("/v1/rankers/"):
                message = "the ranker must be one of /v1/rankers."
                raise ProblemError(404, "no-such-ranker", message)
            message = "the path must be one of those at /docs."
            raise ProblemError(404, "no-such-path", message)
        method = "GET" if request.method == "HEAD" else request.method
        if method != route.method:
            message = f"the method must be {route.method}."
            headers = {"Allow": "GET, HEAD" if route.method == "GET" else route.method}
            raise ProblemError(405, "wrong-method", message, headers=headers)
        return await route.handler(request)

    def _check_token(self, request: Request) -> None:
        if self._token is None:
            return
        scheme, _, token = request.headers.get(b"authorization", b"").partition(b" ")
        is_right = hmac.compare_digest(token.strip(), self._token)
        if scheme.lower() != b"bearer" or not is_right:
            message = "Authorization must be 'Bearer TOKEN' with the server's token."
            headers = {"WWW-Authenticate": 'Bearer realm="fieldwise"'}
            raise ProblemError(401, "wrong-token", message, headers=headers)

    def _note(
        self,
        scope: Scope,
        request: Request,
        route: Route | None,
        answer: Answer,
        seconds: float,
    ) -> None:
        endpoint = "none" if route is None else route.endpoint
        ranker = "" if route is None else route.ranker
        self._metrics.end(
            ranker,
            endpoint,
            answer.status,
            seconds=seconds,
            num_rows=request.noted.get("rows", 0),
        )
        if route is not None and route.is_quiet and answer.status < 400:
            return
        client = scope.get("client")
        told: dict[str, object] = {"level": "info", "message": "request"}
        told |= {
            "endpoint": endpoint,
            "request_id": request.request_id,
            "method": request.method,
        }
        told |= {"path": request.path[:WIDEST_PATH], "status": answer.status}
        told |= {"ms": round(1e3 * seconds, 3), "ranker": ranker}
        self._log.say(told | {"client": client and client[0]} | request.noted)


def _request_id(given: bytes) -> str:
    """The client's own, if it can do no harm in a log or a header."""
    return given.decode() if _SANE_ID.fullmatch(given) else uuid.uuid4().hex


async def _send(send: Send, answer: Answer, request_id: str, *, is_last: bool) -> None:
    headers = {
        "Content-Type": answer.content_type,
        "Content-Length": str(len(answer.body)),
        "X-Request-Id": request_id,
        "X-Content-Type-Options": "nosniff",
        **answer.headers,
    }
    if is_last:
        headers["Connection"] = "close"
    pairs = [(k.lower().encode(), v.encode("latin-1")) for k, v in headers.items()]
    start = {"type": "http.response.start", "status": answer.status, "headers": pairs}
    await send(start)
    await send({"type": "http.response.body", "body": answer.body})
