"""QR codes, drawn as squares. The drawing library encodes the text."""

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from app.documents.canvas import INK, WHITE, PdfCanvas

#: White modules around a code, without which readers do not find it (ISO/IEC 18004).
_QUIET_ZONE = 4


def qr_modules(text: str) -> list[list[bool]]:
    """The modules of a code that can be read if 15 % of it is dirty: rows of dark and light."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    return [[bool(dark) for dark in row] for row in code.modules]


def draw_qr(canvas: PdfCanvas, text: str, *, x: float, y: float, side: float) -> None:
    """Draws a code into a white square."""
    modules = qr_modules(text)
    size = side / (len(modules) + 2 * _QUIET_ZONE)
    canvas.box(x=x, y=y, width=side, height=side, fill=WHITE, radius=4)
    for down, row in enumerate(modules):
        for begin, end in _runs(row):
            canvas.box(
                x=x + (begin + _QUIET_ZONE) * size,
                y=y + (down + _QUIET_ZONE) * size,
                width=(end - begin) * size,
                height=size * 1.02,
                fill=INK,
            )


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """The dark runs of a row. Drawn as one box each, so that no light lines show between them."""
    edges = [
        place for place in range(len(row) + 1) if (place < len(row) and row[place]) != (place > 0 and row[place - 1])
    ]
    return list(zip(edges[::2], edges[1::2], strict=True))
