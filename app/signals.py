"""Stops a program in order when a signal arrives: the running block is left by an exception, so that it cleans up."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: A signal whose exception was dropped is sent again after this time.
SEND_AGAIN_SECONDS = 0.05


class StopRequested(KeyboardInterrupt):
    """Ctrl-C, SIGTERM or a closed terminal. It is not an `Exception`, so `except Exception` does not catch it. It is a
    `KeyboardInterrupt`, because asyncio raises these out of a callback and only logs others."""


@contextmanager
def stopped_by_signals(hurry: threading.Event) -> Iterator[None]:
    """Turn the first Ctrl-C, SIGTERM or hang-up into `StopRequested`. A second one sets `hurry`: kill the
    children without waiting.

    Python drops an exception that is raised in a destructor or in the callback of a weak reference. A signal that
    arrives there is sent again after a short pause.
    """
    stopping = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        if stopping:
            hurry.set()
            return
        stopping = True
        raise StopRequested

    def send_again(dropped: "sys.UnraisableHookArgs") -> None:
        nonlocal stopping
        if not issubclass(dropped.exc_type, StopRequested):
            hook_before(dropped)
            return
        stopping = False
        again = threading.Timer(SEND_AGAIN_SECONDS, os.kill, (os.getpid(), signal.SIGTERM))
        again.daemon = True
        again.start()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    hook_before, sys.unraisablehook = sys.unraisablehook, send_again
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        sys.unraisablehook = hook_before
