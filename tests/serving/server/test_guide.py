"""The guide says of statuses, limits and metrics what the server does."""

import inspect
import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fieldwise.cli.serve import serve
from fieldwise.serving.server.openapi_answers import STATUSES

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")


def test_every_status_is_told():
    told = {
        int(status) for status in re.findall(r"^\| (\d{3}) \|", GUIDE, re.MULTILINE)
    }

    # 431 comes before there is a request that an operation could answer.
    assert told == {*STATUSES, 431}


def test_limits_are_those_of_the_command():
    rows = re.findall(r"^\| `--([a-z-]+)` \| ([\d,]+)", GUIDE, re.MULTILINE)
    defaults = {
        name.replace("_", "-"): parameter.default
        for name, parameter in inspect.signature(serve).parameters.items()
    }

    assert len(rows) == 9
    for name, told in rows:
        assert int(told.replace(",", "")) == defaults[name], name


def test_every_metric_is_told(client, rows):
    client.post("/v1/predict", json={"rows": rows})
    text = client.get("/metrics").text
    names = {family.name for family in text_string_to_metric_families(text)}

    assert len(names) > 10
    for name in names:
        assert (
            f"`{name}`" in GUIDE
            or f"`{name}_total`" in GUIDE
            or (f"`{name}_total{{" in GUIDE)
        ), name


def test_the_example_of_kubernetes_is_yaml():
    yaml = pytest.importorskip("yaml", reason="PyYAML comes with the docs' tools")
    [text] = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)

    deployment, service = yaml.safe_load_all(text)

    [container] = deployment["spec"]["template"]["spec"]["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    patience = deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert patience > 10 + 30  # --drain of the example, and --timeout
    assert service["spec"]["selector"] == {"app": "clicks"}
