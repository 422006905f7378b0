# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of docs/guides/*.md in a folder of made-up files and compares what they print.

A block ```console holds commands ("$ ") and what each prints; a line "..." stands for any lines. With
HSL_FILL_GUIDES=1 the blocks are filled with what the commands print now: look at the difference."""
import datetime
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(os.environ["HSL_PROGRAM"]).resolve()
ROOT = pathlib.Path(os.environ["HSL_SOURCE_DIR"]).resolve()

STRATEGIES = """
[cross]
about  = "A short average crosses a long one."
params = { fast = [5, 10], slow = [20, 40] }
entry  = "crosses_above(sma(close, fast), sma(close, slow))"
exit   = "crosses_below(sma(close, fast), sma(close, slow))"
"""


def sessions(count):
    """The exchange's sessions from 2021-01-04 on."""
    closed = set(re.findall(r"^\d{4}-\d\d-\d\d", (ROOT / "data/calendar/krx-closures.csv").read_text(), re.M))
    day, out = datetime.date(2021, 1, 4), []
    while len(out) < count:
        if day.weekday() < 5 and day.isoformat() not in closed:
            out.append(day)
        day += datetime.timedelta(days=1)
    return out


def tick(price):
    """KOSPI until 2023-01-24."""
    for bound, size in ((1000, 1), (5000, 5), (10000, 10), (50000, 50), (100000, 100), (500000, 500)):
        if price < bound:
            return size
    return 1000


def walk(seed, start, count):
    """Made-up raw bars on the tick grid: the same ones everywhere."""
    state, close, bars = seed, start, []

    def draw(most):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % (2 * most + 1) - most

    for day in sessions(count):
        grid = lambda price: max(1, round(price / tick(price))) * tick(price)
        opened = grid(close * (1000 + draw(8)) / 1000)
        closed = grid(opened * (1000 + draw(25)) / 1000)
        high = grid(max(opened, closed) * (1000 + abs(draw(6))) / 1000)
        low = grid(min(opened, closed) * (1000 - abs(draw(6))) / 1000)
        high, low = max(high, opened, closed), min(low, opened, closed)
        bars.append((day, opened, high, low, closed, 100000 + 997 * abs(draw(500))))
        close = closed
    return bars


def split(bars, at, ratio):
    """Raw bars of a share that was split `ratio`:1 before the session `at`."""
    out = []
    for i, (day, *prices, volume) in enumerate(bars):
        if i >= at:
            prices = [max(1, round(p / ratio / tick(p / ratio))) * tick(p / ratio) for p in prices]
            volume *= ratio
        out.append((day, *prices, volume))
    return out


def change(bars, i):
    return 0.0 if i == 0 else bars[i][4] / bars[i - 1][4] - 1


def make_files(folder):
    for name in ("pykrx", "naver", "fdr", "broken"):
        (folder / name).mkdir()
    samsung, hynix, kakao = walk(1, 80000, 400), walk(2, 120000, 400), walk(3, 480000, 400)
    for code, bars in (("005930", samsung), ("000660", hynix)):
        (folder / "pykrx" / f"{code}.csv").write_text("날짜,시가,고가,저가,종가,거래량,등락률\n" + "".join(
            f"{d},{o},{h},{l},{c},{v},{round(100 * change(bars, i), 2)}\n"
            for i, (d, o, h, l, c, v) in enumerate(bars)))
    raw = split(kakao, 250, 5)
    (folder / "naver" / "035720.csv").write_text("\ufeff날짜,종가,시가,고가,저가,거래량\n" + "".join(
        f"{d},{c}.0,{o}.0,{h}.0,{l}.0,{v}.0\n" for d, o, h, l, c, v in raw))
    adjusted = [(d, *(round(p / 5) if i < 250 else p for p in prices), v * 5 if i < 250 else v)
                for i, (d, *prices, v) in enumerate(raw)]
    d, o, h, l, c, v = adjusted[10]
    adjusted[10] = (d, h + 1, h, l, c, v)
    (folder / "fdr" / "035720.csv").write_text("Date,Open,High,Low,Close,Volume,Change\n" + "".join(
        f"{d},{o},{h},{l},{c},{v},{change(adjusted, i)}\n" for i, (d, o, h, l, c, v) in enumerate(adjusted)))
    (folder / "broken" / "005930.csv").write_text(
        "Date,Open,High,Low,Close,Volume\n2021-01-04,70000,71000,69500,70500,1000\n"
        "2021-01-05,70500,7150,70000,71000,1200\n2021-01-06,71000,71500,,71200,900\n"
        "2021-01-07,71200,72000,71000,71900,1100\n")
    (folder / "strategies.toml").write_text(STRATEGIES)


class Guides(unittest.TestCase):
    maxDiff = None

    def run_guide(self, path):
        text = path.read_text()
        filled = text
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            make_files(folder)
            environment = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "HOME": name,
                           "LC_ALL": "C.UTF-8"}
            for gone in ("HSL_STORE", "HSL_CONFIG", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
                environment.pop(gone, None)
            state = folder / ".state"
            state.write_text("")
            for block in re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S):
                shown = ""
                for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
                    command, _, expected = part.partition("\n")
                    script = f". ./.state\nset -o pipefail\n{command}\nstatus=$?\nset | grep '^id=' > .state\nexit $status\n"
                    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True,
                                          timeout=120)
                    printed = (done.stdout + done.stderr).decode()
                    self.assertEqual(done.returncode, 0, f"{path.name}: {command}\n{printed}")
                    shown += f"$ {command}\n{printed}"
                    if os.environ.get("HSL_FILL_GUIDES") is None:
                        wanted = "".join(".*" if line == "...\n" else re.escape(line)
                                         for line in expected.splitlines(keepends=True))
                        self.assertRegex(printed, re.compile(rf"\A{wanted}\Z", re.S), f"{path.name}: {command}")
                filled = filled.replace(block, shown, 1)
        if os.environ.get("HSL_FILL_GUIDES") is not None:
            path.write_text(filled)

    def test_every_command_of_the_import_guide_prints_what_it_shows(self):
        self.run_guide(ROOT / "docs/guides/import.md")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
