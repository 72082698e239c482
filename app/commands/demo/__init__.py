"""`kist demo`: shows four months of one customer, with real calls to a running Kist.

Every expected figure was computed by hand from the rules and not by the program. Each figure of an answer is compared
with it. The figures do not depend on the day on which the demo begins, so it can run on any day, and again on the same
data.
"""

from app.commands.demo.command import demo

__all__ = ["demo"]
