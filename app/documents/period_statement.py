"""The statement of a period: every line of the borrower's account, and how to become current."""

from app.documents.canvas import STRONG
from app.documents.facts import PeriodFacts
from app.documents.layout import Block, render, space
from app.documents.lender import how_to_pay
from app.documents.paper_parts import NEXT_DUE, TOTAL, loan_parties, loan_terms, next_due_words, paper_frame
from app.documents.parts import Column, note, pairs, table, titled
from app.documents.words import Language, Text, amount, dated, day, rupees
from app.domain.public_ids import format_payment_id
from app.domain.reporting.account_periods import AccountLine, Movement

TITLE = Text("Statement of account", "खाता विवरण")
_SUMMARY = Text("From {from_on} to {to_on}", "{from_on} से {to_on} तक")
_OPENING = Text("Owed at the beginning", "आरंभ में देय")
_DEBITS = Text("Added", "जोड़ा गया")
_CREDITS = Text("Taken off", "घटाया गया")
_CLOSING = Text("Owed at the end", "अंत में देय")
_OVERDUE = Text("Overdue today", "आज अतिदेय")
_CURRENT = Text("To be current, pay today", "खाता नियमित करने हेतु आज चुकाएँ")
_LINES = Text("Account", "खाता")
_EMPTY = Text("Nothing was booked in this period.", "इस अवधि में कोई लेन-देन नहीं हुआ।")
_NOTE = Text(
    "A line stands on the day on which it was booked; it counts from its value date. What is owed is principal, "
    "interest and charges, less what you paid in advance; interest is added when it is billed.",
    "हर पंक्ति उस दिन की है जिस दिन वह दर्ज हुई; वह अपनी मान्य तारीख से गिनी जाती है। देय राशि में मूलधन, ब्याज और शुल्क हैं, "
    "जिनमें से आपका अग्रिम घटाया गया है; ब्याज बिल बनने पर जुड़ता है।",
)
_COLUMNS = (
    (Text("Booked on", "दर्ज तारीख"), 13, "left"),
    (Text("Value date", "मान्य तारीख"), 13, "left"),
    (Text("Particulars", "विवरण"), 33, "left"),
    (Text("Added (₹)", "जोड़ा (₹)"), 14, "right"),
    (Text("Taken off (₹)", "घटाया (₹)"), 14, "right"),
    (Text("Owed (₹)", "देय (₹)"), 15, "right"),
)
_MOVEMENTS = {
    Movement.DISBURSED: Text("Loan paid out", "ऋण का वितरण"),
    Movement.DISBURSAL_WITHDRAWN: Text("Loan paid out, withdrawn", "ऋण का वितरण वापस लिया"),
    Movement.PAYMENT: Text("Payment received", "भुगतान प्राप्त"),
    Movement.PAYMENT_RETURNED: Text("Payment returned", "भुगतान लौटा"),
    Movement.INTEREST: Text("Interest", "ब्याज"),
    Movement.INTEREST_CORRECTED: Text("Interest corrected", "ब्याज में सुधार"),
    Movement.CHARGE: Text("Charge", "शुल्क"),
    Movement.CHARGE_CANCELLED: Text("Charge cancelled", "शुल्क रद्द"),
    Movement.TO_REFUND: Text("Surplus, to be paid back", "अधिक राशि, लौटाई जाएगी"),
    Movement.REFUND_WITHDRAWN: Text("Surplus, used", "अधिक राशि, समायोजित"),
    Movement.GIVEN_UP: Text("Given up by the lender", "ऋणदाता द्वारा छोड़ी गई राशि"),
    Movement.GIVING_UP_WITHDRAWN: Text("Given up, withdrawn", "छोड़ी गई राशि वापस ली"),
}
_INSTALMENT = Text("instalment {number}", "किस्त {number}")


def period_statement_pdf(facts: PeriodFacts) -> bytes:
    """The statement as a PDF file; the same facts give the same bytes."""
    paper, language = facts.paper, facts.paper.language
    account = facts.account
    heading = dated(_SUMMARY, from_on=account.from_on, to_on=account.to_on)
    blocks = [loan_parties(paper), titled(heading, language), _summary(facts)]
    if facts.to_be_current_paise:
        paying = how_to_pay(paper.lender, language, amount_paise=facts.to_be_current_paise, reference=paper.loan_id)
        blocks += [space(8), paying]
    blocks += [titled(_LINES, language), *_lines(facts), space(6), note(_NOTE.to(language))]
    return render(blocks, frame=paper_frame(paper, TITLE))


def _summary(facts: PeriodFacts) -> Block:
    language, account, due = facts.paper.language, facts.account, facts.next_due
    after = "–" if due is None else next_due_words(due, facts.paper)
    return pairs(
        [
            (_OPENING.to(language), rupees(account.opening_paise)),
            (_DEBITS.to(language), rupees(account.debits_paise)),
            (_CREDITS.to(language), rupees(account.credits_paise)),
            (_CLOSING.to(language), rupees(account.closing_paise)),
            *loan_terms(facts.paper),
            (_OVERDUE.to(language), rupees(facts.overdue_paise)),
            (_CURRENT.to(language), rupees(facts.to_be_current_paise)),
            (NEXT_DUE.to(language), after),
        ]
    )


def _lines(facts: PeriodFacts) -> list[Block]:
    language, account = facts.paper.language, facts.account
    if not account.lines:
        return [note(_EMPTY.to(language), style=STRONG)]
    columns = [
        Column(title=title.to(language), share=share, align="left" if align == "left" else "right")
        for title, share, align in _COLUMNS
    ]
    totals = (TOTAL.to(language), "", "", amount(account.debits_paise), amount(account.credits_paise))
    return table(
        columns,
        [_row(line, language) for line in account.lines],
        total=(*totals, amount(account.closing_paise)),
    )


def _row(line: AccountLine, language: Language) -> tuple[str, ...]:
    words = _MOVEMENTS[line.movement].to(language)
    if line.payment_id is not None:
        words += f" {format_payment_id(line.payment_id)}"
    elif line.cycle is not None:
        words += f", {_INSTALMENT.to(language, number=line.cycle)}"
    return (
        day(line.booked_on, language),
        day(line.value_date, language),
        words,
        amount(line.debit_paise) if line.debit_paise else "",
        amount(line.credit_paise) if line.credit_paise else "",
        amount(line.owed_paise),
    )
