"""The receipt of a payment: how much was received, and what it paid."""

from app.documents.canvas import ALARM, ALARM_TINT, BRAND, BRAND_TINT, MARGIN, WIDTH, PdfCanvas, Style, shrink
from app.documents.facts import ReceiptFacts
from app.documents.layout import Block, render, space
from app.documents.paper_parts import (
    ADVANCE,
    CHARGES,
    INTEREST,
    NEXT_DUE,
    PRINCIPAL,
    VALUE_DATE,
    loan_parties,
    loan_terms,
    name_of_lender,
    next_due_words,
    paper_frame,
)
from app.documents.parts import note, pairs, titled
from app.documents.words import Language, Text, day, rupees

TITLE = Text("Receipt of a payment", "भुगतान की रसीद")
_RECEIVED = Text("Received by {lender}", "{lender} को प्राप्त")
_RETURNED = Text(
    "This payment was returned on {on}: nothing was received.", "यह भुगतान {on} को लौट गया: कुछ प्राप्त नहीं हुआ।"
)
_ABOUT = Text("The payment", "भुगतान का विवरण")
_NUMBER = Text("Receipt number", "रसीद संख्या")
_BOOKED_ON = Text("Booked on", "दर्ज होने की तारीख")
_METHOD = Text("Method", "माध्यम")
_REFERENCE = Text("Reference", "संदर्भ")
_SETTLES = Text("What it pays", "भुगतान का बँटवारा")
_LOAN = Text("The loan", "ऋण")
_OUTSTANDING = Text("Principal outstanding today", "आज शेष मूलधन")
_NOTHING = Text("nothing", "कुछ नहीं")
_NOTE = Text(
    "A payment settles what is due; an advance is kept for the instalments to come. What it pays is shown as the books "
    "stand today: a correction of an earlier day may change it. Keep this receipt.",
    "भुगतान पहले देय राशि चुकाता है; अग्रिम आने वाली किस्तों के लिए रखा जाता है। बँटवारा आज की बहियों के अनुसार है: पिछली तारीख का "
    "सुधार इसे बदल सकता है। यह रसीद सँभाल कर रखें।",
)


def receipt_pdf(facts: ReceiptFacts) -> bytes:
    """The receipt as a PDF file; the same facts give the same bytes."""
    paper, language = facts.paper, facts.paper.language
    blocks = [loan_parties(paper), space(6), _received(facts)]
    blocks += [
        titled(_ABOUT, language),
        pairs(
            [
                (_NUMBER.to(language), facts.payment_id),
                (VALUE_DATE.to(language), day(facts.value_date, language)),
                (_BOOKED_ON.to(language), day(facts.booked_on, language)),
                (_METHOD.to(language), facts.method or "–"),
                (_REFERENCE.to(language), facts.reference or "–"),
            ],
            columns=1,
        ),
    ]
    blocks += [titled(_SETTLES, language), pairs(_parts(facts, language), columns=1)]
    blocks += [titled(_LOAN, language), pairs([*loan_terms(paper), *_left(facts, language)], columns=1)]
    blocks += [space(6), note(_NOTE.to(language))]
    return render(blocks, frame=paper_frame(paper, TITLE))


def _received(facts: ReceiptFacts) -> Block:
    """The amount in large figures; of a payment that was returned, that it was."""
    language, amount = facts.paper.language, rupees(facts.amount_paise)
    head = _RECEIVED.to(language, lender=name_of_lender(facts.paper))
    returned = facts.reversed_on is not None
    if returned:
        head = _RETURNED.to(language, on=day(facts.reversed_on, language))
    ink, ground = (ALARM, ALARM_TINT) if returned else (BRAND, BRAND_TINT)

    def draw(canvas: PdfCanvas, y: float) -> None:
        canvas.box(x=MARGIN, y=y, width=WIDTH, height=66, fill=ground, radius=8)
        style = Style(size=9, bold=True, ink=ink)
        canvas.text(head, x=MARGIN + 16, y=y + 22, style=shrink(head, width=WIDTH - 32, style=style))
        large = shrink(amount, width=WIDTH - 32, style=Style(size=23, bold=True, ink=ink))
        canvas.text(amount, x=MARGIN + 16, y=y + 50, style=large)

    return Block(height=70, draw=draw)


def _parts(facts: ReceiptFacts, language: Language) -> list[tuple[str, str]]:
    return [
        (CHARGES.to(language), rupees(facts.charges_paise)),
        (INTEREST.to(language), rupees(facts.interest_paise)),
        (PRINCIPAL.to(language), rupees(facts.principal_paise)),
        (ADVANCE.to(language), rupees(facts.advance_paise)),
    ]


def _left(facts: ReceiptFacts, language: Language) -> list[tuple[str, str]]:
    due = facts.next_due
    after = _NOTHING.to(language) if due is None else next_due_words(due, facts.paper)
    return [(_OUTSTANDING.to(language), rupees(facts.outstanding_paise)), (NEXT_DUE.to(language), after)]
