"""The chart of accounts: every account of the ledgers with the lender's own code and name."""

from typing import Annotated

from pydantic import Field, StringConstraints

from app.api.deps import ADMINS, OFFICERS, KistRouter, ReadingDep, UnitOfWorkDep
from app.api.schemas import Answer, Body, Line, example
from app.domain.accounting.chart import Book, Chart, ChartChange, LedgerAccount, Nature
from app.services.accounting import chart

router = KistRouter(prefix="/accounting/chart", tags=["Accounting"])

AccountName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
AccountCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9./-]{0,19}$")]


class ChartEntryBody(Body):
    """A code and a name for an account."""

    book: Book
    account: AccountName = Field(description="The name of the account in its ledger, as the chart lists it")
    code: AccountCode
    name: Line = Field(description="At most 80 characters; it begins with a letter or digit")


class ChartBody(Body):
    """Codes and names, which are checked together: accounts that share a code also share its name."""

    model_config = example(
        {
            "accounts": [
                {"book": "loans", "account": "cash", "code": "BNK-01", "name": "HDFC Current A/c 4471"},
                {"book": "cards", "account": "cash", "code": "BNK-01", "name": "HDFC Current A/c 4471"},
            ]
        }
    )

    accounts: list[ChartEntryBody] = Field(min_length=1, max_length=100)


class ChartEntryAnswer(Answer):
    """An account of a ledger."""

    book: Book
    account: str
    nature: Nature
    code: str
    name: str


def _present(found: Chart) -> list[ChartEntryAnswer]:
    return [
        ChartEntryAnswer(
            book=entry.key.book, account=entry.key.account, nature=entry.nature, code=entry.code, name=entry.name
        )
        for entry in found.values()
    ]


@router.get("", dependencies=[OFFICERS], summary="Read the chart of accounts")
async def get_chart(uow: ReadingDep) -> list[ChartEntryAnswer]:
    """Lists every account of the ledgers of loans and cards, in order of the codes."""
    return _present(await chart.read_chart(uow))


@router.patch("", dependencies=[ADMINS], summary="Change codes and names of accounts")
async def change_chart(body: ChartBody, uow: UnitOfWorkDep) -> list[ChartEntryAnswer]:
    """Gives accounts the lender's codes and names, and answers the whole chart. Reports and exports of any day use it
    from now on; no booking changes."""
    changes = [ChartChange(LedgerAccount(each.book, each.account), each.code, each.name) for each in body.accounts]
    return _present(await chart.change_codes(uow, changes))
