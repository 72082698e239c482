"""`kist seed`: adds the data that every installation needs. `kist up` does the same at every start."""

import asyncio

from rich.console import Console
from rich.markup import escape

from app.commands.administrator import seed_everything
from app.embedded import running_services
from app.services.operations.seeding import SeedReport
from app.services.operations.startup import check_given
from app.services.people.passwords import Passwords
from app.settings import Settings, load_settings
from app.up import Admin
from app.workers.context import open_context

console = Console(highlight=False)


def seed() -> None:
    """Add the products, scorecards and the first administrator that are missing; in development also samples."""
    with running_services(load_settings()) as settings:
        asyncio.run(check_given(settings))
        report, admin = seed_with(settings)
    console.print(f"products: {', '.join(report.products) or 'none added'}")
    console.print(f"scorecards: {', '.join(report.scorecards) or 'none added'}")
    if report.sample_lender_added:
        console.print("lender: a sample was added, so that papers are whole; put your own in its place")
    console.print(f"administrator: {escape(admin.email)} {'created' if report.admin_created else 'exists'}")
    console.print(f"password: {admin.password_text()}", soft_wrap=True)


def seed_with(settings: Settings) -> tuple[SeedReport, Admin]:
    """Seed the database of these settings, and return what was added and what to show of the administrator's login."""
    return asyncio.run(_seed(settings))


async def _seed(settings: Settings) -> tuple[SeedReport, Admin]:
    passwords = Passwords(threads=1)
    try:
        async with open_context(settings) as context:
            return await seed_everything(context.uow_factory, settings, passwords=passwords)
    finally:
        passwords.close()
