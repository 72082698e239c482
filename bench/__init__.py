"""Benchmarks of decisions, billing, payments, reads and files.

Everything runs on a temporary embedded database, which is deleted afterwards. Times differ between machines and depend
on what else runs, so compare the ratios.
"""
