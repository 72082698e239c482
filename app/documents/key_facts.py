"""The key facts statement of an offer, in the form of the Reserve Bank's circular of 15 April 2024 (RBI/2024-25/18).

Annex A, part 1 describes the loan and its costs, Annex B the computation of the annual percentage rate, Annex C the
repayment schedule. A quote is not yet an offer to a person, so part 2 of Annex A (recovery, grievances, transfer,
cooling off) refers to the loan agreement.
"""

from collections.abc import Sequence

from app.documents.canvas import STRONG, Style
from app.documents.grids import GridCell, grid_row
from app.documents.key_facts_words import (
    CONTINGENT,
    FOOT,
    INSTALMENT_KINDS,
    NOT_STATED,
    PART_TWO,
    QUALIFICATION,
    disbursal_words,
    fee_words,
)
from app.documents.layout import Block, Frame, render, space
from app.documents.parts import Column, heading, note, table
from app.documents.words import amount, day, percent, rupees, term
from app.domain.offers.quotes import Quote
from app.domain.products.charge_terms import FeePaid
from app.domain.schedules.terms import ScheduleTerms

_HEAD = Style(size=8.5, bold=True)
_SCHEDULE = (
    Column(title="Instalment No.", share=12, align="left"),
    Column(title="Due date", share=15, align="left"),
    Column(title="Outstanding principal (₹)", share=22),
    Column(title="Principal (₹)", share=17),
    Column(title="Interest (₹)", share=17),
    Column(title="Instalment (₹)", share=17),
)


def key_facts_pdf(found: Quote, *, terms: ScheduleTerms) -> bytes:
    """The key facts statement as a PDF file; the same quote gives the same bytes."""
    frame = Frame(
        title="Key facts statement",
        title_hindi="मुख्य तथ्य विवरण",
        about=f"{rupees(found.facts.sanctioned_paise)} over {_term(found)}",
        foot=FOOT,
    )
    blocks = [heading("Part 1: Interest rate and fees/charges", "ब्याज दर और शुल्क"), *_part_one(found, terms)]
    blocks += [heading("Part 2: Other qualitative information", "अन्य जानकारी"), *_part_two()]
    blocks += [heading("Computation of the annual percentage rate", "वार्षिक प्रतिशत दर की गणना", opens_page=True)]
    blocks += [*_computation(found, terms), space(4), note(QUALIFICATION)]
    blocks += [heading("Repayment schedule", "पुनर्भुगतान अनुसूची"), *_schedule(found)]
    return render(blocks, frame=frame)


def _term(found: Quote) -> str:
    facts = found.facts
    return term(facts.instalments, every=facts.every, frequency=facts.frequency)


def _line(number: str, label: str, value: str, *, strong: bool = False) -> Block:
    """A line of the form: its number, its label and its value."""
    style = STRONG if strong else Style()
    return grid_row(
        [
            GridCell(share=6, words=number, align="centre"),
            GridCell(share=47, words=label),
            GridCell(share=47, words=value, style=style, align="right"),
        ]
    )


def _four(number: str, cells: Sequence[str], *, head: bool = False) -> Block:
    """A line of the form with four values."""
    style = _HEAD if head else Style()
    first = GridCell(share=6, words=number, align="centre")
    rest = [GridCell(share=23.5, words=words, style=style, shaded=head, align="centre") for words in cells]
    return grid_row([first, *rest], keeps_next=head)


def _part_one(found: Quote, terms: ScheduleTerms) -> list[Block]:
    facts = found.facts
    kind = INSTALMENT_KINDS[terms.amortisation].format(frequency=facts.frequency.value)
    return [
        _line("1", "Loan proposal / account No.; type of loan", "Quote, nothing stored; term loan"),
        _line("2", "Sanctioned loan amount (in rupees)", rupees(facts.sanctioned_paise), strong=True),
        _line("3", "Disbursal schedule: in stages or 100 % upfront", disbursal_words(terms)),
        _line("4", "Loan term (years / months / days)", _term(found)),
        _four("5", ("Type of instalments", "Number of EPIs", "EPI (₹)", "Repayment commences"), head=True),
        _four("", (kind, str(facts.instalments), amount(facts.instalment_paise), day(facts.first_due_on))),
        _line(
            "6",
            "Interest rate (%) and type (fixed, floating or hybrid)",
            f"{percent(facts.annual_rate_percent)} a year, {facts.rate_type}",
            strong=True,
        ),
        _line("7", "Benchmark, spread and reset, where the rate is floating", _floating(found)),
        *_fees(found),
        _line("9", "Annual percentage rate (APR) (%)", percent(facts.apr_percent), strong=True),
        _line("10", "Contingent charges (in ₹ or %)", "As listed below"),
        *(_line("", label, NOT_STATED) for label in CONTINGENT),
    ]


def _floating(found: Quote) -> str:
    return "Not applicable: the rate is fixed" if found.facts.rate_type == "fixed" else "As the loan agreement states"


def _fees(found: Quote) -> list[Block]:
    """Line 8. A quote does not say who finally receives a fee, so each is shown as payable to the lender."""
    head = ("Fees / charges", "Payable to the lender (A)", "How it is paid", "To third parties (B)")
    rows = [
        (fee.name, f"{rupees(fee.amount_paise)}, one-time", fee_words(fee.paid), NOT_STATED) for fee in found.facts.fees
    ] or [("None", rupees(0), "–", NOT_STATED)]
    return [_four("8", head, head=True), *(_four("", row) for row in rows)]


def _part_two() -> list[Block]:
    return [_line(str(number), label, value) for number, (label, value) in enumerate(PART_TWO, start=1)]


def _computation(found: Quote, terms: ScheduleTerms) -> list[Block]:
    """Annex B: all figures from which the annual percentage rate is computed."""
    facts, schedule = found.facts, found.schedule
    equated = f"{facts.instalments} of {rupees(facts.instalment_paise)}, the last {rupees(_last(found))}"
    capitalised = rupees(schedule.capitalised_paise) if schedule.capitalised_paise else "None"
    deducted = sum(fee.total_paise for fee in facts.fees if fee.paid is FeePaid.DEDUCTED)
    return [
        _line("1", "Sanctioned loan amount (line 2 of part 1)", rupees(facts.sanctioned_paise)),
        _line("2", "Loan term (line 4)", _term(found)),
        _line("a)", "Number of instalments for payment of principal", str(facts.instalments)),
        _line("b)", "Amount of each EPI and number of EPIs (line 5)", equated),
        _line("c)", "Interest that is capitalised, if any", capitalised),
        _line("d)", "Commencement of repayments (line 5)", day(facts.first_due_on)),
        _line("3", "Interest rate type (line 6)", facts.rate_type),
        _line("4", "Rate of interest (line 6)", percent(facts.annual_rate_percent)),
        _line("5", "Total interest over the entire term", rupees(facts.interest_paise)),
        _line("6", "Fees / charges payable (line 8)", f"{rupees(facts.fees_paise)} ({rupees(deducted)} deducted)"),
        _line("7", "Net disbursed amount", rupees(facts.net_disbursed_paise), strong=True),
        _line("8", "Total amount to be paid by the borrower", rupees(facts.total_payable_paise), strong=True),
        _line("9", "Annual percentage rate (line 9)", percent(facts.apr_percent), strong=True),
        _line("", "The same as an effective annual rate, for comparison", percent(facts.apr_effective_percent)),
        _line("10", "Schedule of disbursement", disbursal_words(terms)),
        _line("11", "Due dates of instalments and interest", f"{day(facts.first_due_on)} to {day(facts.last_due_on)}"),
    ]


def _last(found: Quote) -> int:
    return found.schedule.instalments[-1].amount_paise


def _schedule(found: Quote) -> list[Block]:
    """Annex C. The outstanding principal is that before the instalment, as in the form of the Reserve Bank."""
    rows = []
    for row in found.schedule.instalments:
        before = row.balance_paise + row.principal_paise - row.capitalised_paise
        figures = (before, row.principal_paise, row.interest_paise, row.amount_paise)
        rows.append((str(row.number), day(row.due_on), *(amount(figure) for figure in figures)))
    schedule = found.schedule
    sums = (schedule.principal_paise, schedule.interest_paise, schedule.amount_paise)
    total = ("Total", "", "", *(amount(figure) for figure in sums))
    return table(_SCHEDULE, rows, total=total)
