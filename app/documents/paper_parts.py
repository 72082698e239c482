"""What all papers of a loan have in common: the frame, the parties, and the signature that is not needed."""

from app.documents.canvas import MARGIN, QUIET, WIDTH, PdfCanvas, Style, fit
from app.documents.facts import Borrower, PaperFacts
from app.documents.layout import Block, Frame
from app.documents.lender import lender_name, letterhead
from app.documents.words import Language, Text, day, percent, rupees
from app.domain.payments.payments import Due

COMPUTER_MADE = Text("computer-generated, valid without a signature", "कंप्यूटर से बना, बिना हस्ताक्षर के मान्य")
CUSTOMER = Text("Customer", "ग्राहक")
AADHAAR = Text("Aadhaar", "आधार")
MOBILE = Text("Mobile", "मोबाइल")
THE_LENDER = Text("the lender", "ऋणदाता")

AMOUNT_LENT = Text("Amount lent", "ऋण राशि")
TOPPED_UP = Text("Lent on top since", "बाद में और दी गई राशि")
RATE = Text("Annual interest rate", "वार्षिक ब्याज दर")
DISBURSED_ON = Text("Disbursed on", "वितरण की तारीख")
PRINCIPAL = Text("Principal", "मूलधन")
INTEREST = Text("Interest", "ब्याज")
CHARGES = Text("Charges", "शुल्क")
ADVANCE = Text("Advance", "अग्रिम")
TOTAL = Text("Total", "कुल")
NEXT_DUE = Text("Next due", "अगली देय राशि")
VALUE_DATE = Text("Value date", "मान्य तारीख")
_DUE_BY = Text("{amount} by {on}", "{on} तक {amount}")
_DUE_SINCE = Text("{amount}, due since {on}", "{amount}, {on} से देय")


def paper_frame(facts: PaperFacts, title: Text) -> Frame:
    """The frame of a paper of a loan."""
    return Frame(
        title=title.en,
        title_hindi=title.hi,
        about=facts.loan_id,
        foot=f"{facts.loan_id}  ·  {day(facts.on, facts.language)}  ·  {COMPUTER_MADE.to(facts.language)}",
        letterhead=letterhead(facts.lender, facts.language),
        language=facts.language,
    )


def parties(borrower: Borrower, language: Language, *, number: str, about: str, on: str) -> Block:
    """The borrower on the left; on the right what the paper is about, and its day."""
    identity = [f"{CUSTOMER.to(language)} {borrower.user_id}"]
    identity += [f"{AADHAAR.to(language)} {borrower.aadhaar}"] if borrower.aadhaar else []
    identity += [f"{MOBILE.to(language)} {borrower.phone}"] if borrower.phone else []
    address = " ".join((borrower.address or "").split())
    right = MARGIN + WIDTH

    def draw(canvas: PdfCanvas, y: float) -> None:
        name = Style(size=13, bold=True)
        canvas.text(fit(borrower.name, width=WIDTH * 0.56, style=name), x=MARGIN, y=y + 14, style=name)
        canvas.text("  ·  ".join(identity), x=MARGIN, y=y + 30, style=QUIET)
        canvas.text(fit(address, width=WIDTH * 0.6, style=QUIET), x=MARGIN, y=y + 42, style=QUIET)
        canvas.text(number, x=right, y=y + 14, style=name, align="right")
        canvas.text(fit(about, width=WIDTH * 0.42, style=QUIET), x=right, y=y + 30, style=QUIET, align="right")
        canvas.text(on, x=right, y=y + 42, style=QUIET, align="right")

    return Block(height=56 if address else 50, draw=draw)


def loan_parties(facts: PaperFacts) -> Block:
    """The parties of a paper of a loan."""
    return parties(
        facts.borrower,
        facts.language,
        number=facts.loan_id,
        about=facts.product,
        on=day(facts.on, facts.language),
    )


def loan_terms(facts: PaperFacts) -> list[tuple[str, str]]:
    """The loan in pairs of label and value."""
    language = facts.language
    return [
        (AMOUNT_LENT.to(language), rupees(facts.amount_paise)),
        *([(TOPPED_UP.to(language), rupees(facts.topped_up_paise))] if facts.topped_up_paise else []),
        (RATE.to(language), percent(facts.annual_rate_percent)),
        (DISBURSED_ON.to(language), day(facts.disbursed_on, language)),
    ]


def next_due_words(due: Due, facts: PaperFacts) -> str:
    """What is due next, and by when; of a day that is over, since when."""
    words = _DUE_BY if due.due_on >= facts.on else _DUE_SINCE
    return words.to(facts.language, amount=rupees(due.amount_paise), on=day(due.due_on, facts.language))


def name_of_lender(facts: PaperFacts) -> str:
    """The lender as a letter names it."""
    if facts.lender is None:
        return THE_LENDER.to(facts.language)
    return lender_name(facts.lender.profile, facts.language)
