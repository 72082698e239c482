"""The annual percentage rate of dated cash flows."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from app.api.deps import SIGNED_IN, KistRouter
from app.api.documents import json_answer
from app.api.schemas import (
    Answer,
    AprOut,
    Body,
    example,
)
from app.api.v1.offers.quotes import Count, FlowBody
from app.domain.calendar import Frequency
from app.domain.offers.apr import AprConvention, CashFlow, apr
from app.domain.offers.quotes import shown_rate
from app.services.lending.calculations import QUOTES

router: APIRouter = KistRouter(prefix="/loans", tags=["Quotes"])


class AprBody(Body):
    """Dated cash flows: `advances` are what the borrower receives, `payments` what the borrower pays. All amounts are
    positive."""

    model_config = example(
        {
            "advances": [{"on": "2026-01-01", "amount": 10000}],
            "payments": [{"on": "2026-02-01", "amount": 5100}, {"on": "2026-03-01", "amount": 5100}],
        }
    )

    advances: Annotated[list[FlowBody], Field(min_length=1, max_length=2000)]
    payments: Annotated[list[FlowBody], Field(min_length=1, max_length=2000)]
    convention: AprConvention = AprConvention.NOMINAL
    frequency: Frequency = Field(default=Frequency.MONTH, description="The period of the payments")
    every: Count = 1


class AprOfFlows(Answer):
    """An annual percentage rate and its convention."""

    convention: AprConvention
    apr: AprOut


@router.post("/apr", dependencies=[SIGNED_IN], summary="Compute the APR of cash flows", response_model=AprOfFlows)
async def compute_apr(body: AprBody) -> Response:
    """Computes the annual percentage rate by the given convention. The request is refused, with a code of its own, if
    the flows have no rate, have several rates, or go in one direction only."""
    received = [CashFlow(on=flow.on, amount_paise=flow.amount) for flow in body.advances]
    paid = [CashFlow(on=flow.on, amount_paise=-flow.amount) for flow in body.payments]

    def answer() -> AprOfFlows:
        rate = apr((*received, *paid), convention=body.convention, frequency=body.frequency, every=body.every)
        return AprOfFlows(convention=body.convention, apr=shown_rate(rate))

    return await json_answer(QUOTES, answer)
