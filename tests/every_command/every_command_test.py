# SPDX-License-Identifier: Apache-2.0
"""Promises that every command keeps: --help teaches, --json is one document whatever happens, an
error has words and a status, tables fit the terminal they are shown on.

Needs HSL_PROGRAM and HSL_SOURCE_DIR; everything else is made in a temporary folder."""
import fcntl
import json
import os
import pathlib
import pty
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from program import PROGRAM, ROOT, document, hsl, width

SAMPLE = ROOT / "data" / "sample"
STRATEGY = """[cross]
about = "A short average crosses a long one."
params = { fast = [5, 10], slow = [20, 40] }
entry = "crosses_above(sma(close, fast), sma(close, slow))"
exit = "crosses_below(sma(close, fast), sma(close, slow))"
"""
LISTING = "code,name,market,sector,shares\n005930,삼성전자,KOSPI,전기전자,5969782550\n000660,SK하이닉스,KOSPI,전기전자,728002365\n"
ACTIONS = "code,kind,ex_date,shares_after,shares_before\n005930,split,2018-05-04,50,1\n"


def commands_of(words=()):
    """Every command by its help, those below it too."""
    shown = hsl(*words, "--help", check=0).out
    listed = re.search(r"^Commands:\n((?:  .*\n)+)", shown, re.M)
    names = re.findall(r"^  ([a-z]+)(?= |$)", listed[1], re.M) if listed else []
    out = [] if not words else [tuple(words)]
    for name in names:
        out += commands_of((*words, name))
    return out


class Everything(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.here = pathlib.Path(cls.folder.name)
        cls.store = cls.here / "store"
        for name, text in (("s.toml", STRATEGY), ("listing.csv", LISTING), ("actions.csv", ACTIONS),
                           ("bad.csv", "date,open,high,low,close,volume\n2020-01-02,100,90,110,105,1\n2020-01-03,1,1,1,1,1\n"),
                           ("not.csv", "nothing of use\n")):
            (cls.here / name).write_text(text)
        (cls.here / "empty").mkdir()
        hsl("--store", cls.store, "import", SAMPLE, check=0)
        hsl("--store", cls.store, "import", cls.here / "bad.csv", "--symbol", "005490", check=0)
        hsl("--store", cls.store, "import", SAMPLE / "005930.csv", "--source", "another", check=0)
        hsl("--store", cls.store, "import", "--listing", cls.here / "listing.csv", check=0)
        hsl("--store", cls.store, "actions", "import", cls.here / "actions.csv", check=0)
        cls.run_id = document("--store", cls.store, "sweep", cls.here / "s.toml", "--symbols", "005930,000660")["run_id"]
        cls.versions = [v["version"] for v in document("--store", cls.store, "data", "log")["versions"]]
        cls.action = document("--store", cls.store, "actions")["actions"][0]["id"]
        (row,) = [r for r in document("--store", cls.store, "quarantine")["quarantine"]
                  if r["reason"] == "high_below_low"]
        cls.row = str(row["id"])

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def cases(self):
        """Of every command: a call that works and calls that do not, with their status."""
        here, out = self.here, self.here / "out"
        return {
            ("import",): [(0, [SAMPLE]), (0, ["--explain", SAMPLE]), (0, ["--dry-run", SAMPLE]), (2, []),
                          (2, [here / "none.csv"]), (1, [here / "not.csv"]), (2, [here / "empty"]),
                          (2, [SAMPLE, "--map", "close"]), (1, [SAMPLE / "005930.csv", "--map", "close=없음"]),
                          (2, [SAMPLE, "--adjusted", "--raw"]), (1, ["--explain", here / "not.csv"])],
            ("collect",): [(2, ["--feed", "nobody", "--daily"]), (2, []), (2, ["--feed", "folder"]),
                           (2, ["--feed", "folder", "--folder", here / "none"]),
                           (0, ["--folder", here / "empty"])],
            ("generate",): [(0, ["--files", out / "generated", "--symbols", "2", "--days", "30"]),
                            (2, ["--plant", "gold"]), (2, ["--days", "0"]), (2, [])],  # a store with real prices
            ("data",): [(0, []), (0, ["--show", "2"]), (2, ["--show", "x"])],
            ("data", "log"): [(0, [])],
            ("data", "diff"): [(0, []), (0, [self.versions[0], self.versions[-1]]), (2, ["zzzz", "zzzz"])],
            ("data", "checkout"): [(0, ["newest"]), (2, ["zzzz"]), (2, [])],
            ("data", "verify"): [(0, [])],
            ("data", "compact"): [(0, [])],
            ("data", "agree"): [(0, []), (0, ["005930"]), (2, ["999990"])],
            ("data", "export"): [(0, [out / "bars.csv"]), (0, [out / "bars.parquet", "--symbols", "005930"]),
                                 (2, [out / "bars.xyz"]), (2, []), (2, [out / "x.csv", "--symbols", "999990"]),
                                 (1, [here / "none" / "deep" / "x.csv"])],
            ("data", "show"): [(0, ["005930"]), (0, ["005930", "--weekly"]), (2, ["999990"]), (2, [])],
            ("quarantine",): [(0, [])],
            ("quarantine", "list"): [(0, []), (0, ["--reason", "nothing"])],
            ("quarantine", "show"): [(0, [self.row]), (2, ["99999"]), (2, ["x"]), (2, [])],
            ("quarantine", "accept"): [(1, [self.row]), (2, ["99999"]), (2, []), (1, [self.row, "--set", "close=x"])],
            ("quarantine", "drop"): [(2, ["99999"]), (2, []), (2, ["--reason", "nothing", "--yes"])],
            ("listing",): [(0, [])],
            ("listing", "search"): [(0, ["ㅅㅅ"]), (0, ["없음"]), (2, [])],
            ("listing", "show"): [(0, ["005930"]), (2, ["999990"]), (2, [])],
            ("listing", "list"): [(0, ["--market", "KOSPI"]), (2, ["--market", "X"]), (2, ["--as-of", "x"])],
            ("actions",): [(0, [])],
            ("actions", "list"): [(0, []), (2, ["--state", "x"])],
            ("actions", "propose"): [(0, []), (2, ["--symbols", "999990"])],
            ("actions", "confirm"): [(0, [self.action]), (2, ["zzzz"]), (2, [])],
            ("actions", "reject"): [(2, ["zzzz"]), (2, [])],
            ("actions", "import"): [(0, [here / "actions.csv"]), (1, [here / "not.csv"]), (2, [here / "none.csv"])],
            ("indicators",): [(0, ["005930", "sma(close,20)", "--last", "3"]), (0, ["--list"]), (2, ["999990", "close"]),
                              (2, ["005930", "sma(clse,20)"]), (2, []), (2, ["--input", here / "none.csv", "close"])],
            ("sweep",): [(0, [here / "s.toml", "--symbols", "005930"]), (2, [here / "none.toml"]), (2, []),
                         (2, [here / "s.toml", "--symbols", "999990"]), (2, [here / "s.toml", "--universe", "x"])],
            ("runs",): [(0, [])],
            ("runs", "list"): [(0, [])],
            ("runs", "repeat"): [(0, [self.run_id]), (2, ["zzzz"]), (2, [])],
            ("runs", "show"): [(0, [self.run_id]), (2, ["zzzz"]), (2, [])],
            ("doctor",): [(0, [])],
        }

    def test_every_command_is_walked(self):
        self.assertEqual(set(self.cases()), set(commands_of()))

    def test_json_is_one_document_whatever_happens(self):
        (self.here / "out").mkdir(exist_ok=True)
        for command, calls in self.cases().items():
            for status, words in calls:
                with self.subTest(" ".join([*command, *map(str, words)])):
                    done = hsl("--store", self.store, *command, *words, "--json", check=status)
                    told = json.loads(done.out)  # one document: anything behind it is an error
                    self.assertIsInstance(told, (dict, list))
                    if "error" not in told:
                        self.assertIn(status, (0, 1))
                        continue
                    self.assertNotEqual(status, 0)
                    self.assertEqual(list(told["error"])[:4], ["code", "message", "file", "line"])
                    self.assertEqual(done.err, "", "the document says it")
                    self.assertGreater(len(told["error"]["message"]), 10)

    def test_errors_without_json_are_on_stderr_alone(self):
        for command, calls in self.cases().items():
            for status, words in calls:
                if status != 2:
                    continue
                with self.subTest(" ".join([*command, *map(str, words)])):
                    if command == ("collect",) and not words:
                        continue  # alone it lists the feeds
                    done = hsl("--store", self.store, *command, *words, check=2)
                    self.assertEqual(done.out, "")
                    self.assertTrue(done.err.startswith("hsl: "), done.err)

    def test_every_help_has_an_example_explains_all_and_says_the_status(self):
        for command in commands_of():
            with self.subTest(" ".join(command)):
                shown = hsl(*command, "--help", check=0).out
                self.assertEqual(shown, hsl("help", *command, check=0).out)
                self.assertEqual(document(*command, "--help"), {"help": shown})
                examples = re.search(r"^Example:\n((?:(?:  .*)?\n)+)", shown, re.M)
                self.assertIsNotNone(examples, shown)
                self.assertIn("hsl " + command[0], examples[1].replace(" --store /tmp/market", ""))
                self.assertIn("Exit status: 0 done", shown[-300:])
                for line in shown.splitlines():
                    self.assertLessEqual(width(line), 100)
                    option = re.match(r"^  (--[a-z-]+)(?: [A-Z=,.:]+)?(?:  +(.*))?$", line)
                    if option:
                        self.assertTrue(option[2], f"{option[1]} is not explained")

    def test_examples_are_lines_that_the_program_takes(self):
        """Their options and commands exist: no example is refused for its words."""
        for command in commands_of():
            shown = hsl(*command, "--help", check=0).out
            for line in re.findall(r"^  (?:HSL_\w+=\S+ )?hsl (.*)$", shown, re.M):
                words = shlex.split(line.split("   ")[0].split(" > ")[0].split(" | ")[0], comments=True)
                with self.subTest(line):
                    env = {"HOME": str(self.here / "nobody"), "HSL_KRX_KEY": ""}
                    if "collect" in words and "--watch" in words:
                        words.remove("--watch")
                    done = hsl("--store", self.here / "nothing", *[w for w in words if w != "--store"], "--help", env=env)
                    self.assertEqual(done.returncode, 0, done.err)
                    self.assertNotIn("HSL: research", done.out)
                    used = [w.split("=")[0] for w in words if w.startswith("--")]
                    for option in used:
                        self.assertIn(option, done.out + "--help")

    def test_help_is_where_one_looks_for_it(self):
        whole = hsl("--help", check=0).out
        for words in (["help"], ["-h"], ["--help"]):
            self.assertEqual(hsl(*words, check=0).out, whole)
        data = hsl("data", "--help", check=0).out
        for words in (["help", "data"], ["data", "help"], ["data", "-h"]):
            self.assertEqual(hsl(*words, check=0).out, data, words)
        for words, near in ((["helpp"], "help"), (["imprt"], "import"), (["help", "imprt"], "import"),
                            (["data", "lgo"], "log"), (["quarantine", "acept", "1"], "accept"),
                            (["data", "--jso"], "--json"), (["sweep", "x", "--sybols", "A"], "--symbols")):
            self.assertIn(f"did you mean {near}?", hsl(*words, check=2).err, words)

    # ---- terminals

    def on_a_terminal(self, columns, *words, **env):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        process = subprocess.Popen([PROGRAM, "--store", self.store, *map(str, words)], stdout=slave,
                                   stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                                   env={**os.environ, "TERM": "xterm", **env})
        os.close(slave)
        shown = b""
        try:
            while block := os.read(master, 65536):
                shown += block
        except OSError:
            pass
        os.close(master)
        process.wait(60)
        return shown.decode().replace("\r\n", "\n")

    SHOWN = [["data"], ["data", "log"], ["data", "agree"], ["quarantine"], ["listing"], ["actions"], ["runs"],
             ["import", "--dry-run", SAMPLE], ["actions", "propose"], ["collect"], ["--help"], ["help", "import"],
             ["indicators", "005930", "macd(close,12,26,9)", "rsi(close,14)", "--last", "3"]]

    def test_lines_fit_terminals_of_80_columns_and_help_those_of_60(self):
        for columns, shown_words in ((80, self.SHOWN), (60, [["--help"], ["help", "import"], ["help", "sweep"]])):
            for words in shown_words:
                shown = re.sub(r"\x1b\[[0-9;]*m", "", self.on_a_terminal(columns, *words))
                self.assertTrue(shown, words)
                for line in shown.splitlines():
                    if "  hsl " in line:  # an example has no place to break
                        continue
                    self.assertLessEqual(width(line), columns, (words, line))

    def test_korean_names_keep_columns_straight(self):
        for columns in (60, 80, 100):
            shown = re.sub(r"\x1b\[[0-9;]*m", "", self.on_a_terminal(columns, "listing", "list"))
            lines = [line for line in shown.splitlines() if re.match(r"\d{6}  ", line)]
            self.assertEqual(len(lines), 2, shown)
            self.assertEqual(len({width(line[:line.index("KOSPI")]) for line in lines}), 1, shown)

    def test_a_pipe_gets_the_same_whatever_the_terminal_and_the_locale(self):
        for words in (["data"], ["listing"], ["data", "log"]):
            plain = hsl("--store", self.store, *words, check=0).out
            for env in ({"COLUMNS": "60"}, {"LANG": "C", "LC_ALL": "C"}, {"NO_COLOR": "1"}, {"TERM": "dumb"}):
                self.assertEqual(hsl("--store", self.store, *words, env=env, check=0).out, plain, env)
            self.assertNotIn("\x1b", plain)

    def test_colour_is_for_terminals_that_want_it(self):
        self.assertIn("\x1b[1m", self.on_a_terminal(100, "data"))
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotIn("\x1b", self.on_a_terminal(100, "data", **env))


if __name__ == "__main__":
    unittest.main()
