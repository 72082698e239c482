"""`kist staff`: making the people who work here."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from app.domain.access import SYSTEM, Role
from app.domain.errors import DomainError
from app.embedded import running_services
from app.services.access import create_staff
from app.services.passwords import Passwords
from app.settings import Settings, load_settings
from app.workers.context import open_context

program = typer.Typer(name="staff", no_args_is_help=True, help="Officers and administrators.")
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


@program.callback()
def staff() -> None:
    """Officers and administrators."""


@program.command()
def add(
    email: Annotated[str, typer.Argument(help="With which they sign in.")],
    name: Annotated[str, typer.Option(help="Their name.")],
    role: Annotated[Role, typer.Option(help="officer, or admin.")] = Role.OFFICER,
    # Asked for, so that it stands in no shell history.
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Make a member of staff."""
    with running_services(load_settings()) as settings:
        try:
            asyncio.run(_add(settings, email=email, name=name, role=role, password=password))
        except DomainError as error:
            errors.print(f"[red]kist:[/] {escape(error.message)}", soft_wrap=True)
            raise typer.Exit(code=1) from None
    console.print(f"[green]✓[/] {escape(email)} is {role.value}")


async def _add(settings: Settings, *, email: str, name: str, role: Role, password: str) -> None:
    passwords = Passwords(threads=1)
    try:
        async with open_context(settings) as context:
            await create_staff(
                context.desk, SYSTEM, passwords=passwords, email=email, name=name, role=role, password=password
            )
    finally:
        passwords.close()
