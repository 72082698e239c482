"""The dashboard and the alerts use metrics that exist, and together they use all of them."""

import json
import re

import yaml

from app.commands.reference.metrics import names
from tests.house.source import ROOT

FOLDER = ROOT / "docs" / "monitoring"
NAME = re.compile(r"\bkist_[a-z_]+")
ENDINGS = ("_bucket", "_sum", "_count")


def plain(name: str) -> str:
    """A metric without the endings of a histogram."""
    return next((name.removesuffix(end) for end in ENDINGS if name.endswith(end)), name)


def used(expressions: list[str]) -> set[str]:
    return {plain(name) for expression in expressions for name in NAME.findall(expression)}


def of_dashboard() -> list[str]:
    dashboard = json.loads((FOLDER / "dashboard.json").read_text())
    return [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]


def of_alerts() -> list[dict[str, object]]:
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    found: list[dict[str, object]] = group["rules"]
    return found


def test_every_metric_is_shown_and_nothing_else() -> None:
    assert used(of_dashboard()) == set(names())


def test_alerts_are_about_metrics_that_exist_and_say_what_to_do() -> None:
    rules = of_alerts()
    assert used([str(rule["expr"]) for rule in rules]) <= set(names())
    for rule in rules:
        annotations = rule["annotations"]
        assert isinstance(annotations, dict)
        assert annotations["summary"]
        assert annotations["description"]
    assert len({str(rule["alert"]) for rule in rules}) == len(rules)
