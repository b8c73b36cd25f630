"""Broken requests: the documented status, and one form that says what is wrong."""

import json

import pyarrow as pa
import pytest

ARROW = "application/vnd.apache.arrow.stream"
JSON = {"Content-Type": "application/json"}


def problem(answer, status, kind):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert found["type"] == f"urn:fieldwise:problem:{kind}"
    assert found["status"] == status
    assert found["request_id"] == answer.headers["X-Request-Id"]
    return found


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"rows": [{"site": NaN}]}',
        b'{"rows": [{"price": -Infinity}]}',
        b"[" * 100_000,
        b'{"rows": [{"price": ' + b"9" * 5000 + b"}]}",
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)
def test_no_json(client, body):
    problem(client.post("/v1/predict", content=body, headers=JSON), 400, "broken-json")


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"rows": []},
        {"rows": {}},
        {"rows": None},
        {"rows": [{}], "row": 1},
    ],
    ids=str,
)
def test_another_form(client, body):
    problem(client.post("/v1/predict", json=body), 422, "invalid-request")


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("site", 1, "must be text or null"),
        ("site", "\ud800", "must be text or null"),
        ("user", 1.5, "must be a whole number of 64 bits or null"),
        ("user", 2**63, "must be a whole number of 64 bits or null"),
        ("user", "1x", "must be a whole number of 64 bits or null"),
        ("user", True, "must be a whole number of 64 bits or null"),
        ("mobile", 0, "must be true, false or null"),
        ("price", "3", "must be a number or null"),
        ("price", 10**400, "must be a number or null"),
        ("tags", "a", "must be null or a list whose items must be text or null"),
        ("tags", ["a", 1], "must be null or a list whose items must be text or null"),
        (
            "text",
            [1, 2, 1e300],
            "must be null or a list of length 3 whose items must be a number "
            "from -1e9 to 1e9 or null",
        ),
        (
            "text",
            [1, 2],
            "must be null or a list of length 3 whose items must be a number "
            "from -1e9 to 1e9 or null",
        ),
    ],
    ids=lambda value: str(value)[:20],
)
def test_wrong_values_are_named(client, rows, field, value, rule):
    body = json.dumps({"rows": [rows[0], rows[1] | {field: value}]})

    answer = client.post("/v1/predict", content=body, headers=JSON)

    found = problem(answer, 422, "invalid-rows")
    [error] = found["errors"]
    assert (error["row"], error["field"], error["rule"]) == (1, field, rule)
    assert error["remedy"]
    assert f"{field!r} in row 1 {rule}" in found["detail"]


def test_missing_fields_are_named_with_a_hint(client, rows):
    row = {"sites" if name == "site" else name: x for name, x in rows[0].items()}

    found = problem(
        client.post("/v1/predict", json={"rows": [row]}), 422, "invalid-rows"
    )

    assert found["errors"][0]["rule"] == "must be there"
    assert 'Did you mean "sites"?' in found["errors"][0]["remedy"]


def test_rows_that_are_no_objects(client, rows):
    answer = client.post("/v1/predict", json={"rows": [rows[0], [1, 2], None]})

    found = problem(answer, 422, "invalid-rows")
    assert [error["row"] for error in found["errors"]] == [1, 2]
    assert found["errors"][0]["value"] == "a list of 2"


def test_the_first_errors_are_listed(client, rows):
    answer = client.post("/v1/predict", json={"rows": [{}] * 1000})

    assert len(problem(answer, 422, "invalid-rows")["errors"]) == 20


def test_a_field_stands_in_context_or_candidates(client, rows):
    body = {"context": {"site": "a"}, "candidates": [rows[0]]}

    found = problem(client.post("/v1/rank", json=body), 422, "invalid-rows")

    assert found["errors"][0]["field"] == "site"


@pytest.mark.parametrize(
    "change",
    [
        {"top": 0},
        {"top": "3"},
        {"top": True},
        {"explain": 1},
        {"label": "nobody"},
        {"label": ["click"]},
        {"context": []},
        {"context": None},
        {"topk": 3},
    ],
    ids=str,
)
def test_wrong_members(client, rows, change):
    body = {"candidates": rows[:2], **change}

    problem(client.post("/v1/rank", json=body), 422, "invalid-request")


def test_too_many_to_explain(client, rows):
    problem(client.post("/v1/explain", json={"rows": rows}), 422, "too-many-rows")
    body = {"candidates": rows, "explain": True}
    problem(client.post("/v1/rank", json=body), 422, "invalid-request")


@pytest.mark.parametrize("kind", ["text/plain", "", "application/jsonx", ARROW])
def test_other_types_of_body(client, kind):
    answer = client.post("/v1/rank", content=b"{}", headers={"Content-Type": kind})

    problem(answer, 415, "unknown-content-type")


def test_no_such_path(client):
    problem(client.get("/v1/predicts"), 404, "no-such-path")
    problem(client.get("/v1/../../etc/passwd"), 404, "no-such-path")
    problem(client.get("/page/%2e%2e/page_files.py"), 404, "no-such-path")
    problem(client.post("/v1/rankers/nobody/predict"), 404, "no-such-ranker")


def test_another_method(client):
    answer = client.get("/v1/predict")

    problem(answer, 405, "wrong-method")
    assert answer.headers["Allow"] == "POST"
    assert client.post("/healthz").headers["Allow"] == "GET, HEAD"
    assert client.head("/healthz").status_code == 200


def test_odd_request_ids_are_replaced(client):
    for odd in ("a b", "x" * 200, '"', "\u00e9".encode()):
        found = client.get("/healthz", headers={"X-Request-Id": odd})
        assert len(found.headers["X-Request-Id"]) == 32


def stream(table, **settings):
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(**settings)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


@pytest.fixture
def arrow(log):
    return log.drop("rating", "click").head(50).to_arrow(compat_level=pl_oldest())


def pl_oldest():
    import polars as pl

    return pl.CompatLevel.oldest()


def post_arrow(client, content):
    return client.post("/v1/predict", content=content, headers={"Content-Type": ARROW})


def test_broken_arrow(client, arrow):
    content = stream(arrow)

    for broken in (b"", b"ARROW1", content[:200], content[:-200], content[8:]):
        problem(post_arrow(client, broken), 400, "broken-arrow")


def test_flipped_bytes_never_fail_inside(client, arrow):
    content = bytearray(stream(arrow))

    for place in range(0, len(content), 97):
        content[place] ^= 0x55
        answer = post_arrow(client, bytes(content))
        assert answer.status_code in (200, 400, 413, 422), (place, answer.text)
        content[place] ^= 0x55


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
def test_compressed_arrow_is_refused(client, arrow, codec):
    found = problem(
        post_arrow(client, stream(arrow, compression=codec)), 400, "broken-arrow"
    )

    assert "must not be compressed" in found["detail"]


def test_compressed_dictionaries_are_refused(client, arrow):
    place = arrow.schema.get_field_index("site")
    coded = arrow.set_column(place, "site", arrow["site"].dictionary_encode())

    assert post_arrow(client, stream(coded)).status_code == 200
    answer = post_arrow(client, stream(coded, compression="zstd"))
    problem(answer, 400, "broken-arrow")


def test_one_text_for_many_is_refused(client, arrow):
    long = pa.array(["x" * 10_000] * len(arrow)).dictionary_encode()
    place = arrow.schema.get_field_index("site")
    content = stream(arrow.set_column(place, "site", long))

    problem(post_arrow(client, content), 413, "too-large")


def test_arrow_columns_of_other_types(client, arrow):
    place = arrow.schema.get_field_index("price")
    texts = arrow.set_column(place, "price", pa.array(["cheap"] * len(arrow)))
    nested = arrow.set_column(place, "price", pa.array([{"a": 1}] * len(arrow)))

    found = problem(post_arrow(client, stream(texts)), 422, "invalid-rows")
    assert "'price' must hold numbers, got 'cheap'" in found["detail"]
    problem(post_arrow(client, stream(nested)), 400, "broken-arrow")
    lacking = stream(arrow.drop_columns(["price"]))
    found = problem(post_arrow(client, lacking), 422, "invalid-rows")
    assert "'price' is missing" in found["detail"]


def test_arrow_without_rows(client, arrow):
    problem(post_arrow(client, stream(arrow.slice(0, 0))), 422, "no-rows")
