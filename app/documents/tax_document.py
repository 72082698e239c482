"""An invoice, a credit note or a debit note for a charge, as a paper."""

from app.documents.facts import TaxPaperFacts
from app.documents.layout import Frame, render, space
from app.documents.lender import letterhead
from app.documents.paper_parts import COMPUTER_MADE, TOTAL, parties
from app.documents.parts import note, pairs, titled
from app.documents.words import Text, day, rupees
from app.domain.reporting.gst import DocumentKind

_TITLES = {
    DocumentKind.INVOICE: Text("Tax invoice", "कर बीजक"),
    DocumentKind.CREDIT_NOTE: Text("Credit note", "क्रेडिट नोट"),
    DocumentKind.DEBIT_NOTE: Text("Debit note", "डेबिट नोट"),
}
_DOCUMENT = Text("The document", "दस्तावेज़")
_NUMBER = Text("Number", "संख्या")
_DATE = Text("Date", "तारीख")
_OF_INVOICE = Text("For the invoice", "संबंधित बीजक")
_INVOICE_VALUE = Text("{number} of {on}", "{number}, {on}")
_SUPPLIER = Text("GSTIN of the supplier", "आपूर्तिकर्ता का GSTIN")
_PLACE = Text("Place of supply (state code)", "आपूर्ति का स्थान (राज्य कोड)")
_SUPPLY = Text("The supply", "आपूर्ति")
_SERVICE = Text("Service", "सेवा")
_SAC = Text("Service accounting code (SAC)", "सेवा लेखा कोड (SAC)")
_SUPPLIED_ON = Text("Supplied on", "आपूर्ति की तारीख")
_VALUE = Text("Taxable value", "कर योग्य मूल्य")
_CENTRAL = Text("Central tax (CGST)", "केंद्रीय कर (CGST)")
_STATE = Text("State tax (SGST)", "राज्य कर (SGST)")
_INTEGRATED = Text("Integrated tax (IGST)", "एकीकृत कर (IGST)")
_NOTES = {
    DocumentKind.INVOICE: Text(
        "The tax is not payable on reverse charge. The amount is part of what is due on the account named above.",
        "इस पर रिवर्स चार्ज लागू नहीं है। यह राशि ऊपर बताए खाते की देय राशि का भाग है।",
    ),
    DocumentKind.CREDIT_NOTE: Text(
        "This amount is no longer asked for: the charge was waived or taken back. The tax is given back with it.",
        "यह राशि अब नहीं माँगी जाती: शुल्क माफ़ किया गया या वापस लिया गया। उसका कर भी लौटाया जाता है।",
    ),
    DocumentKind.DEBIT_NOTE: Text(
        "An earlier credit note for this invoice was undone.", "इस बीजक का पहले का क्रेडिट नोट वापस लिया गया।"
    ),
}
_NAMES = {
    "fee": Text("Fee", "शुल्क"),
    "charge": Text("Late charge", "विलंब शुल्क"),
    "bounce_charge": Text("Returned payment", "भुगतान लौटने का शुल्क"),
    "prepayment_charge": Text("Prepayment", "समयपूर्व भुगतान शुल्क"),
    "late_fee": Text("Late fee", "विलंब शुल्क"),
    "interest": Text("Finance charge", "वित्त प्रभार"),
    "cash_interest": Text("Finance charge on cash", "नकद निकासी पर वित्त प्रभार"),
    "plan_interest": Text("Finance charge of instalments", "किस्तों पर वित्त प्रभार"),
}


def tax_document_pdf(facts: TaxPaperFacts) -> bytes:
    """The document as a PDF file; the same facts give the same bytes."""
    document, language, title = facts.document, facts.language, _TITLES[facts.document.kind]
    booked = day(document.booked_on, language)
    frame = Frame(
        title=title.en,
        title_hindi=title.hi,
        about=document.number,
        foot=f"{document.number}  ·  {booked}  ·  {COMPUTER_MADE.to(language)}",
        letterhead=letterhead(facts.lender, language),
        language=language,
    )
    blocks = [parties(facts.borrower, language, number=document.number, about=facts.account, on=booked)]
    blocks += [titled(_DOCUMENT, language), pairs(_about(facts), columns=1)]
    blocks += [titled(_SUPPLY, language), pairs(_supply(facts), columns=1), space(6)]
    return render([*blocks, note(_NOTES[document.kind].to(language))], frame=frame)


def _about(facts: TaxPaperFacts) -> list[tuple[str, str]]:
    document, language = facts.document, facts.language
    found = [(_NUMBER.to(language), document.number), (_DATE.to(language), day(document.booked_on, language))]
    if (invoice := facts.invoice) is not None:
        value = _INVOICE_VALUE.to(language, number=invoice.number, on=day(invoice.booked_on, language))
        found.append((_OF_INVOICE.to(language), value))
    gstin = None if facts.lender is None else facts.lender.profile.gstin
    return [*found, (_SUPPLIER.to(language), gstin or "–"), (_PLACE.to(language), document.place)]


def _supply(facts: TaxPaperFacts) -> list[tuple[str, str]]:
    document, language = facts.document, facts.language
    found = [
        (_SERVICE.to(language), _service(facts)),
        (_SAC.to(language), document.sac or "–"),
        (_SUPPLIED_ON.to(language), day(document.supplied_on, language)),
        (_VALUE.to(language), rupees(document.taxable_paise)),
    ]
    heads = [(_CENTRAL, document.central_paise), (_STATE, document.state_paise)]
    if document.integrated_paise:
        heads = [(_INTEGRATED, document.integrated_paise)]
    found += [(head.to(language), rupees(paise)) for head, paise in heads]
    return [*found, (TOTAL.to(language), rupees(document.taxable_paise + document.tax_paise))]


def _service(facts: TaxPaperFacts) -> str:
    """What was supplied: the name of the charge, or the kind of it."""
    document = facts.document
    if document.name is not None and not document.name.islower():
        return document.name
    known = _NAMES.get(document.charge)
    words = (document.name or document.charge).replace("_", " ").capitalize()
    return words if known is None or document.name is not None else known.to(facts.language)
