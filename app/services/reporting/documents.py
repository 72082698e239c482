"""The facts that documents show beside their figures: the lender, the borrower with identifying numbers masked, and the
contract.

The number of queries does not depend on the length of the loan.
"""

from app.db.repositories.products import products as product_repository
from app.documents.facts import Borrower, StatementFacts, mask_phone
from app.documents.words import Language
from app.domain.public_ids import LoanReference, format_user_id
from app.services.lender.profiles import find_profile
from app.services.people import customers
from app.services.reporting import statements
from app.services.unit_of_work import UnitOfWork


async def get_statement_facts(
    uow: UnitOfWork, loan: LoanReference, *, language: Language = Language.ENGLISH
) -> StatementFacts:
    """All facts for the document of a statement on the business date. Raises LoanNotFound."""
    found = await statements.get_statement(uow, loan)
    position = found.position
    product = await product_repository.get_product(uow.session, *found.product)
    return StatementFacts(
        loan_id=found.public_id,
        product=product.name,
        status=position.status.value,
        amount_paise=position.disbursed_paise,
        topped_up_paise=position.lent_paise - position.disbursed_paise,
        annual_rate_percent=position.rate_percent,
        instalments=position.instalments,
        emi_paise=position.emi_paise,
        disbursed_on=position.disbursed_on,
        closed_on=position.closed_on,
        borrower=await get_borrower(uow, position.customer_id),
        statement=found.statement,
        lender=await find_profile(uow),
        language=language,
    )


async def get_borrower(uow: UnitOfWork, customer_id: int) -> Borrower:
    """A customer as documents show them."""
    view = await customers.view_customer(uow, customer_id)
    phone = view.profile.phone
    return Borrower(
        user_id=format_user_id(customer_id),
        name=view.profile.name,
        aadhaar=view.aadhaar,
        phone=None if phone is None else mask_phone(phone),
        address=view.profile.address,
    )
