"""The questions that clients ask about rows: predict, rank, explain."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar, final

from fieldwise.ranker.rows import MAX_PLAIN_ROWS
from fieldwise.serving.server.arrow import ARROW, read_arrow, write_arrow
from fieldwise.serving.server.columns import Columns, check_rows
from fieldwise.serving.server.explained import explain_columns
from fieldwise.serving.server.http import (
    JSON,
    Answer,
    Request,
    json_answer,
    parse_object,
    wrong_type,
)
from fieldwise.serving.server.lane import Lane, Task
from fieldwise.serving.server.members import check_members, label_of
from fieldwise.serving.server.ranking import Ranked, rank_candidates
from fieldwise.serving.server.scorer import Scored
from fieldwise.serving.server.served import Served
from fieldwise.serving.server.settings import Limits

__all__ = ["Endpoints"]

Result = TypeVar("Result")

SMALL_BYTES = 2**16
"""Bodies up to this are read at once; larger ones by the thread that scores them."""


@final
class Endpoints:
    """Answers questions about rows, each in a thread that suits its size.

    Args:
        limits: of requests.

    Attributes:
        lanes: the threads, by name.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

        def lane(name: str) -> Lane:
            return Lane(name, max_waiting=limits.waiting, max_rows=MAX_PLAIN_ROWS)

        # A file of rows, or an explanation, must not keep a single row waiting.
        self.lanes = {name: lane(name) for name in ("quick", "ranking", "bulk")}

    async def predict(self, request: Request, served: Served) -> Answer:
        """Score rows.

        Args:
            request: rows as JSON or Arrow.
            served: whom to ask.

        Returns:
            Predictions by label.
        """
        if request.content_type == ARROW:
            limits = self._limits
            content = await request.body(
                max_bytes=limits.arrow_bytes, seconds=limits.body_seconds
            )
            scored = await self._run("bulk", partial(self._arrow, served, content))
        else:
            content = await self._json(request, also=ARROW)
            scored = await self._score_json(served, content)
        return _predicted(request, served, scored)

    async def _score_json(self, served: Served, content: bytes) -> Scored:
        if len(content) > SMALL_BYTES:
            return await self._run("bulk", partial(self._large, served, content))
        columns = self._rows(served, content, max_rows=self._limits.rows)
        score = served.scorer.score_together
        if columns.num_rows > MAX_PLAIN_ROWS:
            return await self._run("bulk", lambda: score([columns])[0])
        task = Task(score, columns, columns.num_rows, merges=True)
        scored: Scored = await self.lanes["quick"].run(
            task, seconds=self._limits.request_seconds
        )
        return scored

    async def rank(self, request: Request, served: Served) -> Answer:
        """Order candidates that share a context.

        Args:
            request: a context and candidates.
            served: whom to ask.

        Returns:
            The best candidates, best first.
        """
        content = await self._json(request)

        def rank() -> Ranked:
            return rank_candidates(served, parse_object(content), self._limits)

        found = await self._run("ranking", rank)
        request.noted["rows"] = found.num_candidates
        ranked: list[dict[str, Any]] = [
            {"position": position, "score": score}
            for position, score in zip(found.positions, found.scores, strict=True)
        ]
        told = {**_head(request, served), "label": found.label}
        told |= {"num_candidates": found.num_candidates, "ranked": ranked}
        if found.best is not None:
            explain = partial(explain_columns, served, found.best, found.label)
            why = await self._run("bulk", explain)
            told["base"] = why["base"]
            for one, reason in zip(ranked, why["explanations"], strict=True):
                one["explanation"] = reason
        return json_answer(told)

    async def explain(self, request: Request, served: Served) -> Answer:
        """Explain rows.

        Args:
            request: rows, and the label where there are several.
            served: whom to ask.

        Returns:
            What each field adds to the logit of each row.
        """
        content = await self._json(request)

        def explain() -> tuple[int, dict[str, Any]]:
            body = parse_object(content)
            check_members(body, ("rows", "label"))
            label = label_of(body, served.ranker.schema.label_names)
            rows = body.get("rows")
            columns = check_rows(served.rules, rows, max_rows=self._limits.explained)
            told = {"label": label, **explain_columns(served, columns, label)}
            return columns.num_rows, told

        request.noted["rows"], told = await self._run("bulk", explain)
        return json_answer({**_head(request, served), **told})

    async def _run(self, lane: str, compute: Callable[[], Result]) -> Result:
        """Compute something in the thread of a lane, by itself."""

        def alone(_: Sequence[None]) -> list[Result]:
            return [compute()]

        result: Result = await self.lanes[lane].run(
            Task(alone), seconds=self._limits.request_seconds
        )
        return result

    async def _json(self, request: Request, *, also: str | None = None) -> bytes:
        if request.content_type != JSON:
            known = [JSON] if also is None else [JSON, also]
            raise wrong_type(request.content_type, known)
        return await request.body(
            max_bytes=self._limits.json_bytes, seconds=self._limits.body_seconds
        )

    def _rows(self, served: Served, content: bytes, *, max_rows: int) -> Columns:
        body = parse_object(content)
        check_members(body, ("rows",))
        return check_rows(served.rules, body.get("rows"), max_rows=max_rows)

    def _large(self, served: Served, content: bytes) -> Scored:
        columns = self._rows(served, content, max_rows=self._limits.rows)
        return served.scorer.score_together([columns])[0]

    def _arrow(self, served: Served, content: bytes) -> Scored:
        schema = served.ranker.schema
        frame = read_arrow(content, schema, max_rows=self._limits.rows)
        return served.scorer.score_frame(frame)


def _head(request: Request, served: Served) -> dict[str, Any]:
    return {
        "ranker": served.name,
        "version": served.version,
        "request_id": request.request_id,
    }


def _predicted(request: Request, served: Served, scored: Scored) -> Answer:
    request.noted["rows"] = len(scored.values)
    labels = served.ranker.schema.label_names
    columns = dict(zip(labels, scored.values.T, strict=True))
    head = _head(request, served)
    wants_json = JSON in request.accepts and ARROW not in request.accepts
    if ARROW in request.accepts or (request.content_type == ARROW and not wants_json):
        return Answer(write_arrow(columns, head), ARROW)
    predictions = {label: column.tolist() for label, column in columns.items()}
    return json_answer({**head, "predictions": predictions, "unknown": scored.unknown})
