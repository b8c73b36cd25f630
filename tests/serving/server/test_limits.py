"""Clients that are too many, too large, broken or strangers."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fieldwise.serving.server.settings import MIB
from tests.serving.server.running import running

TOKEN = "a token of the tests"


@pytest.fixture(scope="module")
def strict(folders):
    """A server that lets few requests wait, and waits for nobody."""
    limits = ["--max-waiting", 2, "--max-rows", 2000, "--max-json", 1]
    limits += ["--max-candidates", 100, "--max-arrow", 1]
    with running(folders / "clicks", *limits, FIELDWISE_TOKEN=TOKEN) as server:
        yield server


@pytest.fixture
def client(strict):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with strict.client(headers=headers) as client:
        yield client


def test_strangers_learn_nothing(strict):
    with strict.client() as stranger:
        for path in ("/v1/schema", "/v1/predict", "/v1/none", "/metrics", "/docs"):
            answer = stranger.get(path)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.json()["type"] == "urn:fieldwise:problem:wrong-token"
        for path in ("/healthz", "/readyz", "/"):
            assert stranger.get(path).status_code == 200


@pytest.mark.parametrize(
    "given", ["", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \u00e9"]
)
def test_other_tokens_are_refused(strict, given):
    headers = {"Authorization": given.encode()}
    with strict.client(headers=headers) as stranger:
        assert stranger.get("/v1/schema").status_code == 401


def test_the_token_opens(client):
    assert client.get("/v1/schema").status_code == 200
    security = client.get("/openapi.json").json()["security"]
    assert security == [{"token": []}]


def test_large_bodies_are_refused(client):
    headers = {"Content-Type": "application/json"}
    body = b'{"rows": [' + b" " * MIB + b"]}"

    announced = client.post("/v1/predict", content=body, headers=headers)
    # Without a length: it is cut off while it comes.
    parts = (body[start : start + 2**16] for start in range(0, len(body), 2**16))
    streamed = client.post("/v1/predict", content=parts, headers=headers)

    for answer in (announced, streamed):
        assert answer.status_code == 413
        assert answer.json()["type"] == "urn:fieldwise:problem:too-large"


def test_many_rows_are_refused(client, rows):
    row = dict.fromkeys(rows[0])

    for path, member, count in (
        ("/v1/predict", "rows", 2001),
        ("/v1/rank", "candidates", 101),
    ):
        answer = client.post(path, json={member: [row] * count})
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:fieldwise:problem:too-many-rows"


def test_a_full_queue_is_told_and_nothing_accepted_is_lost(client, rows):
    body = {"rows": rows[:50]}

    def ask(_):
        return client.post("/v1/explain", json=body)

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(ask, range(24)))

    found = [answer.status_code for answer in answers]
    assert set(found) == {200, 429}
    wanted = answers[found.index(200)].json()["explanations"]
    for answer in answers:
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) >= 1
            assert answer.json()["type"] == "urn:fieldwise:problem:too-many-requests"
        else:
            assert answer.json()["explanations"] == wanted
    assert ask(0).status_code == 200


def test_explanations_do_not_keep_single_rows_waiting(client, rows):
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(client.post, "/v1/explain", json={"rows": rows[:50]})
        answers = []
        while not slow.done():
            answers.append(client.post("/v1/predict", json={"rows": rows[:1]}))

    assert slow.result().status_code == 200
    assert len(answers) > 2
    assert {answer.status_code for answer in answers} == {200}


@pytest.fixture(scope="module")
def impatient(folders):
    """A server that gives requests hardly any time."""
    with running(folders / "clicks", "--timeout", 0.01) as server:
        yield server


def test_late_answers_are_given_up(impatient, rows):
    with impatient.client() as client:
        answer = client.post("/v1/explain", json={"rows": rows[:50]})

    assert answer.status_code == 504
    assert answer.json()["type"] == "urn:fieldwise:problem:too-slow"


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def head(length):
    return (
        "POST /v1/predict HTTP/1.1\r\nHost: here\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def test_endless_heads_are_cut_off(server):
    with connect(server) as stream:
        stream.sendall(b"GET / HTTP/1.1\r\n")
        for _ in range(50_000):
            try:
                stream.sendall(b"X-Long: " + b"x" * 1000 + b"\r\n")
            except OSError:
                break
        else:
            raise AssertionError
        try:
            answer = stream.recv(2**16)
        except ConnectionError:
            return  # cut off before it was read
    assert answer == b"" or b" 431 " in answer.split(b"\r\n")[0]


def test_requests_that_are_none(server):
    for content in (b"\x16\x03\x01\x02", b"GET\r\n\r\n", b"A" * 100 + b"\r\n\r\n"):
        with connect(server) as stream:
            stream.sendall(content)
            assert b" 400 " in stream.recv(2**16).split(b"\r\n")[0]


def test_a_client_that_hangs_up_harms_nobody(server, rows):
    body = json.dumps({"rows": rows}).encode()
    for _ in range(20):
        with connect(server) as stream:
            stream.sendall(head(len(body)) + body[:100])
        with connect(server) as stream:
            stream.sendall(head(len(body)) + body)

    with server.client() as client:
        assert client.post("/v1/predict", json={"rows": rows}).status_code == 200


def test_requests_in_one_breath_are_answered_in_turn(server, rows):
    bodies = [json.dumps({"rows": [row]}).encode() for row in rows[:3]]
    with connect(server) as stream:
        stream.sendall(b"".join(head(len(body)) + body for body in bodies))
        found = b""
        while found.count(b"HTTP/1.1 200") < 3 or not found.endswith(b"}"):
            found += stream.recv(2**16)

    with server.client() as client:
        wanted = client.post("/v1/predict", json={"rows": rows[:3]}).json()
    answers = [
        json.loads(part.partition(b"\r\n\r\n")[2])
        for part in found.split(b"HTTP/1.1")[1:]
    ]
    scores = [answer["predictions"]["click"][0] for answer in answers]
    assert scores == pytest.approx(wanted["predictions"]["click"], abs=1e-6)


def test_the_log_has_a_line_for_each_request(server, rows):
    with server.client() as client:
        client.post(
            "/v1/predict", json={"rows": rows[:4]}, headers={"X-Request-Id": "log-1"}
        )
        client.get("/v1/nowhere", headers={"X-Request-Id": "log-2"})
    for _ in range(100):
        found = {line.get("request_id"): line for line in list(server.lines)}
        if "log-2" in found:
            break
        time.sleep(0.1)

    first, second = found["log-1"], found["log-2"]
    assert first["ranker"] == "clicks"
    assert first["version"] == server.versions["clicks"]
    assert (first["rows"], first["status"]) == (4, 200)
    assert first["ms"] > 0
    assert (second["status"], second["problem"]) == (404, "no-such-path")
