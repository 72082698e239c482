"""Changes of a card account: plans, disputes, limits, blocks, the statement day, terms, and its end."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Query, Response
from pydantic import Field

from app.api.deps import CUSTOMERS, OFFICERS, READERS, KistRouter, OnceDep, UnitOfWorkDep
from app.api.schemas import (
    Answer,
    Between,
    Body,
    Line,
    RatePercent,
    Rupees,
    Whole,
    example,
)
from app.api.v1.cards.account_bodies import StatementDay
from app.api.v1.cards.account_schemas import AccountPath, CardAccountAnswer, NumberPath, present_account
from app.services.cards import changes
from app.services.cards.accounts import Working
from app.services.cards.views import view_of

router = KistRouter(prefix="/card-accounts", tags=["Card accounts"])

Number = Annotated[Whole, Between(1, 2**31 - 1)]


def _present(working: Working) -> CardAccountAnswer:
    return present_account(view_of(working))


class ConversionBody(Body):
    """A purchase that is to be paid in instalments."""

    model_config = example({"purchase": 2, "instalments": 3})

    purchase: Number = Field(description="The number of the purchase's posting")
    instalments: Annotated[Whole, Between(1, 60)]
    annual_rate: RatePercent | None = Field(default=None, description="For staff; null: the product's")


@router.post(
    "/{account_id}/conversions",
    status_code=201,
    response_model=CardAccountAnswer,
    dependencies=[CUSTOMERS],
    summary="Convert a purchase to instalments",
)
async def convert_card_purchase(
    account_id: AccountPath, body: ConversionBody, uow: UnitOfWorkDep, once: OnceDep
) -> Response:
    """What is unpaid of the purchase becomes a plan, of which each statement bills one instalment. What an issued
    statement asks for is worked out again without it."""
    if first := await once.first_answer():
        return first
    working = await changes.convert(
        uow,
        account_id,
        purchase=body.purchase,
        instalments=body.instalments,
        annual_rate_percent=body.annual_rate if uow.actor.is_staff else None,
    )
    return await once.keep(_present(working))


@router.post(
    "/{account_id}/plans/{plan}/foreclose",
    response_model=CardAccountAnswer,
    dependencies=[CUSTOMERS],
    summary="Foreclose an instalment plan",
)
async def foreclose_card_plan(account_id: AccountPath, plan: NumberPath, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """What is left of the plan is due at once, with its interest up to today and the product's fee."""
    if first := await once.first_answer():
        return first
    return await once.keep(_present(await changes.foreclose(uow, account_id, plan)))


class DisputeBody(Body):
    """A purchase or a cash advance that the holder disputes, as a whole or in part."""

    model_config = example({"posting": 1, "reason": "the goods never came"})

    posting: Number
    amount: Rupees | None = None
    reason: Line = Field(examples=["the goods never came"])


@router.post(
    "/{account_id}/disputes",
    status_code=201,
    response_model=CardAccountAnswer,
    dependencies=[CUSTOMERS],
    summary="Dispute a purchase",
)
async def dispute_card_posting(
    account_id: AccountPath, body: DisputeBody, uow: UnitOfWorkDep, once: OnceDep
) -> Response:
    """What is unpaid of it is set aside: no interest, and in no total or minimum. It still uses the limit."""
    if first := await once.first_answer():
        return first
    working = await changes.dispute(uow, account_id, posting=body.posting, paise=body.amount, reason=body.reason)
    return await once.keep(_present(working))


class DisputeDecisionBody(Body):
    """How a dispute is decided."""

    model_config = example({"winner": "merchant", "reason": "delivery proved"})

    winner: Literal["holder", "merchant"]
    reason: Line = Field(examples=["delivery proved"])


@router.post(
    "/{account_id}/disputes/{dispute}/decide",
    response_model=CardAccountAnswer,
    dependencies=[OFFICERS],
    summary="Decide a dispute",
)
async def decide_card_dispute(
    account_id: AccountPath, dispute: NumberPath, body: DisputeDecisionBody, uow: UnitOfWorkDep, once: OnceDep
) -> Response:
    """For the merchant: the amount is owed from today. For the holder: a reversal, of what was already paid too."""
    if first := await once.first_answer():
        return first
    working = await changes.decide_dispute(
        uow, account_id, dispute, for_holder=body.winner == "holder", reason=body.reason
    )
    return await once.keep(_present(working))


class CardLimitBody(Body):
    """Another limit. `requested` says that the holder asked for it, and that this is on record."""

    model_config = example({"limit": 120000, "requested": True})

    limit: Rupees
    requested: bool = False


@router.put("/{account_id}/limit", dependencies=[OFFICERS], summary="Change the limit")
async def change_card_limit(account_id: AccountPath, body: CardLimitBody, uow: UnitOfWorkDep) -> CardAccountAnswer:
    """Raises the limit only on the holder's recorded request; without one, two people decide it (`/proposals`). Lowers
    it at once, never below what is owed and held."""
    return _present(await changes.change_limit(uow, account_id, limit_paise=body.limit, is_requested=body.requested))


class ConsentBody(Body):
    """Whether the holder consents."""

    model_config = example({"consents": True})

    consents: bool


@router.put("/{account_id}/over-limit-consent", dependencies=[CUSTOMERS], summary="Consent to go over the limit")
async def consent_over_limit(account_id: AccountPath, body: ConsentBody, uow: UnitOfWorkDep) -> CardAccountAnswer:
    """Records the holder's consent, or that it is withdrawn. Without it nothing is approved over the limit."""
    return _present(await changes.consent_over_limit(uow, account_id, consents=body.consents))


@router.post("/{account_id}/block", dependencies=[CUSTOMERS], summary="Block a card account")
async def block_card_account(account_id: AccountPath, uow: UnitOfWorkDep) -> CardAccountAnswer:
    """Declines every authorisation from now on. Blocking a blocked account changes nothing."""
    return _present(await changes.block(uow, account_id, blocks=True))


@router.post("/{account_id}/unblock", dependencies=[CUSTOMERS], summary="Unblock a card account")
async def unblock_card_account(account_id: AccountPath, uow: UnitOfWorkDep) -> CardAccountAnswer:
    """Only staff can remove a block that staff set."""
    return _present(await changes.block(uow, account_id, blocks=False))


class DayMoveAnswer(Answer):
    """What moving the statement day means."""

    statement_day: int
    cycle_began_on: date
    would_end_on: date
    ends_on: date
    longest_interest_free_days: int


@router.get("/{account_id}/statement-day", dependencies=[READERS], summary="What moving the statement day means")
async def preview_statement_day(
    account_id: AccountPath, statement_day: Annotated[StatementDay, Query()], uow: UnitOfWorkDep
) -> DayMoveAnswer:
    """Shows where the open cycle would end, and the longest interest-free time, before it is confirmed."""
    move = await changes.preview_statement_day(uow, account_id, day=statement_day)
    return DayMoveAnswer(
        statement_day=move.statement_day,
        cycle_began_on=move.cycle_began_on,
        would_end_on=move.would_end_on,
        ends_on=move.ends_on,
        longest_interest_free_days=move.longest_interest_free_days,
    )


class StatementDayBody(Body):
    """Another statement day."""

    model_config = example({"statement_day": 20})

    statement_day: StatementDay


@router.put("/{account_id}/statement-day", dependencies=[CUSTOMERS], summary="Move the statement day")
async def move_statement_day(account_id: AccountPath, body: StatementDayBody, uow: UnitOfWorkDep) -> CardAccountAnswer:
    """The open cycle ends on the first new day on or after the date on which it would have ended."""
    return _present(await changes.move_statement_day(uow, account_id, day=body.statement_day))


class AlwaysBody(Body):
    """Whether statements always come."""

    model_config = example({"always": True})

    always: bool


@router.put("/{account_id}/always-statement", dependencies=[CUSTOMERS], summary="Get a statement every month")
async def want_every_statement(account_id: AccountPath, body: AlwaysBody, uow: UnitOfWorkDep) -> CardAccountAnswer:
    """Whether a statement comes although nothing is owed and nothing moved."""
    return _present(await changes.want_statements(uow, account_id, always=body.always))


class TermsBody(Body):
    """The version of the account's product whose terms are told to the holder today."""

    model_config = example({"version": 2})

    version: Number


@router.post(
    "/{account_id}/terms",
    status_code=201,
    response_model=CardAccountAnswer,
    dependencies=[OFFICERS],
    summary="Tell the holder of new terms",
)
async def tell_card_terms(account_id: AccountPath, body: TermsBody, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """A new rate or fee begins on the day after a statement, a month after it was told."""
    if first := await once.first_answer():
        return first
    return await once.keep(_present(await changes.tell_terms(uow, account_id, version=body.version)))


@router.post(
    "/{account_id}/closing", response_model=CardAccountAnswer, dependencies=[CUSTOMERS], summary="Close a card account"
)
async def close_card_account(account_id: AccountPath, uow: UnitOfWorkDep, once: OnceDep) -> Response:
    """Closes the account when nothing is owed and nothing is held: pay what `closing-quote` names first. A credit
    balance is paid out."""
    if first := await once.first_answer():
        return first
    return await once.keep(_present(await changes.close(uow, account_id)))
