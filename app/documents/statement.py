"""The loan statement as a PDF document.

Its order follows a customer's questions: what is due next, how much is repaid, what was agreed, what each instalment
consists of, and where the payments went. All figures come from the facts; only sums of columns are computed here.
"""

from collections.abc import Callable

from app.documents import statement_words as words
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
    Align,
    PdfCanvas,
    Style,
    fit,
    shrink,
)
from app.documents.charts import Bar, bar_chart
from app.documents.facts import StatementFacts
from app.documents.layout import Block, Frame, render, space
from app.documents.lender import letterhead
from app.documents.paper_parts import TOPPED_UP
from app.documents.parts import Badge, Column, note, pairs, table, titled
from app.documents.words import Language, Text, amount, day, percent, rupees
from app.domain.public_ids import format_payment_id
from app.domain.reporting.statements import InstalmentStatus, PaymentFacts, StatementLine

_COLOURS = {
    InstalmentStatus.PAID: ("#17693F", "#E2F3E8"),
    InstalmentStatus.PARTIALLY_PAID: ("#1D5796", "#E4EFFA"),
    InstalmentStatus.OVERDUE: (ALARM, ALARM_TINT),
    InstalmentStatus.WRITTEN_OFF: ("#56616C", "#EDF0F3"),
    InstalmentStatus.DUE: ("#8A5A00", "#FDF1D8"),
    InstalmentStatus.UPCOMING: ("#56616C", "#EDF0F3"),
}
_INSTALMENTS: tuple[tuple[Text, float, Align], ...] = (
    (words.NUMBER, 5, "left"),
    (words.DUE_DATE, 12, "left"),
    (words.PRINCIPAL, 14, "right"),
    (words.INTEREST, 13, "right"),
    (words.INSTALMENT, 14, "right"),
    (words.STILL, 15, "right"),
    (words.STATUS, 13, "right"),
)
_PAID_ON = (words.DATE, words.PAYMENT, words.METHOD)
#: Months are longer words in Hindi.
_PAID_ON_SHARES = {Language.ENGLISH: (13, 12, 24), Language.HINDI: (16, 13, 20)}
_PARTS: tuple[tuple[Text, Callable[[PaymentFacts], int]], ...] = (
    (words.PRINCIPAL, lambda payment: payment.principal_paise),
    (words.INTEREST, lambda payment: payment.interest_paise),
    (words.CHARGES, lambda payment: payment.charges_paise),
    (words.ADVANCE_PAID, lambda payment: payment.advance_paise),
    (words.PAID, lambda payment: payment.amount_paise),
)
#: These columns are left out if they have no amounts, as for most loans.
_RARE = (words.CHARGES, words.ADVANCE_PAID)


def statement_pdf(facts: StatementFacts) -> bytes:
    """The statement as a PDF file; the same facts give the same bytes."""
    statement, language = facts.statement, facts.language
    frame = Frame(
        title=words.TITLE.en,
        title_hindi=words.TITLE.hi,
        about=facts.loan_id,
        foot=words.FOOT.to(language, loan=facts.loan_id, on=day(statement.on, language)),
        letterhead=letterhead(facts.lender, language),
        language=language,
    )
    blocks = [_parties(facts), space(10), _next_due(facts), space(4)]
    blocks += [titled(words.LOAN, language), _terms(facts)]
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
        blocks += [titled(words.CHART, language), bar_chart(bars, language=language)]
        blocks += [titled(words.INSTALMENTS, language), *_instalments(facts)]
    blocks += [titled(words.PAYMENTS, language), *_payments(facts)]
    blocks += [space(6), note(words.EXPLANATION.to(language))]
    return render(blocks, frame=frame)


def _parties(facts: StatementFacts) -> Block:
    """The borrower on the left, the loan on the right."""
    borrower, language = facts.borrower, facts.language
    known = ((words.CUSTOMER, borrower.user_id), (words.AADHAAR, borrower.aadhaar), (words.MOBILE, borrower.phone))
    identity = [f"{name.to(language)} {value}" for name, value in known if value]
    right = MARGIN + WIDTH

    def draw(canvas: PdfCanvas, y: float) -> None:
        name = Style(size=13, bold=True)
        canvas.text(fit(borrower.name, width=WIDTH * 0.56, style=name), x=MARGIN, y=y + 14, style=name)
        canvas.text("  ·  ".join(identity), x=MARGIN, y=y + 30, style=QUIET)
        canvas.text(facts.loan_id, x=right, y=y + 14, style=name, align="right")
        about = f"{facts.product}  ·  {words.AS_OF.to(language, on=day(facts.statement.on, language))}"
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
    statement, language = facts.statement, facts.language
    late = [line for line in statement.lines if line.status is InstalmentStatus.OVERDUE]
    coming = next(
        (line for line in statement.upcoming if line.unpaid_paise and line.status is not InstalmentStatus.OVERDUE), None
    )
    if statement.overdue_paise > 0:
        after = words.AT_ONCE.to(language)
        if coming:
            by = day(coming.due_on, language)
            after = words.NEXT.to(language, amount=rupees(coming.unpaid_paise), on=by)
        since = words.SINCE.to(language, on=day(late[0].due_on, language), after=after)
        return _both(words.OVERDUE, language), rupees(statement.overdue_paise), since
    if coming is None:
        return _both(words.NOTHING, language), rupees(0), _ending(facts)
    is_part = coming.status is InstalmentStatus.PARTIALLY_PAID
    below = words.BY.to(
        language,
        on=day(coming.due_on, language),
        number=coming.number,
        count=statement.lines[-1].number,
        part=words.PART.to(language) if is_part else "",
    )
    return _both(words.DUE_NEXT, language), rupees(coming.unpaid_paise), below


def _both(text: Text, language: Language) -> str:
    """A text in the language of the document, with the other language beside it."""
    return f"{text.hi}  ·  {text.en}" if language is Language.HINDI else f"{text.en}  ·  {text.hi}"


def _ending(facts: StatementFacts) -> str:
    on = day(facts.closed_on, facts.language)
    if facts.status == "closed":
        return words.REPAID.to(facts.language, on=on)
    if facts.status == "written_off":
        return words.WRITTEN_OFF.to(facts.language, on=on)
    return words.ALL_PAID.to(facts.language)


def _progress(canvas: PdfCanvas, facts: StatementFacts, *, x: float, y: float, width: float) -> None:
    """Draws how much principal is repaid, as a bar and in figures."""
    language = facts.language
    left = facts.statement.outstanding_paise + facts.statement.principal_written_off_paise
    all_lent = facts.amount_paise + facts.topped_up_paise + facts.statement.interest_capitalised_paise
    paid = max(0, all_lent - left)
    share = paid / all_lent
    canvas.box(x=x, y=y, width=width, height=88, stroke=RULE, radius=8)
    canvas.text(words.OUTSTANDING.to(language), x=x + 16, y=y + 23, style=Style(size=9, bold=True, ink=MUTED))
    canvas.text(rupees(facts.statement.outstanding_paise), x=x + 16, y=y + 44, style=Style(size=15, bold=True))
    canvas.box(x=x + 16, y=y + 53, width=width - 32, height=6, fill=RULE, radius=3)
    if share > 0:
        canvas.box(x=x + 16, y=y + 53, width=max(6.0, (width - 32) * share), height=6, fill=BRAND, radius=3)
    tenths = 1000 * paid // all_lent
    repaid = words.SHARE.to(language, share=f"{tenths // 10}.{tenths % 10}")
    canvas.text(repaid, x=x + 16, y=y + 74, style=QUIET)
    lent = words.OF.to(language, amount=rupees(all_lent))
    canvas.text(lent, x=x + width - 16, y=y + 74, style=QUIET, align="right")


def _terms(facts: StatementFacts) -> Block:
    statement, language = facts.statement, facts.language
    capitalised = statement.interest_capitalised_paise
    last = statement.lines[-1].due_on if statement.lines else facts.closed_on
    entries = (
        (words.LENT, rupees(facts.amount_paise)),
        *([(TOPPED_UP, rupees(facts.topped_up_paise))] if facts.topped_up_paise else []),
        (words.RATE, percent(facts.annual_rate_percent)),
        (words.EMI, rupees(facts.emi_paise)),
        (words.AGREED, str(facts.instalments)),
        (words.DISBURSED, day(facts.disbursed_on, language)),
        (words.LAST_DUE, day(last, language)),
        (words.PRINCIPAL_PAID, rupees(statement.principal_paid_paise)),
        (words.INTEREST_PAID, rupees(statement.interest_paid_paise)),
        *([(words.INTEREST_CAPITALISED, rupees(capitalised))] if capitalised else []),
        (words.CHARGES_PAID, rupees(statement.charges_paid_paise)),
        (words.CHARGES_DUE, rupees(statement.charges_due_paise)),
        (words.ADVANCE, rupees(statement.advance_paise)),
        (words.OVERDUE, rupees(statement.overdue_paise)),
        (words.STATUS, words.STATUSES[facts.status].to(language)),
    )
    return pairs([(name.to(language), value) for name, value in entries])


def _instalments(facts: StatementFacts) -> list[Block]:
    lines, language = facts.statement.lines, facts.language
    total = (
        "",
        words.TOTAL.to(language),
        amount(sum(line.principal_paise for line in lines)),
        amount(sum(line.interest_paise for line in lines)),
        amount(sum(line.amount_paise for line in lines)),
        amount(sum(line.unpaid_paise for line in lines)),
        "",
    )
    columns = [Column(title=title.to(language), share=share, align=align) for title, share, align in _INSTALMENTS]
    return table(columns, [_instalment(line, language) for line in lines], total=total)


def _instalment(line: StatementLine, language: Language) -> tuple[str | Badge, ...]:
    ink, ground = _COLOURS[line.status]
    return (
        str(line.number),
        day(line.due_on, language),
        amount(line.principal_paise),
        amount(line.interest_paise),
        amount(line.amount_paise),
        amount(line.unpaid_paise),
        Badge(word=words.BADGES[line.status].to(language), ink=ink, ground=ground),
    )


def _payments(facts: StatementFacts) -> list[Block]:
    payments, language = facts.statement.payments, facts.language
    if not payments:
        return [note(words.NO_PAYMENT.to(language), style=QUIET)]
    parts = [(title, of) for title, of in _PARTS if title not in _RARE or any(of(payment) for payment in payments)]
    received = [payment for payment in payments if payment.reversed_on is None]
    total = (words.TOTAL.to(language), "", "", *(amount(sum(of(payment) for payment in received)) for _, of in parts))
    columns = [
        Column(title=title.to(language), share=share, align="left")
        for title, share in zip(_PAID_ON, _PAID_ON_SHARES[language], strict=True)
    ]
    return table(
        [*columns, *(Column(title=title.to(language), share=14) for title, _ in parts)],
        [(*_payment(payment, language), *(amount(of(payment)) for _, of in parts)) for payment in payments],
        total=total,
        quiet=frozenset(index for index, payment in enumerate(payments) if payment.reversed_on is not None),
    )


def _payment(payment: PaymentFacts, language: Language) -> tuple[str, str, str]:
    reversed_on = payment.reversed_on
    said = [] if reversed_on is None else [words.REVERSED.to(language, on=day(reversed_on, language))]
    said += [word for word in (payment.method, payment.reference) if word]
    return day(payment.value_date, language), format_payment_id(payment.payment_id), "  ".join(said)
