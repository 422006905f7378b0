# SPDX-License-Identifier: Apache-2.0
"""The program hsl as tests call it: HSL_PROGRAM with words, its output as text or as a document."""
import json
import os
import pathlib
import subprocess
import unicodedata

PROGRAM = os.environ["HSL_PROGRAM"]
ROOT = pathlib.Path(os.environ["HSL_SOURCE_DIR"])


def hsl(*words, env=None, stdin=None, check=None, timeout=120):
    done = subprocess.run([PROGRAM, *map(str, words)], capture_output=True, input=stdin,
                          env={**os.environ, **(env or {})}, timeout=timeout)
    done.out = done.stdout.decode()
    done.err = done.stderr.decode()
    if check is not None and done.returncode != check:
        raise AssertionError(f"hsl {' '.join(map(str, words))}: exit {done.returncode}, wanted {check}\n"
                             f"{done.out[-2000:]}\n{done.err[-2000:]}")
    return done


def document(*words, check=0, **more):
    return json.loads(hsl(*words, "--json", check=check, **more).out)


def as_nobody(*words):
    """The program as a user who owns nothing; only root can become one."""
    return subprocess.run([PROGRAM, *map(str, words)], user=65534, group=65534, extra_groups=[],
                          capture_output=True, text=True)


def nobody_reaches_the_program():
    try:
        return as_nobody("--version").returncode == 0
    except PermissionError:
        return False


def width(text):
    """Columns on a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
