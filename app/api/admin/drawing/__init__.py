"""What all pages of our own are drawn with.

- `page`: a page, with the menu and the messages of all pages
- `formats`: figures, days and business words for people
"""
