"""Statements of card accounts: list them, and read one as JSON or as a PDF."""

from typing import Annotated

from fastapi import Path, Query, Response

from app.api.deps import READERS, KistRouter, UnitOfWorkDep
from app.api.documents import Accepted, AnswerForm, FormAsked, GeneratedFile, choose_form, documented_forms
from app.api.schemas import Between, CursorText, Page, Whole
from app.api.v1.cards.account_schemas import AccountPath
from app.api.v1.cards.statement_schemas import (
    CardStatementAnswer,
    CardStatementLine,
    present_statement,
    statement_line,
)
from app.documents.card_statement import card_statement_pdf
from app.documents.words import Language
from app.domain.cursors import read_number
from app.services.cards import documents, views

router = KistRouter(prefix="/card-accounts", tags=["Card accounts"])

Size = Annotated[Whole, Between(1, 200), Query(description="How many rows a page has")]
#: The largest number of an account's statement.
LAST = 2**31 - 1


@router.get("/{account_id}/statements", dependencies=[READERS], summary="List the statements of a card account")
async def list_card_statements(
    account_id: AccountPath, uow: UnitOfWorkDep, cursor: CursorText = None, limit: Size = 50
) -> Page[CardStatementLine]:
    """Gives the statements, the newest first. A statement is issued when its day is over."""
    found = await views.list_statements(
        uow, account_id, before=min(read_number(cursor, default=LAST), LAST), limit=limit + 1
    )
    more = found[limit - 1]["number"] if len(found) > limit else None
    return Page[CardStatementLine](
        items=[CardStatementLine(**statement_line(row)) for row in found[:limit]],
        next_cursor=None if more is None else str(more),
    )


@router.get(
    "/{account_id}/statements/{number}",
    dependencies=[READERS],
    summary="Read a statement of a card account",
    response_model=CardStatementAnswer,
    responses=documented_forms(AnswerForm.PDF),
)
async def get_card_statement(
    account_id: AccountPath,
    number: Annotated[Whole, Between(1, 2**31 - 1), Path()],
    uow: UnitOfWorkDep,
    language: Annotated[Language, Query(description="The language of the PDF")] = Language.ENGLISH,
    form: FormAsked = None,
    accept: Accepted = None,
) -> CardStatementAnswer | Response:
    """Gives the statement as it was issued: every posting, the parts of the minimum due, and the days, balances and
    rates that each figure of interest came from. The answer is JSON or a PDF: choose it in `Accept`, or with
    `format`."""
    if choose_form(accept, asked=form, offered=(AnswerForm.JSON, AnswerForm.PDF)) is AnswerForm.PDF:
        facts = await documents.get_statement_facts(uow, account_id, number, language=language)
        name = f"statement-{facts.account_id}-{number}"
        return GeneratedFile(lambda: card_statement_pdf(facts), form=AnswerForm.PDF, name=name)
    view = await views.get_statement(uow, account_id, number)
    return present_statement(view.account_public_id, view.statement, view.postings)
