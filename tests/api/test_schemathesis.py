"""A fuzzer calls every operation of the OpenAPI document: no 5xx, no undocumented status, no undocumented answer.

Every operation is called over a real socket, with requests that fit its schema and with requests that do not, by an
admin and by a customer with a loan. The number of examples is small so that the suite stays fast.
`KIST_FUZZ_EXAMPLES=200` tests more.
"""

import asyncio
import itertools
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.db.repositories.products.products import add_product, add_scorecard
from app.domain.credit.scoring import SEEDED_SCORECARDS
from app.domain.people.access import SYSTEM, Role
from app.domain.products.seeded import SEEDED_PRODUCTS
from app.embedded import Addresses
from app.main import create_app
from app.services.operations.seeding import OFFERED_FROM
from app.services.people.access import create_user_account, issue_tokens
from app.services.unit_of_work import UnitOfWorkFactory
from app.settings import Settings
from tests.api.conftest import SilentJobQueue
from tests.databases import make_settings
from tests.patience import PATIENCE_SECONDS
from tests.services.lending_desk import LendingHelper

EXAMPLES: Final = int(os.environ.get("KIST_FUZZ_EXAMPLES", "3"))
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
#: Streams are left out: they answer until their run or import is over, or for ever.
STREAMS: Final = ("}/events", "/events/stream")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedApp:
    """The application on a port, with its own event loop."""

    app: FastAPI
    url: str
    loop: asyncio.AbstractEventLoop

    def run(self, uow: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(uow, self.loop).result(timeout=PATIENCE_SECONDS)


def operations() -> list[Any]:
    nowhere = Addresses(database_url="postgresql://nobody@/nothing", redis_url="redis://nowhere")
    document = create_app(make_settings(nowhere, home=Path("nowhere"))).openapi()
    found = []
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(result, Ok), "every operation can be read"
        found.append(result.ok())
    return [each for each in found if not each.path.endswith(STREAMS)]


@pytest.fixture(scope="module")
def served(settings: Settings) -> Iterator[ServedApp]:
    app = create_app(settings, job_queue=SilentJobQueue())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False, proxy_headers=False))
    loops: list[asyncio.AbstractEventLoop] = []

    def run() -> None:
        with asyncio.Runner() as runner:
            loops.append(runner.get_loop())
            runner.run(server.serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield ServedApp(app=app, url=f"http://127.0.0.1:{port}", loop=loops[0])
    server.should_exit = True
    thread.join(timeout=PATIENCE_SECONDS)


async def make_lender(app: FastAPI) -> dict[str, str]:
    """Makes a lender with one customer and one loan. Returns the tokens of an admin and of that customer."""
    uow_factory: UnitOfWorkFactory = app.state.uow_factory
    async with uow_factory.open(SYSTEM) as uow:
        for product in SEEDED_PRODUCTS:
            await add_product(uow.session, product, offered_from=OFFERED_FROM, now=uow.now, actor="system")
        for card in SEEDED_SCORECARDS:
            await add_scorecard(uow.session, card, now=uow.now, actor="system")
    lending = LendingHelper(uow_factory)
    lending.customers = itertools.count(1)
    standard = next(product for product in SEEDED_PRODUCTS if product.code == "STANDARD_LOAN")
    loan = await lending.disburse(standard, amount=50_000, rate="12", instalments=12)
    await lending.pay(loan, amount=100_00, reference="PAY-1")
    tokens = {}
    async with uow_factory.open(SYSTEM) as uow:
        for role, customer_id in ((Role.ADMIN, None), (Role.CUSTOMER, 1)):
            actor = await create_user_account(uow, role=role, name="Somebody", customer_id=customer_id)
            assert actor.user_account_id is not None
            signed_in = await issue_tokens(uow, app.state.keyring, user_account_id=actor.user_account_id)
            tokens[role.value] = signed_in.access_token
    return tokens


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.label)
def test_every_answer_fits_the_document(served: ServedApp, clean_database: None, operation: Any) -> None:
    tokens = served.run(make_lender(served.app))
    for role, token in tokens.items():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            fuzz(operation, mode=mode, url=served.url, token=token, role=role)


def fuzz(operation: Any, *, mode: GenerationMode, url: str, token: str, role: str) -> None:
    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def call(case: Any) -> None:
        response = case.call(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS)
        case.validate_response(response, checks=CHECKS)

    # An operation without parameters has no wrong request.
    with suppress(Unsatisfiable):
        call()
