"""The pages and the modules that `kist reference` writes, by the name of the file."""

from collections.abc import Callable, Mapping
from typing import Final

from app.commands.reference import python_client
from app.commands.reference.contract import openapi_document
from app.commands.reference.error_codes import error_codes
from app.commands.reference.event_types import event_types
from app.commands.reference.metrics import metrics
from app.commands.reference.product_terms import product_terms
from app.commands.reference.rules import rulebook

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "errors.md": error_codes,
    "events.md": event_types,
    "metrics.md": metrics,
    "openapi.json": openapi_document,
    "product-terms.md": product_terms,
    "rules.md": rulebook,
}

#: The modules of the package kist.client that are written from the document.
CLIENT: Final[Mapping[str, Callable[[], str]]] = {
    "codes.py": python_client.codes,
    "models.py": python_client.models,
    "operations.py": python_client.operations,
}
