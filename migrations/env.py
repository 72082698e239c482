"""How Alembic meets our database: with the connection that `app/db/migrate.py` hands over, or, from Alembic's own
command line, with one it opens to the owner's address."""

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.db import models
from app.db.migrate import connect_arguments
from app.settings import load_settings

target_metadata = models.Base.metadata


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        # Each migration commits by itself, so that one of them may build an index concurrently.
        transaction_per_migration=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def connect_and_migrate() -> None:
    engine = create_async_engine(load_settings().owner_dsn, poolclass=NullPool, connect_args=connect_arguments())
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


def show_sql() -> None:
    """`alembic upgrade head --sql`: what would be done, for a person to read."""
    context.configure(dialect_name="postgresql", target_metadata=target_metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    show_sql()
elif (handed_over := context.config.attributes.get("connection")) is not None:
    migrate(handed_over)
else:
    asyncio.run(connect_and_migrate())
