"""The web application: `create_app()` puts the parts of a process together.

Importing this module has no effects. `create_app()` adds the middleware and the routes. The lifespan opens what must be
closed later (the connection pool, the job queue, the password threads) and stores a `UnitOfWorkFactory` in `app.state`,
where `app/api/deps.py` finds it.
"""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import measures, tracing
from app.api import admin, dialects, health, home, reference, v1
from app.api.bounds import Bounds
from app.api.direct_routes import DirectRoutes
from app.api.edge import Edge
from app.api.errors import install_errors
from app.api.failures import ErrorBoundary
from app.api.limits import CallLimits, Counters, SignInAttempts
from app.api.openapi import install_openapi
from app.api.openapi_schemas import operation_id
from app.api.request_log import collect_patterns
from app.api.traces import Traces
from app.db.session import Engine, create_engine, create_session_factory
from app.observability import configure_logging
from app.services.cards.groups import AuthorisationGroups
from app.services.credit.groups import ApplicationGroups
from app.services.operations import startup
from app.services.operations.health import CountCache
from app.services.payments.group_commit import PaymentGroups
from app.services.people.attempts import Attempts, UnlimitedAttempts
from app.services.people.password_proof import Keyring
from app.services.people.passwords import Passwords
from app.services.people.tokens import make_access_tokens
from app.services.unit_of_work import JobQueue, UnitOfWorkFactory
from app.settings import Settings, load_settings
from app.workers.job_queue import ArqJobQueue, answers_without_password

LARGEST_BODY = 256 * 1024
LARGEST_UPLOAD = 64 * 1024 * 1024
UPLOAD_SECONDS = 600.0
UPLOADS = "/api/v1/imports"


def create_app(
    settings: Settings | None = None, *, job_queue: JobQueue | None = None, clock: Callable[[], datetime] | None = None
) -> FastAPI:
    """The application of one process. Without `settings` it loads them from the environment.

    `job_queue` replaces the queue on Valkey, and `clock` replaces the system's time. Tests use both.
    """
    settings = settings or load_settings()
    configure_logging(settings.log_level)
    app = FastAPI(
        title="Kist",
        version="1.0",
        lifespan=_lifespan(settings, job_queue=job_queue, clock=clock),
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        docs_url=None,
        redoc_url=None,
        # Ours are in `tracing.py` and `measures.py`. FastAPI's would look for a collector at every request, and its
        # traces would hold the texts of errors.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        middleware=[Middleware(ErrorBoundary)],
    )
    install_errors(app, presenters=dialects.PRESENTERS)
    # Routes are matched in this order. The health probes are called most often, so they come first.
    app.include_router(health.router)
    for router in v1.routers(is_production=settings.is_production):
        app.include_router(router, prefix="/api/v1")
    for router in dialects.routers():
        app.include_router(router)
    app.include_router(home.router)
    app.include_router(reference.router)
    app.include_router(admin.router)
    admin.install_admin(app, secret=settings.jwt_secret.get_secret_value(), secure=settings.is_production)
    install_openapi(app, forms=dialects.ERROR_FORMS)
    app.state.route_patterns = collect_patterns(app.routes)
    app.middleware_stack = _surround(app, settings)
    return app


def _surround(app: FastAPI, settings: Settings) -> ASGIApp:
    """The application with everything that is around it: what is first here is nearest to the routes."""
    app.state.direct_routes = DirectRoutes(app.build_middleware_stack(), app.routes)
    found: ASGIApp = Edge(
        app.state.direct_routes,
        patterns=app.state.route_patterns,
        seconds=Bounds(float(settings.request_timeout_seconds), {UPLOADS: UPLOAD_SECONDS}),
        most_bytes=Bounds(LARGEST_BODY, {UPLOADS: LARGEST_UPLOAD}),
    )
    if tracing.is_tracing():
        found = Traces(found)
    proxies = [part.strip() for part in settings.trusted_proxies.split(",") if part.strip()]
    # uvicorn and Starlette describe the same kind of application with types of their own.
    return cast("ASGIApp", ProxyHeadersMiddleware(cast("Any", found), trusted_hosts=proxies)) if proxies else found


def create_served_app() -> FastAPI:
    """The application of a process that only serves it.

    The garbage collector ignores everything loaded so far (modules, routes, schemas). Otherwise it would walk through
    half a million permanent objects every few seconds, and all requests would wait a tenth of a second.
    """
    settings = load_settings()
    if settings.metrics_port is not None:
        measures.start_measuring(settings.metrics_folder)
    if settings.traces_endpoint is not None:
        processor = tracing.sending_to(settings.traces_endpoint)
        tracing.start_tracing(service="kist-api", processor=processor, share=settings.traces_share)
    app = create_app(settings)
    gc.collect()
    gc.freeze()
    return app


def _make_engine(settings: Settings) -> Engine:
    return create_engine(
        settings.app_dsn,
        pool_size=settings.database_pool_size,
        pool_timeout_seconds=settings.database_pool_timeout_seconds,
        lock_timeout_ms=settings.lock_timeout_ms,
        statement_timeout_ms=settings.statement_timeout_ms,
        idle_in_transaction_timeout_ms=settings.idle_in_transaction_timeout_ms,
    )


@asynccontextmanager
async def _groups(app: FastAPI, uow_factory: UnitOfWorkFactory) -> AsyncIterator[None]:
    """What gathers requests that arrive together."""
    async with (
        PaymentGroups(uow_factory) as app.state.payment_groups,
        AuthorisationGroups(uow_factory) as app.state.authorisation_groups,
        ApplicationGroups(uow_factory) as app.state.application_groups,
    ):
        yield


def _lifespan(
    settings: Settings, *, job_queue: JobQueue | None, clock: Callable[[], datetime] | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = _make_engine(settings)
        queue = ArqJobQueue(settings.redis_dsn) if job_queue is None else None
        counters = Counters(settings.redis_dsn)
        keyring = make_keyring(settings, attempts=SignInAttempts(counters, settings=settings))
        app.state.call_limits = CallLimits(counters, tokens=keyring.tokens, settings=settings)
        app.state.settings, app.state.keyring, app.state.counts = settings, keyring, CountCache()
        try:
            if queue is not None:
                await queue.connect()
            jobs = job_queue or queue
            assert jobs is not None, "without a given job queue, ArqJobQueue is made above"
            uow_factory = UnitOfWorkFactory(
                sessions=create_session_factory(engine),
                job_queue=jobs,
                clock=clock or (lambda: datetime.now(UTC)),
                lender=settings.lender_kind,
                gst_state=settings.gst_state,
            )
            queue_is_open = partial(answers_without_password, settings.redis_dsn)
            await startup.check_start(uow_factory, settings, queue_is_open=queue_is_open)
            app.state.uow_factory = uow_factory
            async with _groups(app, uow_factory):
                yield
        finally:
            keyring.passwords.close()
            if queue is not None:
                await queue.close()
            await counters.close()
            await engine.dispose()
            measures.stop_measuring()
            tracing.stop_tracing()

    return lifespan


def make_keyring(settings: Settings, *, attempts: Attempts | None = None) -> Keyring:
    """The tokens, password hasher and sign-in limits that these settings ask for."""
    return Keyring(
        tokens=make_access_tokens(settings),
        passwords=Passwords(),
        refresh_lifetime=timedelta(days=settings.refresh_token_days),
        attempts=attempts or UnlimitedAttempts(),
    )
