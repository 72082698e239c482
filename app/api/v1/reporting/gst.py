"""The monthly report of GST on the charges of loans and card accounts, for staff, as JSON or CSV."""

from datetime import date
from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from app.api.deps import OFFICERS, KistRouter, ReadingDep
from app.api.documents import Accepted, AnswerForm, FormAsked, GeneratedFile, choose_form, documented_forms
from app.api.schemas import Answer, Day, RupeesOut
from app.documents.table_csv import table_csv
from app.domain.money import paise_to_rupees
from app.domain.reporting.gst import DocumentKind, ReportLine
from app.services.reporting import gst

router = KistRouter(prefix="/gst", tags=["Risk"])

FORMS = (AnswerForm.JSON, AnswerForm.CSV)


class GstLineAnswer(Answer):
    """The documents of one kind, place of supply and service. Amounts are in rupees. A credit note gives tax back, a
    debit note asks for it again."""

    kind: DocumentKind
    place: str = Field(description="The state of the place of supply, by its GST code", examples=["29"])
    sac: str | None
    documents: int
    taxable: RupeesOut
    central: RupeesOut
    state: RupeesOut
    integrated: RupeesOut


class GstReportAnswer(Answer):
    """The tax documents of a month. `waiting` is tax that the ledger has booked and that has no document yet."""

    month: date
    lender_state: str | None
    lines: list[GstLineAnswer]
    net_tax: RupeesOut = Field(description="The tax of the invoices and debit notes less that of the credit notes")
    ledger_tax: RupeesOut
    waiting: RupeesOut


@router.get(
    "/report",
    dependencies=[OFFICERS],
    summary="The GST report of a month",
    response_model=GstReportAnswer,
    responses=documented_forms(AnswerForm.CSV),
)
async def get_gst_report(
    uow: ReadingDep,
    accept: Accepted = None,
    form: FormAsked = None,
    on: Annotated[Day | None, Query(description="A day of the month; the default is the month before this one")] = None,
) -> GstReportAnswer | Response:
    """Gives the invoices, credit notes and debit notes of the charges of loans and card accounts that were booked in a
    month, by place of supply and service, and compares them with the ledger. As CSV: the lines."""
    wanted = choose_form(accept, asked=form, offered=FORMS)
    found = await gst.view_month(uow, on=on)
    if wanted is AnswerForm.CSV:
        header = ("kind", "place", "sac", "documents", "taxable", "central", "state", "integrated")
        rows = [_row(line) for line in found.lines]
        name = f"gst-{found.month:%Y-%m}"
        return GeneratedFile(lambda: table_csv(header, rows), form=AnswerForm.CSV, name=name)
    return GstReportAnswer(
        month=found.month,
        lender_state=found.lender_state,
        lines=[
            GstLineAnswer(
                kind=line.kind,
                place=line.place,
                sac=line.sac,
                documents=line.documents,
                taxable=line.taxable_paise,
                central=line.central_paise,
                state=line.state_paise,
                integrated=line.integrated_paise,
            )
            for line in found.lines
        ],
        net_tax=found.net_tax_paise,
        ledger_tax=found.ledger_tax_paise,
        waiting=found.waiting_paise,
    )


def _row(line: ReportLine) -> tuple[object, ...]:
    money = (line.taxable_paise, line.central_paise, line.state_paise, line.integrated_paise)
    return (line.kind.value, line.place, line.sac, line.documents, *map(paise_to_rupees, money))
