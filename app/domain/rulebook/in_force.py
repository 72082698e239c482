"""The rulebook with all rows. It is checked when it is made, so a wrong row stops the program at its start."""

from typing import Final

from app.domain.rulebook import (
    asset_rows,
    card_rows,
    conduct_rows,
    payment_rows,
    provision_rows,
    restructuring_rows,
)
from app.domain.rulebook.rulebook import Rulebook

RULEBOOK: Final = Rulebook(
    (
        *conduct_rows.ROWS,
        *asset_rows.ROWS,
        *restructuring_rows.ROWS,
        *provision_rows.ROWS,
        *card_rows.ROWS,
        *payment_rows.ROWS,
    )
)
