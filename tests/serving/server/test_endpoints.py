"""What clients are told, against what the ranker itself says."""

import io

import numpy as np
import polars as pl
import pytest

ARROW = "application/vnd.apache.arrow.stream"


def ask(client, path, body, **headers):
    answer = client.post(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def in_arrow(frame, **settings):
    content = io.BytesIO()
    frame.write_ipc_stream(content, **settings)
    return content.getvalue()


@pytest.fixture(scope="module")
def wanted(ranker, rows):
    """One by one, so that no value meets one of another type."""
    typed = [
        row | {"hour": None if row["hour"] is None else float(row["hour"])}
        for row in rows
    ]
    return np.array([float(ranker.predict(row)[0]) for row in typed])


def test_rows_are_scored_as_by_the_ranker(client, rows, wanted):
    found = ask(client, "/v1/predict", {"rows": rows})

    assert found["predictions"].keys() == {"click"}
    np.testing.assert_allclose(found["predictions"]["click"], wanted, rtol=0, atol=1e-6)


def test_single_rows_are_scored_as_by_the_ranker(client, rows, wanted):
    found = [
        ask(client, "/v1/predict", {"rows": [row]})["predictions"]["click"][0]
        for row in rows
    ]

    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-6)


def test_many_rows_are_scored_as_by_the_ranker(client, rows, wanted):
    found = ask(client, "/v1/predict", {"rows": rows * 20})

    np.testing.assert_allclose(
        found["predictions"]["click"], wanted.tolist() * 20, rtol=0, atol=1e-6
    )


def test_unknown_values_are_counted(client, rows):
    assert ask(client, "/v1/predict", {"rows": rows[:1]})["unknown"] == {}

    found = ask(client, "/v1/predict", {"rows": rows[:8]})["unknown"]

    # Rows 1 and 2, rows 3 and 4 and that of nulls, and an item of row 7.
    assert found["site"] == 2
    assert found["user"] == 3
    assert found["tags"] == 1


def test_integers_may_come_in_quotes(client, rows):
    in_quotes = [row | {"user": str(row["user"])} for row in rows[:3]]

    found = ask(client, "/v1/predict", {"rows": in_quotes})

    wanted = ask(client, "/v1/predict", {"rows": rows[:3]})
    assert found["predictions"] == wanted["predictions"]


def test_rankers_are_listed(client, server):
    found = client.get("/v1/rankers").json()

    assert found["default"] == "clicks"
    assert {
        one["ranker"]: one["version"] for one in found["rankers"]
    } == server.versions
    assert [one["num_fields"] for one in found["rankers"]] == [7, 7]


def test_the_schema_shows_what_may_be_sent(client, log, ranker):
    found = client.get("/v1/schema").json()

    fields = {field["field"]: field for field in found["fields"]}
    assert list(fields) == list(ranker.schema.names)
    assert fields["site"]["num_values"] == 5
    assert set(fields["site"]["examples"]) == set(log["site"])
    # Beyond 2 ** 53: in quotes, so that a browser can send them back.
    assert set(fields["user"]["examples"]) <= {str(user) for user in log["user"]}
    assert found["example"]["user"] in set(map(str, log["user"]))
    told = ask(client, "/v1/predict", {"rows": [found["example"]]})
    assert told["unknown"] == {}


def test_keys_that_are_no_fields_are_ignored(client, rows):
    found = ask(client, "/v1/predict", {"rows": [rows[0] | {"query": {"a": 1}}]})

    wanted = ask(client, "/v1/predict", {"rows": rows[:1]})
    assert found["predictions"] == wanted["predictions"]


@pytest.mark.parametrize("settings", [{}, {"compat_level": pl.CompatLevel.oldest()}])
def test_arrow_in_and_out(client, ranker, log, settings):
    body = in_arrow(log.drop("rating"), **settings)

    answer = client.post("/v1/predict", content=body, headers={"Content-Type": ARROW})

    assert answer.headers["Content-Type"] == ARROW
    found = pl.read_ipc_stream(answer.content)
    wanted = ranker.predict(log)
    np.testing.assert_allclose(found["click"].to_numpy(), wanted, rtol=0, atol=1e-6)


def test_arrow_in_json_out(client, log, ranker):
    headers = {"Content-Type": ARROW, "Accept": "application/json"}

    answer = client.post("/v1/predict", content=in_arrow(log.head(3)), headers=headers)

    wanted = ranker.predict(log.head(3))
    found = answer.json()["predictions"]["click"]
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-6)


def test_several_labels(client, both_labels, rows):
    path = "/v1/rankers/two/predict"

    found = ask(client, path, {"rows": rows[:5]})

    wanted = both_labels.predict(rows[:5])
    assert found["ranker"] == "two"
    columns = [found["predictions"]["click"], found["predictions"]["rating"]]
    np.testing.assert_allclose(np.transpose(columns), wanted, rtol=0, atol=1e-5)


def test_every_answer_names_version_and_request(client, server, rows):
    found = ask(client, "/v1/predict", {"rows": rows[:1]}, **{"X-Request-Id": "mine"})

    assert found["version"] == server.versions["clicks"]
    assert found["request_id"] == "mine"


SHARED = [[], ["user"], ["user", "price", "tags", "text"], ["site", "hour"]]


@pytest.mark.parametrize("names", SHARED, ids=str)
def test_candidates_are_ordered_as_by_the_ranker(client, ranker, rows, names):
    context = {name: rows[0][name] for name in names}
    candidates = [
        {name: value for name, value in row.items() if name not in names}
        for row in rows[11:40]
    ]

    found = ask(
        client, "/v1/rank", {"context": context, "candidates": candidates, "top": 7}
    )

    wanted = ranker.predict([context | row for row in candidates])
    order = np.argsort(-wanted, kind="stable")[:7].tolist()
    assert [one["position"] for one in found["ranked"]] == order
    scores = [one["score"] for one in found["ranked"]]
    np.testing.assert_allclose(scores, wanted[order], rtol=0, atol=1e-6)
    assert found["num_candidates"] == 29


def test_equal_candidates_stay_in_their_order(client, rows):
    found = ask(client, "/v1/rank", {"context": rows[0], "candidates": [{}] * 9})

    assert [one["position"] for one in found["ranked"]] == list(range(9))
    assert len({one["score"] for one in found["ranked"]}) == 1


def test_ranked_candidates_are_explained(client, rows):
    body = {"candidates": rows[11:20], "top": 2, "explain": True}

    found = ask(client, "/v1/rank", body)

    for one in found["ranked"]:
        why = one["explanation"]
        added = sum(part["adds"] for part in why["contributions"])
        assert found["base"] + added == pytest.approx(why["logit"], abs=0.05)
        assert why["prediction"] == pytest.approx(one["score"], abs=1e-5)


def test_explanations_add_up(client, ranker, rows):
    found = ask(client, "/v1/explain", {"rows": rows[:4]})

    wanted = ranker.score(rows[:4]).logits
    for why, logit in zip(found["explanations"], wanted, strict=True):
        sizes = [abs(part["adds"]) for part in why["contributions"]]
        added = sum(part["adds"] for part in why["contributions"])
        assert why["logit"] == pytest.approx(logit, abs=1e-4)
        assert found["base"] + added == pytest.approx(logit, abs=0.05)
        assert sizes == sorted(sizes, reverse=True)
        names = {part["field"] for part in why["contributions"]}
        assert names == set(ranker.schema.names)


def test_a_label_is_chosen(client, rows):
    path = "/v1/rankers/two/explain"

    found = ask(client, path, {"rows": rows[:1], "label": "rating"})

    assert found["label"] == "rating"
    first = ask(client, path, {"rows": rows[:1]})
    assert first["label"] == "click"
    assert first["explanations"] != found["explanations"]
