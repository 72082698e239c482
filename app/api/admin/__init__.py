"""The admin pages at `/admin`, for officers (who read) and admins (who also act).

The library starlette-admin draws the pages over our own services. Sign-in, sessions and permissions are ours. The pages
read through listings that name their columns, and every action is a use case of a service. The pages load files from
this service only.
"""

import logging

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from starlette.middleware import Middleware
from starlette_admin import DropDown
from starlette_admin.export import ExportConfig

from app.api.admin.acts.act_view import ActView
from app.api.admin.acts.doing import may_do
from app.api.admin.acts.every import address_of
from app.api.admin.acts.subjects import card_account_address, customer_address, loan_address
from app.api.admin.books_view import BooksView
from app.api.admin.context import ADMIN_PATH
from app.api.admin.desk import DeskAdmin
from app.api.admin.drawing.formats import FILTERS, IDS
from app.api.admin.fields import BadgeField
from app.api.admin.pages.card_view import CardPage
from app.api.admin.pages.customer_view import CustomerPage
from app.api.admin.pages.find_view import FindView
from app.api.admin.pages.loan_view import LoanPage
from app.api.admin.pages.product_view import ProductPage
from app.api.admin.pages.work_assign import AssignPage
from app.api.admin.pages.work_day import WorkDayPage
from app.api.admin.pages.work_view import WorkPage
from app.api.admin.papers_view import PapersView
from app.api.admin.periods_view import PeriodsView
from app.api.admin.portfolio_view import PortfolioView
from app.api.admin.responses import AdminResponses
from app.api.admin.risk_view import RiskView
from app.api.admin.sessions import SessionCookies, StaffOnly, derive_key
from app.api.admin.templating import STATIC, TEMPLATES, template_loaders
from app.api.admin.views import (
    billing,
    card_accounts,
    cards,
    credit,
    imports,
    lender,
    lending,
    operations,
    payments,
    people,
    products,
    tax_documents,
)
from app.api.deps import OPEN, KistRouter
from app.services.operations.browsing import MOST_EXPORTED

__all__ = ["install_admin", "router"]

router = KistRouter()


@router.get(ADMIN_PATH, dependencies=[OPEN], include_in_schema=False)
async def to_admin() -> RedirectResponse:
    """Redirects to `/admin/`, where the pages are."""
    return RedirectResponse(f"{ADMIN_PATH}/", status_code=307)


def install_admin(app: FastAPI, *, secret: str, secure: bool) -> None:
    """Mounts the pages into the application. `secret` is the signing secret of the tokens. With `secure`, a browser
    sends the session cookie over HTTPS only."""
    # The library logs search texts and form values, which may be personal. Our own request log is enough.
    logging.getLogger("starlette_admin").setLevel(logging.CRITICAL)
    admin = DeskAdmin(
        title="Kist",
        base_url=ADMIN_PATH,
        route_name="admin",
        templates_dir=str(TEMPLATES),
        additional_loaders=template_loaders(),
        static_dir=str(STATIC),
        index_view=PortfolioView(),
        auth_provider=StaffOnly(SessionCookies(secret=secret, secure=secure)),
        secret_key=derive_key(secret, purpose="kist admin forms"),
        middlewares=[Middleware(AdminResponses)],
        timezone_config=None,
        export_config=ExportConfig(max_rows=MOST_EXPORTED),
    )
    admin.templates.env.filters.update(FILTERS)
    admin.templates.env.globals.update(
        IDS, act_address=address_of, colour_of=BadgeField.colour_of, customer_page=customer_address,
        loan_page=loan_address, card_account_page=card_account_address, may_do=may_do,
    )  # fmt: skip
    for page in (FindView(), CustomerPage(), LoanPage(), CardPage(), ProductPage(), AssignPage(), ActView()):
        admin.add_view(page)
    for menu in menus():
        admin.add_view(menu)
    admin.add_view(PapersView())
    admin.mount_to(app)
    admin.app.state.outer = app


def menus() -> list[DropDown]:
    """The groups of the menu, below the first page and the search."""
    return [
        DropDown(
            "Lending",
            icon="fa-solid fa-hand-holding-dollar",
            views=[
                people.UsersView, credit.ApplicationsView, lending.LoansView, payments.PaymentsView, lending.EmisView,
                billing.BillingsView, cards.CardsView, operations.ProposalsView,
            ],
        ),
        DropDown("Collections", icon="fa-solid fa-headset", views=[WorkPage, WorkDayPage]),
        DropDown(
            "Card accounts",
            icon="fa-solid fa-wallet",
            views=[*card_accounts.MENU, tax_documents.CardTaxDocumentsView],
        ),
        DropDown(
            "Books",
            icon="fa-solid fa-book",
            views=[
                BooksView, PeriodsView, RiskView, lending.TransfersView, lending.LoanChargesView,
                tax_documents.GstDocumentsView, imports.TransactionsView, credit.ScoresView, operations.AuditView,
            ],
        ),
        DropDown(
            "Operations",
            icon="fa-solid fa-gears",
            views=[
                billing.BillingRunsView, billing.ParkedLoansView, operations.ScheduleView, operations.JobsView,
                imports.ImportsView, imports.RejectsView,
            ],
        ),
        DropDown("Terms", icon="fa-solid fa-file-contract", views=[
            products.ProductsView, credit.ScorecardsView, lender.LenderView,
        ]),
        DropDown("Team", icon="fa-solid fa-user-shield", views=[people.StaffView]),
    ]  # fmt: skip
