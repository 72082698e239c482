"""The container files, as far as they can be checked without an engine: what they name is there."""

import re

import typer

from app import cli
from app.settings import Settings, variable_names
from tests.house.source import ROOT
from tests.house.test_documented import commands

COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
#: Of the image itself, or of one process a container.
OWN = {"KIST_HOME", "KIST_HOST", "KIST_PORT", "KIST_API_PROCESSES", "KIST_WORKER_PROCESSES"}
#: Not settings of the program: the passwords of the servers beside it.
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
    assert started == {"migrate", "seed", "serve", "worker"}
    assert started <= known


def test_what_the_image_copies_is_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
    assert copied == ["requirements.lock", "alembic.ini", "migrations", "app"]
    assert all((ROOT / name).exists() for name in copied)
