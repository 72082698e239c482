"""`kist seed`: what a new installation starts with. `kist up` does the same at every start."""

import asyncio

from rich.console import Console
from rich.markup import escape

from app.embedded import running_services
from app.services import seeding
from app.services.passwords import Passwords
from app.services.seeding import SeedReport
from app.settings import Settings, load_settings
from app.up import find_admin
from app.workers.context import open_context

console = Console(highlight=False)


def seed() -> None:
    """Add the products, scorecards and the first administrator, where they are missing."""
    with running_services(load_settings()) as settings:
        admin = find_admin(settings)
        report = seed_with(settings)
    console.print(f"products: {', '.join(report.products) or 'all there'}")
    console.print(f"scorecards: {', '.join(report.scorecards) or 'all there'}")
    console.print(f"administrator: {escape(admin.email)} {'created' if report.admin_created else 'is there'}")
    if admin.shown:
        console.print(f"password: {admin.password}  (shown this once, kept in {escape(str(admin.kept_in))})")


def seed_with(settings: Settings) -> SeedReport:
    """Seed the database of these settings; without an administrator's password, with the one kept in KIST_HOME."""
    return asyncio.run(_seed(settings))


async def _seed(settings: Settings) -> SeedReport:
    admin = find_admin(settings)
    passwords = Passwords(threads=1)
    try:
        async with open_context(settings) as context:
            return await seeding.seed(
                context.desk, passwords=passwords, admin_email=admin.email, admin_password=admin.password
            )
    finally:
        passwords.close()
