"""The words of the loan statement, in English and in Hindi."""

from app.documents.words import Text
from app.domain.reporting.statements import InstalmentStatus

TITLE = Text("Loan statement", "ऋण विवरण")
FOOT = Text(
    "{loan}  ·  as of {on}  ·  computer-generated, valid without a signature",
    "{loan}  ·  {on} तक  ·  कंप्यूटर द्वारा तैयार, बिना हस्ताक्षर मान्य",
)
LOAN = Text("Your loan", "आपका ऋण")
CHART = Text("Principal and interest, by instalment", "मूलधन और ब्याज")
INSTALMENTS = Text("Instalments", "किस्तें")
PAYMENTS = Text("Payments", "भुगतान")
NO_PAYMENT = Text("No payment has been received yet.", "अब तक कोई भुगतान प्राप्त नहीं हुआ।")
EXPLANATION = Text(
    "Principal outstanding is principal only; interest is asked for with each instalment. A payment settles charges "
    "first, then interest, then principal, unless your product says otherwise. An advance is money you paid before it "
    "was due: it settles your next instalments. A reversed payment (a returned cheque, for example) does not count.",
    "बकाया मूलधन में केवल मूलधन है; ब्याज हर किस्त के साथ माँगा जाता है। भुगतान से पहले शुल्क, फिर ब्याज, फिर मूलधन चुकता है, "
    "जब तक आपके ऋण की शर्तें कुछ और न कहें। अग्रिम वह राशि है जो आपने देय होने से पहले चुकाई: उससे आपकी अगली किस्तें चुकती हैं। "
    "वापस हुआ भुगतान (जैसे लौटा हुआ चेक) नहीं गिना जाता।",
)
CUSTOMER = Text("Customer", "ग्राहक")
AADHAAR = Text("Aadhaar", "आधार")
MOBILE = Text("Mobile", "मोबाइल")
AS_OF = Text("as of {on}", "{on} तक")

OVERDUE = Text("Overdue", "अतिदेय")
NEXT = Text("Next: {amount} by {on}", "अगला: {on} तक {amount}")
AT_ONCE = Text("Please pay at once", "कृपया तुरंत चुकाएँ")
SINCE = Text("Since {on}. {after}", "{on} से। {after}")
NOTHING = Text("Nothing is due", "कुछ देय नहीं")
DUE_NEXT = Text("Due next", "अगली देय राशि")
BY = Text("by {on}  ·  instalment {number} of {count}{part}", "{on} तक  ·  किस्त {number} / {count}{part}")
PART = Text(" (the rest of it)", " (शेष भाग)")
REPAID = Text("Repaid in full on {on}. Thank you.", "{on} को पूरा चुकाया गया। धन्यवाद।")
WRITTEN_OFF = Text("The loan was written off on {on}.", "ऋण {on} को बट्टे खाते में डाला गया।")
ALL_PAID = Text("Every instalment is paid.", "हर किस्त चुकाई जा चुकी है।")
OUTSTANDING = Text("Principal outstanding", "बकाया मूलधन")
SHARE = Text("{share} % repaid", "{share} % चुकाया गया")
OF = Text("of {amount}", "{amount} में से")

LENT = Text("Amount lent", "ऋण राशि")
RATE = Text("Annual interest rate", "वार्षिक ब्याज दर")
EMI = Text("Instalment (EMI)", "किस्त (ईएमआई)")
AGREED = Text("Instalments agreed", "तय किस्तें")
DISBURSED = Text("Disbursed on", "वितरण की तारीख")
LAST_DUE = Text("Last instalment due", "अंतिम किस्त देय")
PRINCIPAL_PAID = Text("Principal paid", "चुकाया मूलधन")
INTEREST_PAID = Text("Interest paid", "चुकाया ब्याज")
INTEREST_CAPITALISED = Text("Interest added to the principal", "मूलधन में जुड़ा ब्याज")
CHARGES_PAID = Text("Charges paid", "चुकाए शुल्क")
CHARGES_DUE = Text("Charges due", "देय शुल्क")
ADVANCE = Text("Advance held for you", "आपका अग्रिम")
STATUS = Text("Status", "स्थिति")
STATUSES = {
    "active": Text("Active", "चालू"),
    "closed": Text("Closed", "बंद"),
    "written_off": Text("Written off", "बट्टे खाते में"),
}
BADGES = {
    InstalmentStatus.PAID: Text("Paid", "चुकाई"),
    InstalmentStatus.PARTIALLY_PAID: Text("Partly paid", "आंशिक"),
    InstalmentStatus.OVERDUE: OVERDUE,
    InstalmentStatus.WRITTEN_OFF: Text("Written off", "बट्टे खाते में"),
    InstalmentStatus.DUE: Text("Due", "देय"),
    InstalmentStatus.UPCOMING: Text("Upcoming", "आगामी"),
}

NUMBER = Text("No.", "क्र.")
DUE_DATE = Text("Due date", "देय तारीख")
PRINCIPAL = Text("Principal (₹)", "मूलधन (₹)")
INTEREST = Text("Interest (₹)", "ब्याज (₹)")
INSTALMENT = Text("Instalment (₹)", "किस्त (₹)")
STILL = Text("Still to pay (₹)", "शेष (₹)")
TOTAL = Text("Total", "योग")
DATE = Text("Date", "तारीख")
PAYMENT = Text("Payment", "भुगतान")
METHOD = Text("Method and reference", "माध्यम और संदर्भ")
CHARGES = Text("Charges (₹)", "शुल्क (₹)")
ADVANCE_PAID = Text("Advance (₹)", "अग्रिम (₹)")
PAID = Text("Paid (₹)", "कुल (₹)")
REVERSED = Text("reversed {on}", "{on} को वापस")
