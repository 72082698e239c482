"""The loan statement as a PDF document.

Its order follows a customer's questions: what is due next, how much is repaid, what was agreed, what each instalment
consists of, and where the payments went. All figures come from the facts; only sums of columns are computed here.
"""

from collections.abc import Callable

from app.documents.canvas import (
    ALARM,
    ALARM_TINT,
    BRAND,
    BRAND_TINT,
    MARGIN,
    MUTED,
    QUIET,
    RULE,
    WIDTH,
    PdfCanvas,
    Style,
    fit,
    shrink,
)
from app.documents.charts import Bar, bar_chart
from app.documents.facts import StatementFacts
from app.documents.layout import Block, Frame, render, space
from app.documents.lender import letterhead
from app.documents.parts import Badge, Column, heading, note, pairs, table
from app.documents.words import Language, amount, day, percent, rupees
from app.domain.public_ids import format_payment_id
from app.domain.reporting.statements import InstalmentStatus, PaymentFacts, StatementLine

_BADGES = {
    InstalmentStatus.PAID: Badge(word="Paid", ink="#17693F", ground="#E2F3E8"),
    InstalmentStatus.PARTIALLY_PAID: Badge(word="Partly paid", ink="#1D5796", ground="#E4EFFA"),
    InstalmentStatus.OVERDUE: Badge(word="Overdue", ink=ALARM, ground=ALARM_TINT),
    InstalmentStatus.WRITTEN_OFF: Badge(word="Written off", ink="#56616C", ground="#EDF0F3"),
    InstalmentStatus.DUE: Badge(word="Due", ink="#8A5A00", ground="#FDF1D8"),
    InstalmentStatus.UPCOMING: Badge(word="Upcoming", ink="#56616C", ground="#EDF0F3"),
}

_INSTALMENTS = (
    Column(title="No.", share=5, align="left"),
    Column(title="Due date", share=12, align="left"),
    Column(title="Principal (₹)", share=14),
    Column(title="Interest (₹)", share=13),
    Column(title="Instalment (₹)", share=14),
    Column(title="Still to pay (₹)", share=15),
    Column(title="Status", share=13),
)

_PAID_ON = (
    Column(title="Date", share=13, align="left"),
    Column(title="Payment", share=12, align="left"),
    Column(title="Method and reference", share=24, align="left"),
)
_PARTS: tuple[tuple[str, Callable[[PaymentFacts], int]], ...] = (
    ("Principal (₹)", lambda payment: payment.principal_paise),
    ("Interest (₹)", lambda payment: payment.interest_paise),
    ("Charges (₹)", lambda payment: payment.charges_paise),
    ("Advance (₹)", lambda payment: payment.advance_paise),
    ("Paid (₹)", lambda payment: payment.amount_paise),
)
#: These columns are left out if they have no amounts, as for most loans.
_RARE = {"Charges (₹)", "Advance (₹)"}


def statement_pdf(facts: StatementFacts) -> bytes:
    """The statement as a PDF file; the same facts give the same bytes."""
    statement = facts.statement
    frame = Frame(
        title="Loan statement",
        title_hindi="ऋण विवरण",
        about=facts.loan_id,
        foot=f"{facts.loan_id}  ·  as of {day(statement.on)}  ·  computer-generated, valid without a signature",
        letterhead=letterhead(facts.lender, Language.ENGLISH),
    )
    blocks = [_parties(facts), space(10), _next_due(facts), space(4)]
    blocks += [heading("Your loan", "आपका ऋण"), _terms(facts)]
    if statement.lines:
        bars = [
            Bar(
                label=str(line.number),
                principal_paise=line.principal_paise,
                interest_paise=line.interest_paise,
                settled=line.status is InstalmentStatus.PAID,
            )
            for line in statement.lines
        ]
        blocks += [heading("Principal and interest, by instalment", "मूलधन और ब्याज"), bar_chart(bars)]
        blocks += [heading("Instalments", "किस्तें"), *_instalments(facts)]
    blocks += [heading("Payments", "भुगतान"), *_payments(facts)]
    blocks += [space(6), note(_EXPLANATION)]
    return render(blocks, frame=frame)


_EXPLANATION = (
    "Principal outstanding is principal only; interest is asked for with each instalment. A payment settles charges "
    "first, then interest, then principal, unless your product says otherwise. An advance is money you paid before it "
    "was due: it settles your next instalments. A reversed payment (a returned cheque, for example) does not count."
)


def _parties(facts: StatementFacts) -> Block:
    """The borrower on the left, the loan on the right."""
    borrower = facts.borrower
    identity = [f"Customer {borrower.user_id}"]
    identity += [f"Aadhaar {borrower.aadhaar}"] if borrower.aadhaar else []
    identity += [f"Mobile {borrower.phone}"] if borrower.phone else []
    right = MARGIN + WIDTH

    def draw(canvas: PdfCanvas, y: float) -> None:
        name = Style(size=13, bold=True)
        canvas.text(fit(borrower.name, width=WIDTH * 0.56, style=name), x=MARGIN, y=y + 14, style=name)
        canvas.text("  ·  ".join(identity), x=MARGIN, y=y + 30, style=QUIET)
        canvas.text(facts.loan_id, x=right, y=y + 14, style=name, align="right")
        about = f"{facts.product}  ·  as of {day(facts.statement.on)}"
        canvas.text(fit(about, width=WIDTH * 0.42, style=QUIET), x=right, y=y + 30, style=QUIET, align="right")

    return Block(height=38, draw=draw)


def _next_due(facts: StatementFacts) -> Block:
    """What is due next, in large figures, with the progress of the loan beside it."""
    head, figure, below = _first_answer(facts)
    late = facts.statement.overdue_paise > 0
    ink, ground = (ALARM, ALARM_TINT) if late else (BRAND, BRAND_TINT)
    half = WIDTH / 2 - 6

    def draw(canvas: PdfCanvas, y: float) -> None:
        canvas.box(x=MARGIN, y=y, width=half, height=88, fill=ground, radius=8)
        canvas.text(head, x=MARGIN + 16, y=y + 23, style=Style(size=9, bold=True, ink=ink))
        large = shrink(figure, width=half - 32, style=Style(size=23, bold=True, ink=ink))
        canvas.text(figure, x=MARGIN + 16, y=y + 51, style=large)
        canvas.text(below, x=MARGIN + 16, y=y + 73, style=shrink(below, width=half - 28))
        _progress(canvas, facts, x=MARGIN + half + 12, y=y, width=half)

    return Block(height=88, draw=draw)


def _first_answer(facts: StatementFacts) -> tuple[str, str, str]:
    """What is due next: the head, the figure and the explanation."""
    statement = facts.statement
    late = [line for line in statement.lines if line.status is InstalmentStatus.OVERDUE]
    coming = next(
        (line for line in statement.upcoming if line.unpaid_paise and line.status is not InstalmentStatus.OVERDUE), None
    )
    if statement.overdue_paise > 0:
        after = f"Next: {rupees(coming.unpaid_paise)} by {day(coming.due_on)}" if coming else "Please pay at once"
        return "Overdue  ·  अतिदेय", rupees(statement.overdue_paise), f"Since {day(late[0].due_on)}. {after}"
    if coming is None:
        return "Nothing is due  ·  कुछ देय नहीं", rupees(0), _ending(facts)
    part = " (the rest of it)" if coming.status is InstalmentStatus.PARTIALLY_PAID else ""
    below = f"by {day(coming.due_on)}  ·  instalment {coming.number} of {statement.lines[-1].number}{part}"
    return "Due next  ·  अगली देय राशि", rupees(coming.unpaid_paise), below


def _ending(facts: StatementFacts) -> str:
    if facts.status == "closed":
        return f"Repaid in full on {day(facts.closed_on)}. Thank you."
    if facts.status == "written_off":
        return f"The loan was written off on {day(facts.closed_on)}."
    return "Every instalment is paid."


def _progress(canvas: PdfCanvas, facts: StatementFacts, *, x: float, y: float, width: float) -> None:
    """Draws how much principal is repaid, as a bar and in figures."""
    left = facts.statement.outstanding_paise + facts.statement.principal_written_off_paise
    paid = max(0, facts.amount_paise - left)
    share = paid / facts.amount_paise
    canvas.box(x=x, y=y, width=width, height=88, stroke=RULE, radius=8)
    canvas.text("Principal outstanding", x=x + 16, y=y + 23, style=Style(size=9, bold=True, ink=MUTED))
    canvas.text(rupees(facts.statement.outstanding_paise), x=x + 16, y=y + 44, style=Style(size=15, bold=True))
    canvas.box(x=x + 16, y=y + 53, width=width - 32, height=6, fill=RULE, radius=3)
    if share > 0:
        canvas.box(x=x + 16, y=y + 53, width=max(6.0, (width - 32) * share), height=6, fill=BRAND, radius=3)
    percentage = f"{1000 * paid // facts.amount_paise / 10:.1f} % repaid"
    canvas.text(percentage, x=x + 16, y=y + 74, style=QUIET)
    canvas.text(f"of {rupees(facts.amount_paise)}", x=x + width - 16, y=y + 74, style=QUIET, align="right")


def _terms(facts: StatementFacts) -> Block:
    statement = facts.statement
    last = statement.lines[-1].due_on if statement.lines else facts.closed_on
    return pairs(
        [
            ("Amount lent", rupees(facts.amount_paise)),
            ("Annual interest rate", percent(facts.annual_rate_percent)),
            ("Instalment (EMI)", rupees(facts.emi_paise)),
            ("Instalments agreed", str(facts.instalments)),
            ("Disbursed on", day(facts.disbursed_on)),
            ("Last instalment due", day(last)),
            ("Principal paid", rupees(statement.principal_paid_paise)),
            ("Interest paid", rupees(statement.interest_paid_paise)),
            ("Charges paid", rupees(statement.charges_paid_paise)),
            ("Advance held for you", rupees(statement.advance_paise)),
            ("Overdue", rupees(statement.overdue_paise)),
            ("Status", facts.status.replace("_", " ").capitalize()),
        ]
    )


def _instalments(facts: StatementFacts) -> list[Block]:
    lines = facts.statement.lines
    total = (
        "",
        "Total",
        amount(sum(line.principal_paise for line in lines)),
        amount(sum(line.interest_paise for line in lines)),
        amount(sum(line.amount_paise for line in lines)),
        amount(sum(line.unpaid_paise for line in lines)),
        "",
    )
    return table(_INSTALMENTS, [_instalment(line) for line in lines], total=total)


def _instalment(line: StatementLine) -> tuple[str | Badge, ...]:
    return (
        str(line.number),
        day(line.due_on),
        amount(line.principal_paise),
        amount(line.interest_paise),
        amount(line.amount_paise),
        amount(line.unpaid_paise),
        _BADGES[line.status],
    )


def _payments(facts: StatementFacts) -> list[Block]:
    payments = facts.statement.payments
    if not payments:
        return [note("No payment has been received yet.", style=QUIET)]
    parts = [(title, of) for title, of in _PARTS if title not in _RARE or any(of(payment) for payment in payments)]
    received = [payment for payment in payments if payment.reversed_on is None]
    total = ("Total", "", "", *(amount(sum(of(payment) for payment in received)) for _, of in parts))
    return table(
        [*_PAID_ON, *(Column(title=title, share=14) for title, _ in parts)],
        [(*_payment(payment), *(amount(of(payment)) for _, of in parts)) for payment in payments],
        total=total,
        quiet=frozenset(index for index, payment in enumerate(payments) if payment.reversed_on is not None),
    )


def _payment(payment: PaymentFacts) -> tuple[str, str, str]:
    words = [] if payment.reversed_on is None else [f"reversed {day(payment.reversed_on)}"]
    words += [word for word in (payment.method, payment.reference) if word]
    return day(payment.value_date), format_payment_id(payment.payment_id), "  ".join(words)
