"""The server's own description of itself, held against it by a stranger."""

import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = 5


@pytest.fixture(scope="module")
def document(client_of_module):
    return client_of_module.get("/openapi.json").json()


@pytest.fixture(scope="module")
def client_of_module(server):
    with server.client() as client:
        yield client


def test_the_server_does_what_its_document_says(server):
    # Hundreds of requests: drawn ones, borders, and ones that break a rule on purpose.
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIG]
    command += ["run", f"{server.url}/openapi.json", "--max-examples", EXAMPLES]
    command += ["--seed", 1, "--no-color", "--generation-database", "none"]
    command += ["--include-path-regex", "^/(v1/rankers(/two/.*)?|[a-z]+)$"]

    found = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False
    )

    assert found.returncode == 0, found.stdout[-4000:]
    assert "Tested: 8" in found.stdout


def test_rows_are_described_by_the_fields(document, ranker):
    paths = document["paths"]
    body = paths["/v1/predict"]["post"]["requestBody"]["content"]["application/json"]
    row = body["schema"]["properties"]["rows"]["items"]

    assert row["required"] == list(ranker.schema.names)
    assert row["properties"]["site"]["type"] == ["string", "null"]
    assert row["properties"]["text"]["maxItems"] == 3
    assert "/v1/rankers/two/rank" in paths


def test_examples_are_answered(document, client_of_module):
    for path, operations in document["paths"].items():
        for kind, body in (
            operations.get("post", {}).get("requestBody", {}).get("content", {}).items()
        ):
            if "example" in body:
                headers = {"Content-Type": kind}
                found = client_of_module.post(
                    path, json=body["example"], headers=headers
                )
                assert found.status_code == 200, (path, found.text)


def test_the_document_as_a_page(client_of_module, document):
    found = client_of_module.get("/docs")

    assert found.headers["Content-Type"] == "text/html; charset=utf-8"
    for path in document["paths"]:
        assert f" {path}</h2>" in found.text
    assert "script-src" not in found.headers["Content-Security-Policy"]
    assert "<script" not in found.text
