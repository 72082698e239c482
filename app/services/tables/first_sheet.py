"""Finds the sheet of a workbook that is read: the first one, if people can see it."""

import posixpath
from collections.abc import Mapping
from typing import Final
from xml.parsers import expat

from app.services.tables.columns import FileUnreadable

WORKBOOK: Final = "xl/workbook.xml"
RELATIONS: Final = "xl/_rels/workbook.xml.rels"


class SheetHidden(FileUnreadable):
    """The first sheet of the workbook, which is the one that is read, is hidden. Show it, or put the sheet with the
    rows before it."""

    code = "sheet_hidden"


def find_first_sheet(parts: Mapping[str, bytes]) -> str:
    """The name of the part that holds the first sheet; empty if the workbook does not name it. Raises SheetHidden."""
    sheets, targets, states = list[str](), dict[str, str](), list[str]()

    def start(name: str, attributes: dict[str, str]) -> None:
        local = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        if name.rpartition(":")[2] == "sheet":
            # `id` is the relationship to the part; `sheetId` is only a number.
            sheets.append(local.get("id", ""))
            states.append(local.get("state", "visible"))
        elif name.rpartition(":")[2] == "Relationship":
            targets[local.get("Id", "")] = local.get("Target", "")

    for name in (WORKBOOK, RELATIONS):
        parser = expat.ParserCreate()
        parser.StartElementHandler = start
        parser.Parse(parts.get(name, b"<none/>"), True)
    if states and states[0] != "visible":
        # Whoever sends the file sees another sheet, and would not know what was loaded.
        raise SheetHidden("the first sheet of the workbook is hidden", field="file")
    target = targets.get(sheets[0], "") if sheets else ""
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/").lower() if target else ""
