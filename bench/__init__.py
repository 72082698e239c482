"""Measurements: how long a decision, a payment and a billing range take on this machine.

Everything runs on a temporary embedded database that is thrown away. What is printed is what was measured, once, on a
machine that may be busy with other things: compare ratios, not days.
"""
