"""Letters about a loan: the interest certificate, the no-dues letter, and the foreclosure letter."""

from app.documents.facts import CertificateFacts, ForeclosureFacts, PaperFacts
from app.documents.layout import Block, render, space
from app.documents.lender import how_to_pay
from app.documents.paper_parts import (
    ADVANCE,
    CHARGES,
    PRINCIPAL,
    TOTAL,
    loan_parties,
    loan_terms,
    name_of_lender,
    paper_frame,
)
from app.documents.parts import Column, note, pairs, paragraph, table, titled
from app.documents.words import Language, Text, amount, dated, day, rupees
from app.domain.payments.payments import Payoff

CERTIFICATE = Text("Interest certificate", "ब्याज प्रमाण पत्र")
NO_DUES = Text("No-dues letter", "बेबाकी पत्र")
FORECLOSURE = Text("Foreclosure letter", "समयपूर्व भुगतान पत्र")

_TO_WHOM = Text("To whom it may concern", "जिनसे संबंधित हो")
_CERTIFIED = Text(
    "{lender} certifies that {borrower} holds the loan {loan}, and that the following amounts belong to the financial "
    "year {year}.",
    "{lender} प्रमाणित करता है कि {borrower} के नाम ऋण {loan} है, और नीचे दी गई राशियाँ वित्तीय वर्ष {year} की हैं।",
)
_PROVISIONAL = Text(
    "This certificate is provisional: the year is not over, and the amounts are those up to {on}.",
    "यह प्रमाण पत्र अनंतिम है: वर्ष अभी पूरा नहीं हुआ है, और राशियाँ {on} तक की हैं।",
)
_AMOUNTS = Text("Amounts of the year", "वर्ष की राशियाँ")
_INTEREST_PAID = Text("Interest paid", "चुकाया गया ब्याज")
_INTEREST_CHARGED = Text("Interest charged", "लगाया गया ब्याज")
_PRINCIPAL_REPAID = Text("Principal repaid", "चुकाया गया मूलधन")
_CHARGES_PAID = Text("Charges paid", "चुकाए गए शुल्क")
_OUTSTANDING = Text("Principal outstanding on {on}", "{on} को शेष मूलधन")
_CERTIFICATE_NOTE = Text(
    "Amounts count on the day from which they count in the books. Interest paid in advance counts on the day on which "
    "its instalment was billed. Whether an amount can be deducted from income is a matter of tax law and of the use of "
    "the loan.",
    "राशियाँ बहियों की मान्य तारीख से गिनी गई हैं। अग्रिम दिया गया ब्याज उस दिन गिना जाता है जिस दिन उसकी किस्त का बिल बना। "
    "कोई राशि आय से घटाई जा सकती है या नहीं, यह कर कानून और ऋण के उपयोग पर निर्भर है।",
)
_NOTHING_DUE = Text(
    "{lender} confirms that the loan {loan} of {amount}, paid out to {borrower} on {disbursed}, was repaid in full on "
    "{closed}. Nothing is due on this loan, and the lender has no claim under it.",
    "{lender} पुष्टि करता है कि {borrower} को {disbursed} को दिया गया {amount} का ऋण {loan}, {closed} को पूरा चुका दिया "
    "गया। इस ऋण पर कुछ भी देय नहीं है, और इसके अंतर्गत ऋणदाता का कोई दावा नहीं है।",
)
_OTHER_DEBTS = Text(
    "This letter is about this loan only, and not about other dues. It is given without a charge. If a payment that "
    "closed the loan is returned by the bank later, the loan is open again and this letter is void.",
    "यह पत्र केवल इसी ऋण के बारे में है, अन्य देय राशियों के बारे में नहीं। यह निःशुल्क दिया जाता है। यदि ऋण बंद करने वाला भुगतान बाद में "
    "बैंक से लौट जाए, तो ऋण फिर से खुल जाता है और यह पत्र अमान्य हो जाता है।",
)
_CLOSES = Text(
    "{amount}, received on {on}, closes the loan {loan} of {borrower}. This letter is valid until {on}, if nothing "
    "else is paid or booked before.",
    "{on} को प्राप्त {amount} से {borrower} का ऋण {loan} बंद हो जाता है। यह पत्र {on} तक मान्य है, यदि उससे पहले कुछ और "
    "न चुकाया जाए और न दर्ज हो।",
)
_PARTS = Text("What closes the loan on {on}", "{on} को ऋण बंद करने की राशि")
_INTEREST_BILLED = Text("Interest billed", "बिल किया गया ब्याज")
_INTEREST_ACCRUED = Text("Interest since the last bill", "पिछले बिल के बाद का ब्याज")
_FORECLOSURE_CHARGE = Text("Foreclosure charge with GST", "समयपूर्व भुगतान शुल्क, जीएसटी सहित")
_EACH_DAY = Text("If you pay on another day", "यदि आप किसी और दिन चुकाएँ")
_DAY, _CLOSING = Text("Received on", "प्राप्ति की तारीख"), Text("Closes the loan (₹)", "ऋण बंद करने की राशि (₹)")
_FORECLOSURE_NOTE = Text(
    "The amount holds for a payment that reaches the lender on that day. After it, ask for a new letter. When the loan "
    "is closed, a no-dues letter is given.",
    "यह राशि उस भुगतान के लिए है जो उसी दिन ऋणदाता को मिले। उसके बाद नया पत्र माँगें। ऋण बंद होने पर बेबाकी पत्र दिया जाता है।",
)


def certificate_pdf(facts: CertificateFacts) -> bytes:
    """The interest certificate as a PDF file; the same facts give the same bytes."""
    paper, year, language = facts.paper, facts.year, facts.paper.language
    words = _CERTIFIED.to(
        language,
        lender=name_of_lender(paper),
        borrower=paper.borrower.name,
        loan=paper.loan_id,
        year=f"{year.from_on.year}-{year.ends_on.year % 100:02d}",
    )
    blocks = [loan_parties(paper), titled(_TO_WHOM, language), paragraph(words)]
    if year.is_provisional:
        blocks.append(paragraph(_PROVISIONAL.to(language, on=day(year.to_on, language))))
    figures = [
        (_INTEREST_PAID.to(language), rupees(year.interest_paid_paise)),
        (_INTEREST_CHARGED.to(language), rupees(year.interest_charged_paise)),
        (_PRINCIPAL_REPAID.to(language), rupees(year.principal_repaid_paise)),
        (_CHARGES_PAID.to(language), rupees(year.charges_paid_paise)),
        (_OUTSTANDING.to(language, on=day(year.to_on, language)), rupees(year.principal_paise)),
    ]
    blocks += [titled(_AMOUNTS, language), pairs(figures, columns=1)]
    blocks += [space(8), pairs(loan_terms(paper), columns=1), space(8), note(_CERTIFICATE_NOTE.to(language))]
    return render(blocks, frame=paper_frame(paper, CERTIFICATE))


def no_dues_pdf(paper: PaperFacts) -> bytes:
    """The no-dues letter as a PDF file; the same facts give the same bytes."""
    language = paper.language
    words = _NOTHING_DUE.to(
        language,
        lender=name_of_lender(paper),
        borrower=paper.borrower.name,
        loan=paper.loan_id,
        amount=rupees(paper.amount_paise),
        disbursed=day(paper.disbursed_on, language),
        closed=day(paper.closed_on, language),
    )
    blocks = [loan_parties(paper), titled(_TO_WHOM, language), paragraph(words), paragraph(_OTHER_DEBTS.to(language))]
    return render(blocks, frame=paper_frame(paper, NO_DUES))


def foreclosure_pdf(facts: ForeclosureFacts) -> bytes:
    """The foreclosure letter as a PDF file; the same facts give the same bytes."""
    paper, language, last = facts.paper, facts.paper.language, facts.payoffs[-1]
    on = day(last.on, language)
    words = _CLOSES.to(
        language, amount=rupees(last.total_paise), on=on, loan=paper.loan_id, borrower=paper.borrower.name
    )
    heading = dated(_PARTS, on=last.on)
    blocks = [loan_parties(paper), titled(_TO_WHOM, language), paragraph(words)]
    blocks += [titled(heading, language), pairs(_payoff(last, language), columns=1), space(8)]
    blocks.append(how_to_pay(paper.lender, language, amount_paise=last.total_paise, reference=paper.loan_id))
    if len(facts.payoffs) > 1:
        blocks += [titled(_EACH_DAY, language), *_each_day(facts)]
    blocks += [space(6), note(_FORECLOSURE_NOTE.to(language))]
    return render(blocks, frame=paper_frame(paper, FORECLOSURE))


def _payoff(payoff: Payoff, language: Language) -> list[tuple[str, str]]:
    return [
        (PRINCIPAL.to(language), rupees(payoff.principal_paise)),
        (_INTEREST_BILLED.to(language), rupees(payoff.interest_billed_paise)),
        (_INTEREST_ACCRUED.to(language), rupees(payoff.interest_accrued_paise)),
        (CHARGES.to(language), rupees(payoff.charges_paise)),
        (_FORECLOSURE_CHARGE.to(language), rupees(payoff.prepayment_charge_paise)),
        (ADVANCE.to(language), rupees(-payoff.advance_paise)),
        (TOTAL.to(language), rupees(payoff.total_paise)),
    ]


def _each_day(facts: ForeclosureFacts) -> list[Block]:
    language = facts.paper.language
    columns = (
        Column(title=_DAY.to(language), share=50, align="left"),
        Column(title=_CLOSING.to(language), share=50),
    )
    return table(columns, [(day(each.on, language), amount(each.total_paise)) for each in facts.payoffs[:-1]])
