"""Numbers of things, as a command writes them: `1 loan`, `1,000 loans`."""


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
