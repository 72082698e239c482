"""Every code with which a request, an application or a row of a file is refused.

What happened and what to do stand in the docstring of the class that is raised: its first sentence, and the others.
Codes without a class are read from the tables that hold them.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

import app
from app.api.errors import CORRECT_FIELDS, FAMILIES, FAULTS, HTTP_CODES, REPORT
from app.api.field_faults import FIELD_MESSAGES
from app.api.v1.credit.applications import REFUSED, REFUSED_WHAT_TO_DO
from app.commands.reference.tables import page, table
from app.domain.credit import decision_rules
from app.domain.credit.decision_rules import ApplicantFacts, CreditRequest, Reason
from app.domain.errors import DomainError, words_of
from app.domain.products.seeded import CREDIT_CARD_LOAN
from app.services.imports.kinds import CustomerRows, LoanRows
from app.services.imports.transaction_rows import TransactionRows

#: Folders whose packages are named after a part of the business.
LAYERS: Final = ("app.db.repositories.", "app.api.v1.", "app.api.", "app.domain.", "app.services.")
PLACEHOLDER: Final = re.compile(r"\{\w+\}")

INTRODUCTION: Final = """\
A refusal has a code, which never changes, and a status. `/api/v1` answers it as problem+json ([api.md](../api.md) says
how). The two older surfaces answer a line of text, with 400 where `/api/v1` has 409 or 422. A command prints the line
and ends with status 1. "Part" is the part of the business that refuses."""
FIELDS: Final = """\
`invalid_request` lists every wrong field in `errors`: each with one of these codes, or with that of a refusal above."""
REASONS: Final = f"""\
`{REFUSED}` (422), `application_referred` and `score_not_available` (409) list all their reasons, and the application
keeps them. The sentences below are examples."""
ROWS: Final = """\
A row of a file is refused with one of these codes, and the others load. `GET /api/v1/imports/{import_id}/rejects` lists
the refused rows."""
PARKED: Final = """\
A loan that a billing run cannot bill is parked with the code of the refusal, or with `refused_by_database`."""


def error_codes() -> str:
    """The page docs/reference/errors.md."""
    return page(
        "Error codes",
        INTRODUCTION,
        "## Refusals",
        table(("code", "status", "what happened", "what to do", "part"), _refusals()),
        PARKED,
        "## From the web and the database",
        table(("code", "status", "what happened", "what to do"), _without_a_class()),
        "## Fields",
        FIELDS,
        table(("code", "what is wrong"), _fields()),
        "## Reasons of an application",
        REASONS,
        table(("code", "example"), _reasons()),
        "## Rows of files",
        ROWS,
        table(("file", "code", "reason"), _rows()),
    )


def error_classes() -> list[type[DomainError]]:
    """Every refusal that has a code of its own, by code; the four families have none that is answered."""
    for module in pkgutil.walk_packages(app.__path__, "app."):
        importlib.import_module(module.name)
    found = [kind for kind in set(_below(DomainError)) if "code" in vars(kind) and kind.__module__.startswith("app.")]
    return sorted((kind for kind in found if kind not in DomainError.__subclasses__()), key=lambda kind: kind.code)


def all_codes() -> set[str]:
    """Every code of a refusal, with and without a class of its own."""
    return {kind.code for kind in error_classes()} | {code.strip("`") for code, *_ in _without_a_class()}


def _below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _refusals() -> Iterator[tuple[str, ...]]:
    for kind in error_classes():
        status = next(status for family, status in FAMILIES if issubclass(kind, family))
        yield f"`{kind.code}`", str(status), *words_of(kind), _part(kind.__module__)


def _part(module: str) -> str:
    layer = next(layer for layer in LAYERS if module.startswith(layer))
    return module.removeprefix(layer).partition(".")[0].replace("_", " ")


def _without_a_class() -> Iterator[tuple[str, ...]]:
    rows = [
        (REFUSED, 422, "a rule of the product refuses the application", REFUSED_WHAT_TO_DO),
        ("invalid_request", 422, "fields are missing or wrong", CORRECT_FIELDS),
        ("internal_error", 500, "the service failed; nothing was changed", REPORT),
        *((code, status, happened, to_do) for status, (code, happened, to_do) in HTTP_CODES.items()),
        *((code, status, happened, to_do) for status, code, happened, to_do in FAULTS.values()),
    ]
    for code, status, happened, to_do in sorted(rows):
        yield f"`{code}`", str(status), happened, to_do


def _fields() -> Iterator[tuple[str, ...]]:
    known = {(code, PLACEHOLDER.sub("...", words)) for code, words in FIELD_MESSAGES.values()}
    for code, words in sorted(known | set(_own_fields())):
        yield f"`{code}`", words


def _own_fields() -> Iterator[tuple[str, str]]:
    """The faults that the schemas of our own name, read from their source."""
    for path in sorted(Path(app.__file__).with_name("api").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "PydanticCustomError":
                code, words, *_ = node.args
                if isinstance(code, ast.Constant) and isinstance(words, ast.Constant):
                    yield str(code.value), str(words.value)


def _reasons() -> Iterator[tuple[str, ...]]:
    for code, message in sorted({reason.code: reason.message for reason in example_reasons()}.items()):
        yield f"`{code}`", message


def example_reasons() -> Iterator[Reason]:
    """Every reason at least once, from the rules themselves, held against applications that break them all."""
    offer = replace(CREDIT_CARD_LOAN.offer, bound_to_limit=True)
    yield from decision_rules.missing_facts(offer, facts=ApplicantFacts(score=None, annual_income_paise=None))
    for amount, tenure, rate in ((400_00, 0, "0.5"), (60_000_00, 61, "49")):
        asked = CreditRequest(amount_paise=amount, instalments=tenure)
        yield from decision_rules.request_reasons(offer, request=asked, asked_percent=Decimal(rate))
    facts = ApplicantFacts(
        score=Decimal(440),
        annual_income_paise=120_000_00,
        approved_limit_paise=100_000_00,
        active_principal_paise=80_000_00,
        active_emi_paise=4_000_00,
        active_loans_of_product=3,
        loans_written_off=1,
    )
    asked = CreditRequest(amount_paise=50_000_00, instalments=12)
    yield from decision_rules.score_reasons(offer, facts=facts, slab=None)
    yield from decision_rules.income_reasons(offer, facts=facts, new_emi_paise=4_406_04)
    yield from decision_rules.exposure_reasons(offer, request=asked, facts=facts)
    yield from decision_rules.history_reasons(facts)


def _rows() -> Iterator[tuple[str, ...]]:
    kinds = (
        ("customers", CustomerRows.reasons),
        ("loans", LoanRows.reasons),
        ("transactions", TransactionRows.reasons),
    )
    for file, reasons in kinds:
        for code, words in sorted(reasons.items()):
            yield file, f"`{code}`", words
