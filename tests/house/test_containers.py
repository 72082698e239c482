"""The container files, checked without a container engine: the files, commands and settings that they name exist."""

import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import typer
import yaml

from app import cli
from app.settings import Settings, variable_names
from app.workers.settings import COMPLETION_SECONDS
from tests.house.source import ROOT
from tests.house.test_documented import commands

COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
#: Settings that compose does not set: the image sets them, or a container has one process only.
OWN = {"KIST_HOME", "KIST_HOST", "KIST_PORT", "KIST_API_PROCESSES", "KIST_WORKER_PROCESSES"}
#: The passwords of the database and of Valkey. They are no settings of the program.
SERVERS = {"KIST_APP_DB_PASSWORD", "KIST_OWNER_DB_PASSWORD", "KIST_VALKEY_PASSWORD"}


def test_every_setting_is_handed_on_and_no_other() -> None:
    settings = {name for field in Settings.model_fields for name in variable_names(field)} - {"PORT"}
    named = set(re.findall(r"KIST_[A-Z_]+", COMPOSE))
    assert named - settings == SERVERS
    ours = {variable_names(field)[0] for field in Settings.model_fields}
    assert ours - named == OWN


def test_every_service_runs_a_command_of_ours() -> None:
    known = {name.removeprefix(" ") for name in commands(typer.main.get_command(cli.program), prefix="")}
    started = set(re.findall(r'^    command: \["([a-z]+)"\]$', COMPOSE, re.MULTILINE))
    assert started == {"metrics", "migrate", "seed", "serve", "worker"}
    assert started <= known


def test_what_the_image_copies_is_there() -> None:
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    copied = [name for line in lines for name in line.split()]
    assert copied == ["requirements.lock", "pyproject.toml", "alembic.ini", "migrations", "app"]
    assert all((ROOT / name).exists() for name in copied)


def services() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE)["services"])


def seconds(duration: str) -> int:
    assert re.fullmatch(r"[0-9]+s", duration), duration
    return int(duration[:-1])


def test_one_service_builds_the_image_and_the_others_wait_for_it() -> None:
    ours = {name: service for name, service in services().items() if service["image"] == "kist"}
    assert [name for name, service in ours.items() if "build" in service] == ["migrate"]
    assert {name: service["pull_policy"] for name, service in ours.items() if name != "migrate"} == dict.fromkeys(
        ["seed", "api", "worker", "metrics"], "never"
    )
    for name in ours:
        waited_for: set[str] = set()
        wanted = [name]
        while wanted:
            new = set(services()[wanted.pop()].get("depends_on", {})) - waited_for
            waited_for |= new
            wanted += new
        assert name == "migrate" or "migrate" in waited_for


def test_every_service_gets_its_grace_period() -> None:
    grace = {
        name: seconds(service["stop_grace_period"])
        for name, service in services().items()
        if "stop_grace_period" in service
    }
    # Closing down after the last request or job takes some seconds more.
    assert grace["api"] >= cli.GRACE_SECONDS + 10
    assert grace["worker"] >= 2 * COMPLETION_SECONDS + 10
    assert grace["postgres"] >= 60


def test_health_is_asked_without_starting_the_program() -> None:
    asked = {
        name: " ".join(service["healthcheck"]["test"])
        for name, service in services().items()
        if "healthcheck" in service
    }
    assert asked.keys() == {"postgres", "valkey", "api", "worker"}
    assert [name for name, test in asked.items() if re.search(r"python|arq|kist \w+|app\.", test)] == []
    assert services()["worker"]["environment"]["KIST_WORKER_HEARTBEAT"] in asked["worker"]


def test_the_workers_check_looks_at_the_age_of_its_heartbeat(tmp_path: Path) -> None:
    beat = tmp_path / "worker.alive"
    asked = services()["worker"]
    command = asked["healthcheck"]["test"][1].replace(asked["environment"]["KIST_WORKER_HEARTBEAT"], str(beat))

    def is_healthy() -> bool:
        return subprocess.run(["sh", "-c", command], stderr=subprocess.DEVNULL).returncode == 0

    assert not is_healthy()
    beat.touch()
    assert is_healthy()
    os.utime(beat, (time.time() - 31,) * 2)
    assert not is_healthy()


def test_the_image_has_the_program_and_its_bytecode() -> None:
    assert "compileall -q app migrations" in DOCKERFILE
    assert 'ENTRYPOINT ["kist"]' in DOCKERFILE
    made = re.search(r"printf '(.*)' > /opt/kist/bin/kist", DOCKERFILE)
    assert made is not None
    assert made[1].replace("\\n", "\n") == '#!/bin/sh\nexec /opt/kist/bin/python -m app.cli "$@"\n'


def test_the_compose_version_is_documented() -> None:
    for name in ("docker-compose.yml", "README.md", "docs/operations.md"):
        assert "2.23.1" in (ROOT / name).read_text(), name
