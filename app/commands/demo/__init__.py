"""`kist demo`: four months in the life of one customer, told by real calls to a real Kist.

Every figure of the story is known beforehand (worked out from the rules, not read off the program) and is compared as
it comes. Nothing in the books depends on the day on which the story begins, so it can be told on any day, and told
again on the same data.
"""

from app.commands.demo.command import demo

__all__ = ["demo"]
