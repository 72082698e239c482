"""The texts of the key facts statement: the lines of the Reserve Bank's form in English and in Hindi, and the values
that a quote or an offer gives."""

from app.documents.words import Language, Text, day, percent, rupees
from app.domain.products.charge_terms import FeePaid
from app.domain.products.charges import ChargePer, NamedCharge
from app.domain.schedules.terms import Amortisation, ScheduleTerms

TITLE = Text("Key facts statement", "मुख्य तथ्य विवरण")
PART_ONE = Text("Part 1: Interest rate and fees/charges", "भाग 1: ब्याज दर और शुल्क")
PART_TWO_TITLE = Text("Part 2: Other qualitative information", "भाग 2: अन्य जानकारी")
COMPUTATION = Text("Computation of the annual percentage rate", "वार्षिक प्रतिशत दर की गणना")
SCHEDULE = Text("Repayment schedule", "पुनर्भुगतान अनुसूची")
ACCEPTANCE = Text("Acceptance", "स्वीकृति")

NONE = Text("None", "कुछ नहीं")
NOT_STATED = Text("None stated in this quote", "इस उद्धरण में नहीं बताया गया")
IN_AGREEMENT = Text("To be stated in the loan agreement", "ऋण अनुबंध में बताया जाएगा")
QUOTE_NUMBER = Text("Quote, nothing stored; term loan", "उद्धरण, कुछ दर्ज नहीं; सावधि ऋण")
QUOTE_FOOT = Text(
    "Form: RBI/2024-25/18, Annex A to C  ·  a quote for information, not a sanction; nothing of it is stored",
    "प्रारूप: RBI/2024-25/18, अनुलग्नक A से C  ·  केवल जानकारी के लिए उद्धरण, स्वीकृति नहीं; कुछ दर्ज नहीं",
)
FOOT = Text("{number}  ·  form: RBI/2024-25/18, Annex A to C", "{number}  ·  प्रारूप: RBI/2024-25/18, अनुलग्नक A से C")

PROPOSAL = Text("Proposal", "प्रस्ताव संख्या")
ISSUED = Text("Issued on", "जारी होने की तारीख")
VALID = Text("Can be accepted until", "स्वीकार करने की अंतिम तारीख")
AT_ONCE = Text("The loan was made at once", "ऋण तुरंत दिया गया")
ACCOUNT = Text("Loan account", "ऋण खाता")

LINES = {
    "1": Text("Loan proposal / account No.; type of loan", "ऋण प्रस्ताव / खाता संख्या; ऋण का प्रकार"),
    "2": Text("Sanctioned loan amount (in rupees)", "स्वीकृत ऋण राशि (रुपये में)"),
    "3": Text("Disbursal schedule: in stages or 100 % upfront", "वितरण: चरणों में या 100 % एक साथ"),
    "4": Text("Loan term (years / months / days)", "ऋण अवधि (वर्ष / माह / दिन)"),
    "6": Text(
        "Interest rate (%) and type (fixed, floating or hybrid)", "ब्याज दर (%) और प्रकार (स्थिर, परिवर्तनशील, मिश्रित)"
    ),
    "7": Text(
        "Benchmark, spread and reset, where the rate is floating", "बेंचमार्क, स्प्रेड और पुनर्निर्धारण, यदि दर परिवर्तनशील हो"
    ),
    "9": Text("Annual percentage rate (APR) (%)", "वार्षिक प्रतिशत दर (APR) (%)"),
    "10": Text("Contingent charges (in ₹ or %)", "आकस्मिक शुल्क (₹ या % में)"),
}
INSTALMENT_HEAD = (
    Text("Type of instalments", "किस्तों का प्रकार"),
    Text("Number of EPIs", "किस्तों की संख्या"),
    Text("EPI (₹)", "किस्त (₹)"),
    Text("Repayment commences", "पहली किस्त की तारीख"),
)
FEE_HEAD = (
    Text("Fees / charges", "शुल्क"),
    Text("Payable to the lender (A)", "ऋणदाता को देय (A)"),
    Text("How it is paid", "कैसे देय"),
    Text("To third parties (B)", "तीसरे पक्ष को देय (B)"),
)
ONE_TIME = Text("{amount}, one-time", "{amount}, एक बार")
WITH_TAX = Text("{amount} with GST of {tax}, one-time", "{amount}, जिसमें {tax} जीएसटी, एक बार")
LISTED = Text("As listed below", "नीचे दी गई सूची के अनुसार")
RATE_VALUE = Text("{rate} a year, {kind}", "{rate} वार्षिक, {kind}")
RATE_KINDS = {"fixed": Text("fixed", "स्थिर"), "floating": Text("floating", "परिवर्तनशील")}
FIXED = Text("Not applicable: the rate is fixed", "लागू नहीं: दर स्थिर है")
BENCHMARK = Text(
    "{name}, with the spread of the day of the disbursal; reset with it",
    "{name}, वितरण के दिन के स्प्रेड के साथ; उसी के साथ पुनर्निर्धारण",
)
FLOATING = Text("As the loan agreement states", "ऋण अनुबंध के अनुसार")

CONTINGENT = (
    (
        Text("(i) Penal charges in case of delayed payment", "(i) देरी से भुगतान पर दंडात्मक शुल्क"),
        (ChargePer.OVERDUE_BILL, ChargePer.OVERDUE_YEAR),
    ),
    (Text("(ii) Other penal charges", "(ii) अन्य दंडात्मक शुल्क"), ()),
    (Text("(iii) Foreclosure charges", "(iii) समयपूर्व भुगतान शुल्क"), (ChargePer.PART_PREPAYMENT, ChargePer.FORECLOSURE)),
    (
        Text(
            "(iv) Charges for switching between floating and fixed rate",
            "(iv) स्थिर और परिवर्तनशील दर के बीच बदलने का शुल्क",
        ),
        (),
    ),
    (
        Text("(v) Any other charges", "(v) अन्य कोई शुल्क"),
        (ChargePer.RETURNED_PAYMENT, ChargePer.SERVICE, ChargePer.DISBURSAL),
    ),
)
_PER = {
    ChargePer.DISBURSAL: Text("{value} of the amount", "राशि का {value}"),
    ChargePer.RETURNED_PAYMENT: Text("Returned payment: {value}", "भुगतान लौटने पर: {value}"),
    ChargePer.PART_PREPAYMENT: Text(
        "Part prepayment: {value} of the principal prepaid", "आंशिक समयपूर्व भुगतान: चुकाए मूलधन का {value}"
    ),
    ChargePer.FORECLOSURE: Text(
        "Foreclosure: {value} of the principal prepaid", "पूर्ण समयपूर्व भुगतान: चुकाए मूलधन का {value}"
    ),
    ChargePer.SERVICE: Text("{name}: {value} each time", "{name}: हर बार {value}"),
    ChargePer.OVERDUE_BILL: Text("{value} for each overdue bill", "हर अतिदेय बिल पर {value}"),
    ChargePer.OVERDUE_YEAR: Text(
        "{value} a year of what is overdue, by the day", "अतिदेय राशि पर {value} वार्षिक, प्रतिदिन के हिसाब से"
    ),
}
_TAXED = Text("{value} + GST {tax}", "{value} + जीएसटी {tax}")
_GRACE = Text(", after {days} days of grace", ", {days} दिन की छूट के बाद")

PART_TWO = (
    Text("Clause of the loan agreement on engagement of recovery agents", "वसूली एजेंटों की नियुक्ति से संबंधित अनुबंध का खंड"),
    Text("Clause of the loan agreement on grievance redressal", "शिकायत निवारण से संबंधित अनुबंध का खंड"),
    Text("Telephone and e-mail of the nodal grievance redressal officer", "नोडल शिकायत निवारण अधिकारी का फ़ोन और ई-मेल"),
    Text("Whether the loan may be transferred or securitised", "क्या ऋण हस्तांतरित या प्रतिभूतिकृत हो सकता है"),
    Text(
        "Collaborative lending: originating and partner entities, blended rate",
        "सहयोगी ऋण: मूल और साझेदार संस्थाएँ, मिश्रित दर",
    ),
    Text("Digital loan: cooling-off period; service provider for recovery", "डिजिटल ऋण: विचार-अवधि; वसूली सेवा प्रदाता"),
)
NOT_COLLABORATIVE = Text("Not a collaborative loan", "सहयोगी ऋण नहीं है")
COLLABORATIVE = Text(
    "Originating: {lender}, {own}; partner: {partner}, {share}; blended rate {rate} a year",
    "मूल संस्था: {lender}, {own}; साझेदार: {partner}, {share}; मिश्रित दर {rate} वार्षिक",
)
THE_LENDER = Text("the lender", "ऋणदाता")
NO_CLAUSE = Text("The loan agreement has no such clause", "ऋण अनुबंध में ऐसा कोई खंड नहीं है")
NO_AGENT = Text("No service provider recovers for the lender", "ऋणदाता के लिए कोई सेवा प्रदाता वसूली नहीं करता")
BY_OFFICER = Text("By the officer of line 3", "पंक्ति 3 के अधिकारी द्वारा")
NO_TRANSFER = Text("As the loan agreement states", "ऋण अनुबंध के अनुसार")
COOLING_OFF = Text(
    "The loan can be left until {until}: {amount}, paid on that day, closes it, without a charge for it. {service}",
    "ऋण {until} तक छोड़ा जा सकता है: उस दिन {amount} चुकाने पर बिना किसी शुल्क के ऋण बंद हो जाता है। {service}",
)
GIVING_BACK = Text(
    "What is lent more can be given back until {until}: {amount} of principal is repaid without a charge. {service}",
    "अतिरिक्त राशि {until} तक लौटाई जा सकती है: {amount} मूलधन बिना किसी शुल्क के समयपूर्व चुकाया जा सकता है। {service}",
)
LENT_BEFORE = Text("{amount} of the amount was lent before", "राशि में से {amount} पहले दिया गया था")

ANNEX_B = (
    Text("Sanctioned loan amount (line 2 of part 1)", "स्वीकृत ऋण राशि (भाग 1, पंक्ति 2)"),
    Text("Loan term (line 4)", "ऋण अवधि (पंक्ति 4)"),
    Text("Number of instalments for payment of principal", "मूलधन की किस्तों की संख्या"),
    Text("Amount of each EPI and number of EPIs (line 5)", "हर किस्त की राशि और किस्तों की संख्या (पंक्ति 5)"),
    Text("Interest that is capitalised, if any", "पूँजीकृत ब्याज, यदि हो"),
    Text("Commencement of repayments (line 5)", "पहली किस्त की तारीख (पंक्ति 5)"),
    Text("Interest rate type (line 6)", "ब्याज दर का प्रकार (पंक्ति 6)"),
    Text("Rate of interest (line 6)", "ब्याज दर (पंक्ति 6)"),
    Text("Total interest over the entire term", "पूरी अवधि का कुल ब्याज"),
    Text("Fees / charges payable (line 8)", "देय शुल्क (पंक्ति 8)"),
    Text("Net disbursed amount", "वास्तव में दी गई राशि"),
    Text("Total amount to be paid by the borrower", "उधारकर्ता द्वारा देय कुल राशि"),
    Text("Annual percentage rate (line 9)", "वार्षिक प्रतिशत दर (पंक्ति 9)"),
    Text("The same as an effective annual rate, for comparison", "वही, प्रभावी वार्षिक दर के रूप में, तुलना के लिए"),
    Text("Schedule of disbursement", "वितरण की अनुसूची"),
    Text("Due dates of instalments and interest", "किस्तों और ब्याज की नियत तारीखें"),
)
EQUATED = Text("{count} of {amount}, the last {last}", "{count} किस्तें, हर एक {amount}, अंतिम {last}")
DEDUCTED = Text("{amount} ({deducted} deducted)", "{amount} ({deducted} काटा गया)")
UNTIL = Text("{first} to {last}", "{first} से {last}")
COLUMNS = (
    Text("Instalment No.", "किस्त संख्या"),
    Text("Due date", "नियत तारीख"),
    Text("Outstanding principal (₹)", "शेष मूलधन (₹)"),
    Text("Principal (₹)", "मूलधन (₹)"),
    Text("Interest (₹)", "ब्याज (₹)"),
    Text("Instalment (₹)", "किस्त (₹)"),
)
TOTAL = Text("Total", "कुल")

QUALIFICATION = Text(
    "EPI: equated periodic instalment. The annual percentage rate is nominal and is computed from the instalment "
    "before rounding, on what the borrower receives after fees deducted or paid upfront. The total to be paid is all "
    "instalments and the fees paid upfront. The last instalment settles what rounding has left.",
    "EPI: समान आवधिक किस्त। वार्षिक प्रतिशत दर नाममात्र है और पूर्णांकन से पहले की किस्त से, काटे गए या पहले दिए गए शुल्क के बाद "
    "मिली राशि पर निकाली गई है। देय कुल राशि में सभी किस्तें और पहले दिए गए शुल्क हैं। अंतिम किस्त पूर्णांकन का अंतर चुकाती है।",
)
DATES = Text(
    "The dates and the interest are those of a disbursal on the day of issue; they are counted from the day of the "
    "disbursal. A charge that this statement does not name is not charged.",
    "तारीखें और ब्याज जारी होने के दिन के वितरण के हैं; वे वितरण के दिन से गिने जाते हैं। जो शुल्क इस विवरण में नहीं है, वह नहीं लिया जाता।",
)
ACCEPTED = Text("Accepted on {on} ({by}).", "{on} को स्वीकार किया गया ({by})।")
NOT_ACCEPTED = Text(
    "Not accepted yet. The lender is bound by this statement until {until}. The loan is made when you accept it.",
    "अभी स्वीकार नहीं किया गया। ऋणदाता {until} तक इस विवरण से बँधा है। आपके स्वीकार करने पर ऋण दिया जाता है।",
)
APPLIED = Text("The loan was made on the application itself.", "ऋण आवेदन पर ही दिया गया।")
BY_BORROWER = Text("the borrower", "उधारकर्ता")
BY_STAFF = Text("staff of the lender, on the borrower's word", "ऋणदाता का कर्मचारी, उधारकर्ता के कहने पर")

CHANGED = Text("Changed since", "उसके बाद के बदलाव")
STAYS = Text(
    "The facts above are those that were accepted. Each change has been told of on its own.",
    "ऊपर के तथ्य वही हैं जो स्वीकार किए गए थे। हर बदलाव की सूचना अलग से दी गई है।",
)
_CHANGES = {
    "rate_reset": Text("From {on} the rate is {rate} a year.", "{on} से दर {rate} वार्षिक है।"),
    "top_up": Text(
        "On {on} more was lent, with key facts of its own: {proposal}.",
        "{on} को अतिरिक्त ऋण दिया गया, जिसका अपना मुख्य तथ्य विवरण है: {proposal}।",
    ),
    "restructure": Text("On {on} the rest was agreed anew.", "{on} को शेष ऋण पर नई सहमति हुई।"),
    "due_day": Text("On {on} the due day was moved.", "{on} को नियत दिन बदला गया।"),
}

INSTALMENT_KINDS = {
    Amortisation.EQUAL_INSTALMENT: Text("Equated, per {frequency}", "समान, प्रति {frequency}"),
    Amortisation.EQUAL_PRINCIPAL: Text("Equal principal, per {frequency}", "समान मूलधन, प्रति {frequency}"),
    Amortisation.FLAT: Text("Equated at a flat rate, per {frequency}", "सपाट दर पर समान, प्रति {frequency}"),
    Amortisation.INTEREST_ONLY: Text(
        "Interest only, principal at the end, per {frequency}", "केवल ब्याज, मूलधन अंत में, प्रति {frequency}"
    ),
}
_PAID = {
    FeePaid.DEDUCTED: Text("Deducted from the disbursal", "वितरण से काटा गया"),
    FeePaid.UPFRONT: Text("Paid upfront", "पहले दिया गया"),
    FeePaid.FINANCED: Text("Added to the loan", "ऋण में जोड़ा गया"),
}
_AT_ONCE = Text("100 % upfront, on {on}", "100 % एक साथ, {on} को")
_STAGE = Text("{amount} on {on}", "{on} को {amount}")


def changed_words(kind: str) -> Text:
    """How a change since is told."""
    return _CHANGES[kind]


def fee_words(paid: FeePaid, language: Language) -> str:
    """How a fee is paid."""
    return _PAID[paid].to(language)


def disbursal_words(terms: ScheduleTerms, language: Language) -> str:
    """When the loan is disbursed: at once, or each stage with its day."""
    if not terms.disbursals:
        return _AT_ONCE.to(language, on=day(terms.disbursed_on, language))
    return "\n".join(
        _STAGE.to(language, amount=rupees(part.amount_paise), on=day(part.on, language)) for part in terms.disbursals
    )


def charge_words(charge: NamedCharge, language: Language) -> str:
    """What a charge comes to."""
    parts = [percent(charge.percent)] if charge.percent else []
    parts += [rupees(charge.amount_paise)] if charge.amount_paise else []
    words = _PER[charge.per].to(language, value=" + ".join(parts) or rupees(0), name=charge.name)
    if charge.tax_percent:
        words = _TAXED.to(language, value=words, tax=percent(charge.tax_percent))
    return words + (_GRACE.to(language, days=charge.grace_days) if charge.grace_days else "")
