"""`kist seed`: what a new installation starts with. `kist up` does the same at every start."""

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
    """Add the products, scorecards and the first administrator, where they are missing."""
    with running_services(load_settings()) as settings:
        asyncio.run(check_given(settings))
        report, admin = seed_with(settings)
    console.print(f"products: {', '.join(report.products) or 'all there'}")
    console.print(f"scorecards: {', '.join(report.scorecards) or 'all there'}")
    console.print(f"administrator: {escape(admin.email)} {'created' if report.admin_created else 'is there'}")
    console.print(f"password: {admin.say_password()}", soft_wrap=True)


def seed_with(settings: Settings) -> tuple[SeedReport, Admin]:
    """Seed the database of these settings; without an administrator's password, with the one kept in KIST_HOME."""
    return asyncio.run(_seed(settings))


async def _seed(settings: Settings) -> tuple[SeedReport, Admin]:
    passwords = Passwords(threads=1)
    try:
        async with open_context(settings) as context:
            return await seed_everything(context.uow_factory, settings, passwords=passwords)
    finally:
        passwords.close()
