"""The changes that can be proposed, as bodies."""

from typing import Annotated, Literal

from pydantic import Field

from app.api.id_schemas import CardAccountId, LoanId, UserId
from app.api.schemas import Between, Body, Line, RatePercent, Rupees, RupeesOrZero, Whole, example


class WriteOffBody(Body):
    """A proposal to give up the rest of a loan. The loan ends as `written_off`."""

    model_config = example({"kind": "write_off", "loan_id": "LN-2026-0001", "reason": "borrower died, no estate"})

    kind: Literal["write_off"]
    loan_id: LoanId
    reason: Line = Field(examples=["borrower died, no estate"])


class WaiverBody(Body):
    """A proposal to forgive interest and charges, the oldest bill first, or one charge. The tax of a waived charge is
    given back by a credit note."""

    model_config = example(
        {"kind": "waiver", "loan_id": "LN-2026-0001", "interest": 100, "reason": "goodwill after a wrong reminder"}
    )

    kind: Literal["waiver"]
    loan_id: LoanId
    interest: RupeesOrZero = 0
    charges: RupeesOrZero = 0
    charge_id: Annotated[Whole, Between(1, 2**63 - 1)] | None = Field(
        default=None, description="The charge that `charges` are of: the `charge_id` of the loan's charges"
    )
    reason: Line


class LimitBody(Body):
    """A proposal to set a customer's approved limit by hand."""

    model_config = example(
        {
            "kind": "limit_override",
            "user_id": "BC-USER-001",
            "approved_limit": 2000000,
            "reason": "salary slips of three months",
        }
    )

    kind: Literal["limit_override"]
    user_id: UserId
    approved_limit: Rupees
    reason: Line


class CardLimitProposalBody(Body):
    """A proposal to raise the limit of a card account without its holder's request."""

    model_config = example(
        {"kind": "card_limit", "card_account_id": "CA-000001", "limit": 200000, "reason": "yearly review"}
    )

    kind: Literal["card_limit"]
    card_account_id: CardAccountId
    limit: Rupees
    reason: Line


class CardChargeOffBody(Body):
    """A proposal to charge a card account off. The account ends as `charged_off`."""

    model_config = example({"kind": "card_charge_off", "card_account_id": "CA-000001", "reason": "180 days past due"})

    kind: Literal["card_charge_off"]
    card_account_id: CardAccountId
    reason: Line


class CardCreditBody(Body):
    """A proposal to give the holder of a card account money that settles what is owed, at the lender's expense. What is
    more than is owed is a credit balance."""

    model_config = example(
        {"kind": "card_credit", "card_account_id": "CA-000001", "amount": 100, "reason": "goodwill after a wrong fee"}
    )

    kind: Literal["card_credit"]
    card_account_id: CardAccountId
    amount: Rupees
    reason: Line = Field(examples=["goodwill after a wrong fee"])


class CardRefundProposalBody(Body):
    """A proposal to pay the credit balance of a card account back to its holder, of an account that has ended too."""

    model_config = example(
        {"kind": "card_refund", "card_account_id": "CA-000001", "amount": 250, "reason": "refunded after it was closed"}
    )

    kind: Literal["card_refund"]
    card_account_id: CardAccountId
    amount: Rupees
    reason: Line


class RefundBody(Body):
    """A proposal to pay out what a loan owes to its borrower."""

    model_config = example({"kind": "refund", "loan_id": "LN-2026-0001", "amount": 250, "reason": "paid twice"})

    kind: Literal["refund"]
    loan_id: LoanId
    amount: Rupees
    reason: Line = Field(examples=["paid twice"])


class RestructureBody(Body):
    """A proposal to agree anew on what is left of a loan: what is not named stays. From `for_difficulty` the class of
    the loan follows. In a moratorium of `both`, the interest waits until it is over (`simple`), or becomes principal
    (`capitalised`)."""

    model_config = example(
        {"kind": "restructure", "loan_id": "LN-2026-0001", "instalments": 24, "reason": "lost the job in October"}
    )

    kind: Literal["restructure"]
    loan_id: LoanId
    instalments: Annotated[Whole, Between(1, 1200)] | None = None
    annual_rate: RatePercent | None = None
    moratorium_instalments: Annotated[Whole, Between(1, 1200)] | None = None
    moratorium_of: Literal["principal", "both"] = "principal"
    moratorium_interest: Literal["simple", "capitalised"] = "simple"
    capitalises_arrears: bool = Field(default=False, description="Unpaid bills become principal, charges excepted")
    for_difficulty: bool = Field(default=True, description="Whether the borrower is in financial difficulty")
    reason: Line = Field(examples=["lost the job in October"])


class TopUpBody(Body):
    """A proposal to lend more on a loan. Without `instalments` its last date stays."""

    model_config = example(
        {"kind": "top_up", "loan_id": "LN-2026-0002", "amount": 10000, "reason": "roof repair, salary slips seen"}
    )

    kind: Literal["top_up"]
    loan_id: LoanId
    amount: Rupees
    instalments: Annotated[Whole, Between(1, 1200)] | None = None
    reason: Line = Field(examples=["roof repair, salary slips seen"])


AnyProposal = (
    WriteOffBody
    | WaiverBody
    | LimitBody
    | CardLimitProposalBody
    | CardChargeOffBody
    | CardCreditBody
    | CardRefundProposalBody
    | RefundBody
    | RestructureBody
    | TopUpBody
)
