"""The statement of a card account as a PDF document.

Its order follows the holder's questions: how much, until when, how to pay, what for, and how the interest came about.
All figures come from the statement as it was issued; only sums of lines are computed here.
"""

from fractions import Fraction

from app.documents.canvas import (
    BRAND,
    BRAND_TINT,
    MARGIN,
    MUTED,
    RULE,
    STRONG,
    WIDTH,
    PdfCanvas,
    Style,
    shrink,
)
from app.documents.card_facts import CardPostingFacts, CardStatementFacts
from app.documents.layout import Block, Frame, render, space
from app.documents.lender import how_to_pay, letterhead
from app.documents.paper_parts import COMPUTER_MADE, TOTAL, VALUE_DATE, parties
from app.documents.parts import Column, note, pairs, table, titled
from app.documents.words import Language, Text, amount, dated, day, percent, rupees
from app.domain.cards.engine.interest import InterestLine
from app.domain.money import RoundingMode, round_ratio
from app.domain.products.card_terms import CardBucket

TITLE = Text("Card statement", "कार्ड विवरण")
_TOTAL_DUE = Text("Total amount due", "कुल देय राशि")
_MINIMUM_DUE = Text("Minimum amount due", "न्यूनतम देय राशि")
_PAY_BY = Text("Pay by", "भुगतान की अंतिम तारीख")
_ISSUED = Text("Statement date", "विवरण की तारीख")
_NOTHING = Text("Nothing is due", "कुछ देय नहीं")
_CREDIT = Text("{amount} in your favour", "{amount} आपके पक्ष में")
_SUMMARY = Text("Statement {number}: {from_on} to {to_on}", "विवरण {number}: {from_on} से {to_on}")
_OPENING = Text("Previous balance", "पिछला शेष")
_CLOSING = Text("New balance", "नया शेष")
_PLANS = Text("Instalments not billed yet", "किस्तें जिनका बिल शेष है")
_DISPUTED = Text("In dispute, not asked for", "विवादित, अभी देय नहीं")
_TRANSACTIONS = Text("Transactions", "लेन-देन")
_NONE = Text("Nothing was posted in this cycle.", "इस अवधि में कुछ दर्ज नहीं हुआ।")
_INTEREST = Text("How the interest came about", "ब्याज की गणना")
_NO_INTEREST = Text("No interest was charged in this cycle.", "इस अवधि में कोई ब्याज नहीं लगा।")
_MINIMUM = Text("What the minimum due is made of", "न्यूनतम देय राशि के भाग")
_FREE = Text(
    "If you pay the total amount due by the due date, new purchases bear no interest.",
    "यदि आप नियत तारीख तक कुल देय राशि चुकाते हैं, तो नई खरीद पर ब्याज नहीं लगता।",
)
_NOT_FREE = Text(
    "The previous total was not paid in full, so purchases bear interest from their day until all is paid.",
    "पिछली कुल राशि पूरी नहीं चुकाई गई, इसलिए खरीद पर उसकी तारीख से पूरा भुगतान होने तक ब्याज लगता है।",
)
_WARNING = Text(
    "Making only the minimum payment every month stretches the repayment over months or years, with interest on the "
    "balance. A payment counts on the day on which it reaches the lender. Cash bears interest from its day. Tell the "
    "lender at once of a transaction that is not yours.",
    "हर महीने केवल न्यूनतम राशि चुकाने से भुगतान महीनों या वर्षों तक खिंचता है, और शेष पर ब्याज लगता है। भुगतान उस दिन गिना "
    "जाता है जिस दिन वह ऋणदाता को मिले। नकद निकासी पर उसकी तारीख से ब्याज लगता है। जो लेन-देन आपका नहीं है, उसकी सूचना "
    "ऋणदाता को तुरंत दें।",
)
_COLUMNS = (
    (Text("Posted on", "दर्ज तारीख"), 13),
    (VALUE_DATE, 13),
    (Text("Particulars", "विवरण"), 52),
)
_AMOUNT = Text("Amount (₹)", "राशि (₹)")
_FROM, _UNTIL = Text("From", "से"), Text("Until before", "से पहले तक")
_DAYS, _BALANCE, _RATE = Text("Days", "दिन"), Text("Balance (₹)", "शेष (₹)"), Text("Rate a year", "वार्षिक दर")
_EXACT = Text("Interest (₹)", "ब्याज (₹)")
_KINDS = {
    "purchase": Text("Purchase", "खरीद"),
    "cash_advance": Text("Cash", "नकद निकासी"),
    "instalment": Text("Instalment", "किस्त"),
    "payment": Text("Payment, thank you", "भुगतान, धन्यवाद"),
    "returned_payment": Text("Payment returned", "भुगतान लौटा"),
    "refund": Text("Refund", "धन-वापसी"),
    "credit": Text("Credit", "जमा"),
    "payout": Text("Credit paid out", "जमा राशि का भुगतान"),
    "reversal": Text("Reversal", "वापसी"),
    "conversion": Text("Turned into instalments", "किस्तों में बदला"),
    "foreclosure": Text("Instalments ended early", "किस्तें समय से पहले समाप्त"),
    "dispute": Text("Dispute", "विवाद"),
    "dispute_lost": Text("Dispute decided", "विवाद का निर्णय"),
    "closing": Text("Account closed", "खाता बंद"),
    "charge_off": Text("Charged off", "बट्टे खाते"),
    "interest": Text("Interest", "ब्याज"),
    "cash_interest": Text("Interest on cash", "नकद पर ब्याज"),
    "plan_interest": Text("Interest on instalments", "किस्तों पर ब्याज"),
    "fee": Text("Fee", "शुल्क"),
    "late_fee": Text("Late fee", "विलंब शुल्क"),
    "tax": Text("GST", "जीएसटी"),
}
#: The lines of the summary between the balances: the kinds of each. What is in none of them is "other".
_SUMS = (
    (Text("Purchases and cash", "खरीद और नकद"), ("purchase", "cash_advance")),
    (Text("Instalments", "किस्तें"), ("instalment",)),
    (Text("Interest", "ब्याज"), ("interest", "cash_interest", "plan_interest")),
    (Text("Fees", "शुल्क"), ("fee", "late_fee")),
    (Text("GST", "जीएसटी"), ("tax",)),
    (Text("Payments and credits", "भुगतान और जमा"), ("payment", "refund", "credit")),
)
_OTHER = Text("Other", "अन्य")
_ADJUSTMENT, _CORRECTED = "_adjustment", Text("corrected", "सुधार")
_PARTS = (
    (Text("GST", "जीएसटी"), "tax_paise"),
    (Text("Fees", "शुल्क"), "fees_paise"),
    (Text("Interest", "ब्याज"), "interest_paise"),
    (Text("Instalments", "किस्तें"), "instalments_paise"),
    (Text("Over the limit", "सीमा से अधिक"), "over_limit_paise"),
    (Text("Share of purchases and cash", "खरीद और नकद का भाग"), "share_paise"),
    (Text("Past due", "पिछला बकाया"), "past_due_paise"),
    (Text("Next interest, if that is more", "अगला ब्याज, यदि वह अधिक हो"), "covering_paise"),
)
_ROUNDED = Text("Rounded up", "पूर्णांकन")
_CAPPED = Text("No more than the total due", "कुल देय राशि से अधिक नहीं")
_BUCKETS = {
    CardBucket.PURCHASES: Text("purchases", "खरीद"),
    CardBucket.CASH: Text("cash", "नकद"),
    CardBucket.INSTALMENTS: Text("instalments", "किस्तें"),
    CardBucket.INTEREST: Text("interest", "ब्याज"),
    CardBucket.FEES: Text("fees", "शुल्क"),
    CardBucket.TAX: Text("GST", "जीएसटी"),
}


def card_statement_pdf(facts: CardStatementFacts) -> bytes:
    """The statement as a PDF file; the same facts give the same bytes."""
    language = facts.language
    frame = Frame(
        title=TITLE.en,
        title_hindi=TITLE.hi,
        about=f"{facts.account_id} {facts.number}",
        foot=f"{facts.account_id}  ·  {day(facts.issued_on, language)}  ·  {COMPUTER_MADE.to(language)}",
        letterhead=letterhead(facts.lender, language),
        language=language,
    )
    who = parties(
        facts.borrower, language, number=facts.account_id, about=facts.product, on=day(facts.issued_on, language)
    )
    blocks = [who, space(6), _headline(facts)]
    if facts.total_due_paise > 0:
        paying = how_to_pay(facts.lender, language, amount_paise=facts.total_due_paise, reference=facts.account_id)
        blocks += [space(8), paying]
    blocks += [titled(_heading(facts), language), _summary(facts)]
    blocks += [titled(_TRANSACTIONS, language), *_transactions(facts)]
    blocks += [titled(_INTEREST, language), *_interest(facts)]
    if facts.minimum_due_paise:
        blocks += [titled(_MINIMUM, language), _minimum(facts)]
    free = _FREE if facts.interest_free else _NOT_FREE
    blocks += [space(6), note(free.to(language), style=STRONG), note(_WARNING.to(language))]
    return render(blocks, frame=frame)


def _heading(facts: CardStatementFacts) -> Text:
    return dated(_SUMMARY, number=str(facts.number), from_on=facts.from_on, to_on=facts.issued_on)


def _headline(facts: CardStatementFacts) -> Block:
    """The four figures that decide what the holder does."""
    language = facts.language
    total = rupees(facts.total_due_paise)
    if facts.closing_paise < 0:
        total = _CREDIT.to(language, amount=rupees(-facts.closing_paise))
    due = day(facts.due_on, language) if facts.total_due_paise > 0 else _NOTHING.to(language)
    cells = (
        (_TOTAL_DUE.to(language), total),
        (_MINIMUM_DUE.to(language), rupees(facts.minimum_due_paise)),
        (_PAY_BY.to(language), due),
        (_ISSUED.to(language), day(facts.issued_on, language)),
    )
    width = (WIDTH - 3 * 8) / 4

    def draw(canvas: PdfCanvas, y: float) -> None:
        for place, (label, value) in enumerate(cells):
            left = MARGIN + place * (width + 8)
            fill, stroke = (BRAND_TINT, None) if place != len(cells) - 1 else (None, RULE)
            canvas.box(x=left, y=y, width=width, height=56, fill=fill, stroke=stroke, radius=8)
            head = Style(size=8, bold=True, ink=MUTED)
            canvas.text(label, x=left + 10, y=y + 20, style=shrink(label, width=width - 20, style=head))
            large = shrink(value, width=width - 20, style=Style(size=14, bold=True, ink=BRAND))
            canvas.text(value, x=left + 10, y=y + 42, style=large)

    return Block(height=58, draw=draw)


def _summary(facts: CardStatementFacts) -> Block:
    language, left = facts.language, list(facts.postings)
    entries = [(_OPENING.to(language), rupees(facts.opening_paise))]
    for label, kinds in _SUMS:
        entries.append((label.to(language), rupees(sum(one.owed_paise for one in left if _kind(one) in kinds))))
        left = [one for one in left if _kind(one) not in kinds]
    entries.append((_OTHER.to(language), rupees(sum(one.owed_paise for one in left))))
    entries.append((_CLOSING.to(language), rupees(facts.closing_paise)))
    if facts.plan_paise:
        entries.append((_PLANS.to(language), rupees(facts.plan_paise)))
    if facts.disputed_paise:
        entries.append((_DISPUTED.to(language), rupees(facts.disputed_paise)))
    return pairs(entries)


def _transactions(facts: CardStatementFacts) -> list[Block]:
    language = facts.language
    if not facts.postings:
        return [note(_NONE.to(language), style=STRONG)]
    columns = [Column(title=title.to(language), share=share, align="left") for title, share in _COLUMNS]
    columns.append(Column(title=_AMOUNT.to(language), share=22))
    total = (TOTAL.to(language), "", "", amount(sum(one.owed_paise for one in facts.postings)))
    return table(columns, [_posting(one, language) for one in facts.postings], total=total)


def _kind(one: CardPostingFacts) -> str:
    """The kind of a posting; a correction counts as what it corrects."""
    return one.kind.removesuffix(_ADJUSTMENT)


def _posting(one: CardPostingFacts, language: Language) -> tuple[str, ...]:
    kind = _kind(one)
    known = _KINDS.get(kind)
    words = kind.replace("_", " ").capitalize() if known is None else known.to(language)
    if kind != one.kind:
        words += f", {_CORRECTED.to(language)}"
    particulars = "  ·  ".join(filter(None, (words, one.merchant, one.reference)))
    return day(one.posted_on, language), day(one.value_on, language), particulars, amount(one.owed_paise)


def _interest(facts: CardStatementFacts) -> list[Block]:
    language = facts.language
    if not facts.interest:
        return [note(_NO_INTEREST.to(language), style=STRONG)]
    columns = [
        Column(title=_COLUMNS[2][0].to(language), share=16, align="left"),
        Column(title=_FROM.to(language), share=14, align="left"),
        Column(title=_UNTIL.to(language), share=14, align="left"),
        Column(title=_DAYS.to(language), share=8),
        Column(title=_BALANCE.to(language), share=18),
        Column(title=_RATE.to(language), share=14),
        Column(title=_EXACT.to(language), share=16),
    ]
    return table(columns, [_interest_line(line, language) for line in facts.interest])


def _interest_line(line: InterestLine, language: Language) -> tuple[str, ...]:
    return (
        _BUCKETS[line.bucket].to(language),
        day(line.from_on, language),
        day(line.to_on, language),
        str(line.days),
        amount(line.balance_paise),
        percent(line.annual_rate_percent),
        _exact(line.exact_paise),
    )


def _exact(paise: Fraction) -> str:
    """Paise before rounding as rupees with four decimals."""
    hundredths = round_ratio(100 * paise.numerator, paise.denominator, mode=RoundingMode.HALF_UP)
    return f"{amount(hundredths // 100)}{hundredths % 100:02d}"


def _minimum(facts: CardStatementFacts) -> Block:
    language, parts, rounding = facts.language, facts.minimum, facts.minimum_rounding_paise
    entries = [(label, getattr(parts, name)) for label, name in _PARTS if getattr(parts, name)]
    if rounding:
        entries.append((_ROUNDED if rounding > 0 else _CAPPED, rounding))
    entries.append((_MINIMUM_DUE, facts.minimum_due_paise))
    return pairs([(label.to(language), rupees(paise)) for label, paise in entries])
