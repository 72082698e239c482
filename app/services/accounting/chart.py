"""The chart of accounts as a use case: read it, and change codes and names."""

from collections.abc import Sequence

from app.db.repositories.accounting import chart as repository
from app.domain.accounting.chart import BUILT_IN, Chart, ChartChange, change_chart
from app.services.unit_of_work import UnitOfWork


async def read_chart(uow: UnitOfWork) -> Chart:
    """The chart in force, in order of its codes."""
    return change_chart(BUILT_IN, (await repository.find_chart(uow.session)).changes)


async def change_codes(uow: UnitOfWork, changes: Sequence[ChartChange]) -> Chart:
    """Writes a new version of the chart with these changes. Exports of earlier days use it too.

    Raises AccountUnknown, ChartEntryInvalid, CodeInUse.
    """
    stored = await repository.find_chart(uow.session)
    chart = change_chart(change_chart(BUILT_IN, stored.changes), changes)
    entries = [entry for key, entry in chart.items() if entry != BUILT_IN[key]]
    number = stored.number + 1
    await repository.add_chart(uow.session, number=number, entries=entries, actor=uow.actor.label, now=uow.now)
    details = {"changes": [[key.book.value, key.account, code, name] for key, code, name in changes]}
    await uow.record("chart_changed", object_kind="chart", object_id=str(number), details=details)
    return chart
