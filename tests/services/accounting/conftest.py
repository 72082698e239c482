"""The desk of the delinquency tests: it lends, bills, pays and judges."""

from tests.services.delinquency.conftest import desk

__all__ = ["desk"]
