"""The annual percentage rate of any dated flows."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from app.api.deps import SIGNED_IN, KistRouter
from app.api.documents import written
from app.api.schemas import Answer, Body, RateOut
from app.api.v1.offers.quotes import Count, FlowBody
from app.domain.calendar import Frequency
from app.domain.offers.apr import AprConvention, CashFlow, apr
from app.domain.offers.quotes import shown_rate
from app.services.lending.calculations import QUOTES

router: APIRouter = KistRouter(prefix="/loans", tags=["Quotes"])


class AprBody(Body):
    """Dated flows: what the borrower receives and what the borrower pays, both as positive amounts."""

    advances: Annotated[list[FlowBody], Field(min_length=1, max_length=2000)]
    payments: Annotated[list[FlowBody], Field(min_length=1, max_length=2000)]
    convention: AprConvention = AprConvention.NOMINAL
    frequency: Frequency = Field(default=Frequency.MONTH, description="The rhythm of the payments")
    every: Count = 1


class AprOfFlows(Answer):
    """A rate and the convention it is meant by."""

    convention: AprConvention
    apr: RateOut


@router.post(
    "/apr", dependencies=[SIGNED_IN], summary="The annual percentage rate of dated flows", response_model=AprOfFlows
)
async def quote_apr(body: AprBody) -> Response:
    """By the named convention. Several rates, none, and flows in one direction are refused by name."""
    received = [CashFlow(on=flow.on, amount_paise=flow.amount) for flow in body.advances]
    paid = [CashFlow(on=flow.on, amount_paise=-flow.amount) for flow in body.payments]

    def answer() -> AprOfFlows:
        rate = apr((*received, *paid), convention=body.convention, frequency=body.frequency, every=body.every)
        return AprOfFlows(convention=body.convention, apr=shown_rate(rate))

    return await written(QUOTES, answer)
