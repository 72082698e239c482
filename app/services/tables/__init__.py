"""Reading files: a file of any kind becomes a header and rows of text.

Files come from strangers. Each is weighed before it is parsed, read in blocks so that memory stays bounded, and no cell
is guessed.

- `files`: a file of rows, whatever it is made of; start here
- `csv_blocks`: CSV files of any size, a block of whole rows at a time
- `archives`: workbooks as zip archives, counted and weighed before anything parses them
- `cell_formats`: what a format makes of the number in a cell
- `headers`: which column is what, and what to say when a header says too little
- `columns`: texts of a column as numbers, amounts and dates
- `reading_ahead`: reads the next block in a thread while this one is written
"""
