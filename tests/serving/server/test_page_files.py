"""The page: files of one folder, known when the server starts."""

from fieldwise.serving.server.page_files import page_answers


def test_the_index_is_at_the_root():
    found = page_answers()

    assert found["/"].content_type == "text/html; charset=utf-8"
    assert b"<html" in found["/"].body
    assert all(path == "/" or path.startswith("/page/") for path in found)


def test_nothing_of_another_origin_may_run(client):
    found = client.get("/")

    policy = found.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
