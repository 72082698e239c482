"""Reads a PDF in tests: the text of its pages, and the Hindi texts as a reader's software copies them."""

import re
from io import BytesIO

from pypdf import PdfReader

_SPOKEN = re.compile(rb"ActualText <FEFF([0-9A-F]+)>")


def text_of(content: bytes) -> str:
    """The text of all pages. Letters that join are left out: see `spoken_in`."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


def lines_of(content: bytes) -> list[str]:
    """The texts of all pages in the order in which they were written."""
    return text_of(content).split("\n")


def spoken_in(content: bytes) -> list[str]:
    """The texts with letters that join, such as Hindi, as a reader's software copies them."""
    found: list[str] = []
    for page in PdfReader(BytesIO(content)).pages:
        contents = page.get_contents()
        if contents is not None:
            found += [bytes.fromhex(text.decode()).decode("utf-16-be") for text in _SPOKEN.findall(contents.get_data())]
    return found
