"""`kist staff`: making the people who work here."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from app.commands.administrator import admin_file, keeps_login_of
from app.domain.errors import DomainError
from app.domain.people.access import SYSTEM, Role, Scope
from app.embedded import running_services
from app.services.people.credentials import set_password
from app.services.people.passwords import Passwords
from app.services.people.service_tokens import NewService, create_service, revoke_service
from app.services.people.staff import create_staff
from app.services.people.tokens import make_access_tokens
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


@program.command()
def password(
    email: Annotated[str, typer.Argument(help="With which they sign in.")],
    # Asked for, so that it stands in no shell history.
    new: Annotated[
        str, typer.Option("--password", prompt="New password", hide_input=True, confirmation_prompt=True)
    ] = "",
) -> None:
    """Set somebody's password without the old one; they are signed out everywhere."""
    with running_services(load_settings()) as settings:
        try:
            removed = asyncio.run(_set_password(settings, email=email, password=new))
        except DomainError as error:
            errors.print(f"[red]kist:[/] {escape(error.message)}", soft_wrap=True)
            raise typer.Exit(code=1) from None
    console.print(f"[green]✓[/] {escape(email)} has a new password")
    if removed:
        console.print(f"{escape(str(admin_file(settings)))} held the old one, and was removed", soft_wrap=True)


@program.command()
def service(
    name: Annotated[str, typer.Argument(help="What the service is called.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; several times for several.")],
    days: Annotated[int, typer.Option(min=1, max=365, help="For how long.")] = 90,
) -> None:
    """Make a token for a program. It is printed once and kept nowhere."""
    with running_services(load_settings()) as settings:
        made = asyncio.run(_make_service(settings, name=name, scopes=frozenset(scope), lifetime=timedelta(days=days)))
    errors.print(f"[green]✓[/] service {made.service.id}, {escape(name)}, for {days} days; its token:")
    console.print(made.token, soft_wrap=True)


@program.command()
def revoke(service_id: Annotated[int, typer.Argument(help="The number of the service.")]) -> None:
    """End a service's token at once."""
    with running_services(load_settings()) as settings:
        try:
            asyncio.run(_revoke(settings, service_id))
        except DomainError as error:
            errors.print(f"[red]kist:[/] {escape(error.message)}", soft_wrap=True)
            raise typer.Exit(code=1) from None
    console.print(f"[green]✓[/] service {service_id} is out")


async def _make_service(settings: Settings, *, name: str, scopes: frozenset[Scope], lifetime: timedelta) -> NewService:
    tokens = make_access_tokens(settings)
    async with open_context(settings) as context, context.uow_factory.open(SYSTEM) as uow:
        return await create_service(uow, tokens, name=name, scopes=frozenset(scopes), lifetime=lifetime)


async def _revoke(settings: Settings, service_id: int) -> None:
    async with open_context(settings) as context, context.uow_factory.open(SYSTEM) as uow:
        await revoke_service(uow, service_id)


async def _set_password(settings: Settings, *, email: str, password: str) -> bool:
    """Whether the file of the first administrator held the old one; then it is gone."""
    passwords = Passwords(threads=1)
    try:
        async with open_context(settings) as context:
            held = await keeps_login_of(context.uow_factory, settings, email, passwords=passwords)
            await set_password(context.uow_factory, SYSTEM, passwords=passwords, email=email, password=password)
    finally:
        passwords.close()
    if held:
        admin_file(settings).unlink(missing_ok=True)
    return held


async def _add(settings: Settings, *, email: str, name: str, role: Role, password: str) -> None:
    passwords = Passwords(threads=1)
    try:
        async with open_context(settings) as context:
            await create_staff(
                context.uow_factory, SYSTEM, passwords=passwords, email=email, name=name, role=role, password=password
            )
    finally:
        passwords.close()
