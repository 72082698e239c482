"""A real browser for tests: the application on a port of this machine, and pages that note whatever goes wrong.

The browser is Debian's Chromium, found on the machine, and it has no network: it knows the address of no other host.
Where there is none the tests that need it are skipped, and say so.
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
from playwright.async_api import Browser, Page, Request, async_playwright

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
class Seen:
    """What the browser met with: errors of every kind, requests that do not go to us, and all requests."""

    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The application on a port of this machine: its address."""
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


def watch(page: Page, seen: Seen, *, address: str) -> None:
    """Notes every error of a script, every request and every refusal, and which requests do not go to us."""

    def note_request(asked: Request) -> None:
        seen.asked.append(asked.url)
        if not asked.url.startswith((f"{address}/", "data:", f"blob:{address}/")):
            seen.strangers.append(asked.url)

    def note_failure(asked: Request) -> None:
        # What the browser gives up by itself, because the test goes on to the next page, is nobody's failure.
        if asked.failure != "net::ERR_ABORTED":
            seen.errors.append(f"failed: {asked.url}: {asked.failure}")

    page.on("console", lambda said: seen.errors.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("request", note_request)
    page.on("requestfailed", note_failure)
    page.on(
        "response", lambda answer: seen.errors.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
    )
