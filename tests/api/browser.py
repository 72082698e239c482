"""A real browser for tests: the application on a port of this machine, and pages that record every error.

The browser is the machine's Chromium. It has no network: it resolves the name of no other host. Without Chromium the
tests that need it are skipped with a reason.
"""

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, ConsoleMessage, Page, Request, Response, async_playwright

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip
NEEDS_BROWSER = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]


@dataclass(slots=True)
class BrowserLog:
    """What the browser recorded: errors of every kind, requests to other servers, and all requests."""

    errors: list[str] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """Serves the application on a port of this machine. Yields its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await running


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


def watch(page: Page, browser_log: BrowserLog, *, address: str) -> None:
    """Records every script error, every request, every error status, and the requests to other servers."""

    def note_request(request: Request) -> None:
        browser_log.requests.append(request.url)
        if not request.url.startswith((f"{address}/", "data:", f"blob:{address}/")):
            browser_log.foreign_requests.append(request.url)

    def note_failure(request: Request) -> None:
        # The browser aborts requests when the test opens the next page: that is no error.
        if request.failure != "net::ERR_ABORTED":
            browser_log.errors.append(f"failed: {request.url}: {request.failure}")

    def note_status(answer: Response) -> None:
        if answer.status >= 400:
            browser_log.errors.append(f"{answer.status} {answer.url}")

    def note_message(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            browser_log.errors.append(message.text)

    page.on("console", note_message)
    page.on("pageerror", lambda error: browser_log.errors.append(str(error)))
    page.on("request", note_request)
    page.on("requestfailed", note_failure)
    page.on("response", note_status)
