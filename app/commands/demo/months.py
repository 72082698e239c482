"""The four months: three bills, a payment on time, a late payment, and a prepayment, after which a new plan is made.

The figures were computed by hand. A day costs 0.029 % of the balance, and interest is rounded once a cycle. The planned
instalment is the smallest amount in whole paise with which the last instalment is not larger than the others.

    bill 1, day 30   50,000.00 x 30 days                           435.00 + 3,971.04 = 4,406.04
                     minimum: 3 % of 50,000.00 + 435.00          1,935.00
    paid on day 40, so 46,028.96 is left from then on
    bill 2, day 60   50,000.00 x 10 days + 46,028.96 x 20 days     411.97 + 3,994.07 = 4,406.04
                     minimum: 3 % of 46,028.96, up + 411.97      1,792.84
    not paid: on day 76 the 2,613.20 above the minimum go back to the plan, and ten instalments of 4,681.90 repay the
    44,648.09 that no bill demands
    bill 3, day 90   46,028.96 x 30 days                           400.45 + 4,281.45 = 4,681.90
    paid on day 95 together with the amount past due: 1,792.84 + 4,681.90 = 6,474.74; 40,366.64 is left
    prepaid on day 100: 15,000.00; 25,366.64 is left, in nine instalments of 2,948.49
"""

from app.commands.demo.card import explain_card_interest, pay_card_minimum
from app.commands.demo.living import announce_a_rate, change_the_loan, see_the_reset
from app.commands.demo.monthly import (
    card_bills,
    card_ledger,
    card_line,
    card_loan,
    card_payment,
    facts_of,
    move_to,
    pay_personal_loan,
    run_billing,
)
from app.commands.demo.narration import to_paise
from app.commands.demo.story import CARD_EMI, Story

FIRST_INTEREST, FIRST_PRINCIPAL, FIRST_MINIMUM = 435_00, 3_971_04, 1_935_00
SECOND_INTEREST, SECOND_PRINCIPAL, SECOND_MINIMUM = 411_97, 3_994_07, 1_792_84
RETURNED = 2_613_20
EMI_AFTER_RETURN = 4_681_90
THIRD_INTEREST, THIRD_PRINCIPAL, THIRD_MINIMUM = 400_45, 4_281_45, 3_574_16
LATE = SECOND_MINIMUM + EMI_AFTER_RETURN
LEFT_AFTER_FIRST, LEFT_AFTER_LATE = 46_028_96, 40_366_64
PREPAID, LEFT_AFTER_PREPAYMENT = 15_000_00, 25_366_64
EMI_AFTER_PREPAYMENT, NINTH_AFTER_PREPAYMENT = 2_948_49, 2_948_43
#: The two choices after a prepayment: the instalment, how many are left, the interest still to come.
SMALLER_EMI = (EMI_AFTER_PREPAYMENT, "9", 1_169_71)
EARLIER_END = (EMI_AFTER_RETURN, "6", 789_15)


def play_four_months(story: Story) -> None:
    """Everything from the first bill to the prepayment. Raises StoryFailed."""
    _first_bill(story)
    _payment_on_time(story)
    _second_bill(story)
    _overdue(story)
    _late_payment(story)
    _prepayment(story)


def _first_bill(story: Story) -> None:
    narrator = story.narrator
    move_to(story, 30, title="The first bill")
    run_billing(story)
    line = card_line(story, 1)
    narrator.check("the first bill", facts_of(line), expected=("DUE", story.date_of(45).isoformat(), CARD_EMI))
    narrator.money(
        "interest", line["breakdown"]["interest"], expected_paise=FIRST_INTEREST, note="50,000 x 0.029 % x 30"
    )
    narrator.money("principal", line["breakdown"]["principal"], expected_paise=FIRST_PRINCIPAL)
    (bill,) = card_bills(story)
    narrator.check("minimum due", bill.minimum_due_paise, expected=FIRST_MINIMUM)
    narrator.say("  [green]✓[/] minimum due [bold]₹1,935.00[/]  [dim]3 % of 50,000, and the interest")
    pay_card_minimum(story)
    announce_a_rate(story)
    pay_personal_loan(story)


def _payment_on_time(story: Story) -> None:
    narrator = story.narrator
    move_to(story, 40, title="Paid on time")
    body = card_payment(story, CARD_EMI, reference="ASHA-1")
    paid = story.asha.post("/loans/payments", body)
    narrator.money("interest paid", paid["applied"]["interest"], expected_paise=FIRST_INTEREST)
    narrator.money("principal paid", paid["applied"]["principal"], expected_paise=FIRST_PRINCIPAL)
    narrator.money("principal left", paid["outstanding"], expected_paise=LEFT_AFTER_FIRST)
    moved = card_ledger(story)
    again = story.asha.post("/loans/payments", body)
    narrator.check(
        "the payment sent again", (again["payment_id"], again["replayed"]), expected=(paid["payment_id"], True)
    )
    narrator.check("transfers after the repeat", card_ledger(story), expected=moved)
    narrator.say(
        f"Her bank sends it twice: the same reference is the same payment, {paid['payment_id']}. No money moves again."
    )
    pay_personal_loan(story)


def _second_bill(story: Story) -> None:
    narrator = story.narrator
    move_to(story, 60, title="The second bill")
    run_billing(story)
    line = card_line(story, 2)
    narrator.check("the second bill", facts_of(line), expected=("DUE", story.date_of(75).isoformat(), CARD_EMI))
    narrator.money("interest", line["breakdown"]["interest"], expected_paise=SECOND_INTEREST)
    narrator.money("principal", line["breakdown"]["principal"], expected_paise=SECOND_PRINCIPAL)
    span = {"from": story.date_of(30).isoformat(), "to": story.date_of(60).isoformat()}
    explained = story.asha.get(f"/loans/{story.card_loan}/explain", params=span)
    spans = [(part["days"], to_paise(part["balance"])) for part in explained["cycles"][0]["spans"]]
    narrator.check("days and balances", spans, expected=[(10, 50_000_00), (20, LEFT_AFTER_FIRST)])
    narrator.check("interest explained", to_paise(explained["interest"]), expected=SECOND_INTEREST)
    narrator.say("She asks why it is 411.97. The answer: ten days on 50,000.00, and twenty on 46,028.96.")
    explain_card_interest(story)
    pay_personal_loan(story)
    see_the_reset(story)


def _overdue(story: Story) -> None:
    narrator, before = story.narrator, card_loan(story)["emi"]
    move_to(story, 76, title="No payment")
    run_billing(story)
    loan = card_loan(story)
    narrator.money("past due", loan["overdue"], expected_paise=SECOND_MINIMUM, note="the bill's minimum")
    line = card_line(story, 2)
    kept = SECOND_PRINCIPAL - RETURNED
    narrator.check("the second bill", line["status"], expected="OVERDUE")
    narrator.check("its principal", to_paise(line["breakdown"]["principal"]), expected=kept)
    narrator.say("The ₹2,613.20 above the minimum go back to the plan, and a new plan is made:")
    narrator.money("EMI before", before, expected_paise=CARD_EMI)
    narrator.money("EMI now", loan["emi"], expected_paise=EMI_AFTER_RETURN, note="ten instalments")
    refused = story.asha.post(
        "/loans/payments", card_payment(story, EMI_AFTER_RETURN, reference="ASHA-X", instalment=3), status=422
    )
    narrator.check("paying instalment 3 first", refused["code"], expected="earlier_instalment_unpaid")
    oldest = refused["figures"]["oldest_unpaid"]
    narrator.check("the oldest unpaid", (oldest["number"], to_paise(oldest["amount"])), expected=(2, SECOND_MINIMUM))
    narrator.say(f"She tries to pay instalment 3 first, and is refused: [italic]{refused['detail']}[/].")
    pay_personal_loan(story)
    change_the_loan(story)


def _late_payment(story: Story) -> None:
    narrator = story.narrator
    move_to(story, 95, title="The third bill, and a late payment")
    narrator.say("[dim]No run has billed day 90 yet. Her payment closes the cycle first, and then pays the bill.")
    narrator.money("past due", card_loan(story)["overdue"], expected_paise=SECOND_MINIMUM)
    paid = story.asha.post("/loans/payments", card_payment(story, LATE, reference="ASHA-2"))
    narrator.money("paid late", paid["amount"], expected_paise=LATE, note="1,792.84 past due, and the third bill")
    narrator.money("interest paid", paid["applied"]["interest"], expected_paise=SECOND_INTEREST + THIRD_INTEREST)
    principal = SECOND_PRINCIPAL - RETURNED + THIRD_PRINCIPAL
    narrator.money("principal paid", paid["applied"]["principal"], expected_paise=principal)
    narrator.money("principal left", paid["outstanding"], expected_paise=LEFT_AFTER_LATE)
    third = card_bills(story)[2]
    shown = (third.past_due_paise, third.total_due_paise, third.minimum_due_paise)
    narrator.check("the third bill: past due, total, minimum", shown, expected=(SECOND_MINIMUM, LATE, THIRD_MINIMUM))
    moved = card_ledger(story)
    run_billing(story)
    narrator.check("transfers after the run of the same day", card_ledger(story), expected=moved)
    narrator.say("The run of that day finds the cycle closed already. Nothing is billed twice.")
    pay_personal_loan(story)


def _prepayment(story: Story) -> None:
    narrator, before = story.narrator, card_loan(story)["emi"]
    move_to(story, 100, title="A prepayment")
    tried = story.asha.post(
        f"/loans/{story.card_loan}/simulate", {"kind": "prepayment", "amount": "15000.00"}, status=200
    )
    choices = {one["choice"]: one["outlook"] for one in tried["alternatives"]}
    shown = {
        choice: (to_paise(one["emi"]), str(one["instalments"]), to_paise(one["interest"]))
        for choice, one in choices.items()
    }
    expected = {"smaller_emi": SMALLER_EMI, "earlier_end": EARLIER_END}
    narrator.check("the choices of a prepayment", shown, expected=expected)
    narrator.say("She asks what a prepayment of ₹15,000 would change. The two choices:")
    headers = ("choice", "EMI", "instalments left", "interest to come")
    narrator.table(headers, [(choice, *figures) for choice, figures in shown.items()])
    body = {**card_payment(story, PREPAID, reference="ASHA-3"), "as": "prepayment"}
    paid = story.asha.post("/loans/payments", body)
    narrator.money("EMI before", before, expected_paise=EMI_AFTER_RETURN)
    narrator.money("EMI now", card_loan(story)["emi"], expected_paise=EMI_AFTER_PREPAYMENT)
    narrator.money("principal left", paid["outstanding"], expected_paise=LEFT_AFTER_PREPAYMENT)
    plan = story.asha.get(f"/loans/{story.card_loan}/schedule")
    narrator.check("the plan", (plan["version"], plan["reason"]), expected=(3, "prepayment"))
    narrator.check("its last instalment", to_paise(plan["instalments"][-1]["amount"]), expected=NINTH_AFTER_PREPAYMENT)
    pay_personal_loan(story)
