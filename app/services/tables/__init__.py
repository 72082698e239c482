"""Reads files: a file of any kind becomes a header and rows of text.

Files are not trusted. The size of each is checked before it is parsed, it is read in blocks so that memory stays
bounded, and no cell is guessed.

- `files`: opens a CSV file or a workbook; start here
- `csv_blocks`: reads CSV files of any size in blocks of whole rows
- `raw_rows`: the bytes of a file in pieces of whole rows
- `archives`: checks the size and the cells of a workbook before it is parsed
- `first_sheet`: the sheet of a workbook that is read
- `cell_formats`: how a cell's format displays its number
- `headers`: finds the meaning of each column, and explains what a header lacks
- `columns`: reads the texts of a column as numbers, amounts and dates
- `reading_ahead`: reads the next block in a thread while this one is written
"""
