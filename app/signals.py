"""Ending a program by a signal, in order: the block that runs is left by an exception, and cleans up behind itself."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: How soon a signal that was dropped is sent again.
SEND_AGAIN_SECONDS = 0.05


class StopRequested(KeyboardInterrupt):
    """Ctrl-C, SIGTERM or a closed terminal. No Exception, so that nothing but the way out handles it; and of the kind
    that asyncio carries out of a callback, where it logs any other."""


@contextmanager
def stopped_by_signals(supervisor_hurry: threading.Event) -> Iterator[None]:
    """Turn the first Ctrl-C, SIGTERM or hang-up into `StopRequested`; a second one means: do not wait for the work.

    A signal that arrives while Python runs a destructor or the callback of a weak reference raises there, where every
    exception is dropped. It is then sent again a moment later.
    """
    asked = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            supervisor_hurry.set()
            return
        asked = True
        raise StopRequested

    def send_again(dropped: "sys.UnraisableHookArgs") -> None:
        nonlocal asked
        if not issubclass(dropped.exc_type, StopRequested):
            hook_before(dropped)
            return
        asked = False
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
