"""The OpenAPI document as a page for people: no scripts, no network."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

__all__ = ["docs_page"]

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
    "padding:0 1rem;color:#1a1a1a;background:#fff}pre{background:#f4f4f4;padding:1rem;"
    "overflow:auto}table{border-collapse:collapse}td,th{text-align:left;padding:.25rem "
    "1rem .25rem 0;vertical-align:top}"
)


def docs_page(document: Mapping[str, Any]) -> bytes:
    """Write a page.

    Args:
        document: as ``openapi_of`` makes it.

    Returns:
        HTML.
    """
    info = document["info"]
    parts = [
        f"<h1>{escape(info['title'])}</h1>",
        f"<p>{escape(info['description'])} The whole document: "
        "<a href='openapi.json'>openapi.json</a>.</p>",
    ]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parts += _operation(path, method.upper(), operation)
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>"
    ).encode()


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> list[str]:
    parts = [
        f"<h2 id='{escape(operation['operationId'])}'>{method} {escape(path)}</h2>",
        f"<p>{escape(operation['summary'])}</p>",
    ]
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f"<h3>Body, {escape(kind)}</h3>")
        if "example" in body:
            parts += [_pre(body["example"]), _details("Schema", body["schema"])]
    rows = []
    for status, answer in operation["responses"].items():
        kinds = ", ".join(answer["content"])
        cells = (status, answer["description"], kinds)
        rows.append("".join(f"<td>{escape(cell)}</td>" for cell in cells))
    parts.append(f"<h3>Answers</h3><table><tr>{'</tr><tr>'.join(rows)}</tr></table>")
    for kind, body in operation["responses"]["200"]["content"].items():
        parts.append(_details(f"Answer, {kind}", body["schema"]))
    return parts


def _details(title: str, value: object) -> str:
    summary = f"<summary>{escape(title)}</summary>"
    return f"<details>{summary}{_pre(value)}</details>"


def _pre(value: object) -> str:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    return f"<pre tabindex='0'>{escape(text)}</pre>"
