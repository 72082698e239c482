"""Column types by the meaning of their values.

Money is BIGINT paise. Rates are exact decimals in percent a year. Instants are UTC.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import BigInteger, Date, DateTime, Numeric
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import mapped_column

Paise = Annotated[int, mapped_column(BigInteger)]
Number = Annotated[int, mapped_column(BigInteger)]
Rate = Annotated[Decimal, mapped_column(Numeric(12, 8))]
BusinessDate = Annotated[date, mapped_column(Date)]
Instant = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Document = Annotated[dict[str, Any], mapped_column(JSONB)]
Documents = Annotated[list[Any], mapped_column(JSONB)]
Dates = Annotated[list[date], mapped_column(ARRAY(Date))]
PaiseList = Annotated[list[int], mapped_column(ARRAY(BigInteger))]
NumberList = Annotated[list[int], mapped_column(ARRAY(BigInteger))]
