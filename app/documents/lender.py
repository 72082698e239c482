"""What a paper says about the lender: the letterhead, and how to pay."""

from urllib.parse import quote

from app.documents.canvas import BRAND, BRAND_TINT, MARGIN, QUIET, STRONG, WIDTH, PdfCanvas, Style, fit, shrink
from app.documents.layout import Block, Letterhead
from app.documents.qr_codes import draw_qr
from app.documents.words import Language, Text, rupees
from app.domain.lender.profiles import LenderProfile, LenderVersion

_QR_SIDE = 92.0

_HOW_TO_PAY = Text("How to pay", "भुगतान कैसे करें")
_AMOUNT = Text("Amount", "राशि")
_SCAN = Text("Scan with any UPI app", "किसी भी UPI ऐप से स्कैन करें")
_UPI = Text("UPI address", "UPI पता")
_ACCOUNT = Text("Bank account (NEFT, IMPS)", "बैंक खाता (NEFT, IMPS)")
_NOTE = Text("Payment reference", "भुगतान संदर्भ")
_ASK = Text("Ask the lender how to pay, and name {reference}.", "भुगतान का तरीका ऋणदाता से पूछें, और {reference} बताएँ।")
_GRIEVANCE = Text("Grievance redressal officer", "शिकायत निवारण अधिकारी")


def letterhead(lender: LenderVersion | None, language: Language) -> Letterhead | None:
    """The letterhead of the lender's profile; None without a profile."""
    if lender is None:
        return None
    profile = lender.profile
    numbers = [("CIN", profile.cin), ("GSTIN", profile.gstin), ("RBI", profile.rbi_registration)]
    officer = " · ".join((profile.grievance_officer, profile.grievance_phone, profile.grievance_email))
    return Letterhead(
        name=lender_name(profile, language),
        lines=(
            address_line(profile, language),
            "  ·  ".join(f"{name} {number}" for name, number in numbers if number),
        ),
        logo=lender.logo,
        foot=f"{_GRIEVANCE.to(language)}: {officer}",
    )


def lender_name(profile: LenderProfile, language: Language) -> str:
    """The name of the lender in a language."""
    return profile.text("name", hindi=language is Language.HINDI) or profile.name


def address_line(profile: LenderProfile, language: Language) -> str:
    """The address of the lender in one line."""
    address = profile.text("address", hindi=language is Language.HINDI) or profile.address
    return ", ".join(line.rstrip(",") for line in address.splitlines())


def upi_link(profile: LenderProfile, *, amount_paise: int, reference: str) -> str | None:
    """The link that a UPI app reads from a QR code; None if the lender takes no UPI.

    Source: NPCI, UPI Linking Specifications (pa: payee address, pn: payee name, am: amount, cu: currency, tn: note,
    tr: reference).
    """
    if profile.upi_address is None:
        return None
    rupees_text = f"{amount_paise // 100}.{amount_paise % 100:02d}"
    fields = {
        "pa": profile.upi_address,
        "pn": profile.name,
        "am": rupees_text,
        "cu": "INR",
        "tn": reference,
        "tr": "".join(letter for letter in reference if letter.isalnum()),
    }
    return "upi://pay?" + "&".join(f"{name}={quote(value, safe='@.')}" for name, value in fields.items())


def how_to_pay(lender: LenderVersion | None, language: Language, *, amount_paise: int, reference: str) -> Block:
    """A block that says how an amount is paid, with a QR code if the lender takes UPI."""
    profile = None if lender is None else lender.profile
    link = None if profile is None else upi_link(profile, amount_paise=amount_paise, reference=reference)
    lines = _paying_lines(profile, language, amount_paise=amount_paise, reference=reference)
    height = max(20.0 + 15 * len(lines) + 12, 0 if link is None else _QR_SIDE + 16)

    def draw(canvas: PdfCanvas, y: float) -> None:
        canvas.box(x=MARGIN, y=y, width=WIDTH, height=height, fill=BRAND_TINT, radius=8)
        title = Style(size=9.5, bold=True, ink=BRAND)
        canvas.text(_HOW_TO_PAY.to(language), x=MARGIN + 14, y=y + 18, style=title)
        room = WIDTH - 28 - (0 if link is None else _QR_SIDE + 14)
        for number, (label, value) in enumerate(lines):
            base = y + 36 + 15 * number
            canvas.text(fit(label, width=room, style=QUIET), x=MARGIN + 14, y=base, style=QUIET)
            style = shrink(value, width=room - 140, style=STRONG)
            canvas.text(value, x=MARGIN + 150, y=base, style=style)
        if link is not None:
            draw_qr(canvas, link, x=MARGIN + WIDTH - _QR_SIDE - 8, y=y + 8, side=_QR_SIDE)

    return Block(height=height, draw=draw)


def _paying_lines(
    profile: LenderProfile | None, language: Language, *, amount_paise: int, reference: str
) -> list[tuple[str, str]]:
    if profile is None or (profile.upi_address is None and profile.bank_account_number is None):
        return [(_ASK.to(language, reference=reference), "")]
    lines = [(_AMOUNT.to(language), rupees(amount_paise)), (_NOTE.to(language), reference)]
    if profile.upi_address is not None:
        lines += [(_UPI.to(language), profile.upi_address), (_SCAN.to(language), "")]
    if profile.bank_account_number is not None:
        number = f"{profile.bank_account_number}, {profile.bank_ifsc}"
        lines += [(_ACCOUNT.to(language), number), ("", profile.bank_account_name or "")]
    return lines
