# SPDX-License-Identifier: Apache-2.0
"""The program as a person or a script meets it: exit status, messages, JSON documents.

Needs HSL_PROGRAM and HSL_SOURCE_DIR; everything else is made in a temporary folder."""
import csv
import gzip
import io
import json
import os
import pathlib
import pty
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from program import PROGRAM, ROOT, as_nobody, document, hsl, nobody_reaches_the_program, width

SAMPLE = ROOT / "data" / "sample"
KOSPI100 = ROOT / "strategies" / "kospi100.toml"
COMMANDS = ["import", "collect", "generate", "data", "indicators", "sweep", "runs", "doctor"]

SWEEP_KEYS = ["run_id", "data_version", "rules", "symbols", "segments", "sessions", "from", "to", "s0",
              "annualisation", "trials", "breaks", "excluded", "elapsed_ms", "leaderboard", "benchmarks",
              "verdict"]
ROW_KEYS = ["rank", "strategy", "params", "total_return", "cagr", "volatility", "sharpe", "sortino",
            "max_drawdown", "max_drawdown_sessions", "calmar", "trades", "win_rate", "profit_factor",
            "exposure", "turnover", "cost_krw", "slippage_krw", "skipped_entries", "symbols", "psr",
            "psr_raw", "dsr", "min_trl", "q_value"]
SPREAD_KEYS = ["median", "q1", "q3", "beat_holding", "top5_profit_share"]
FILL_KEYS = ["strategy", "params", "symbol", "side", "signal_date", "date", "price", "shares",
             "commission", "tax", "reason"]

SMALL = """
[cross]
about  = "A short average crosses a long one."
params = { fast = [5, 10], slow = [20, 40] }
where  = "fast < slow"
entry  = "crosses_above(sma(close, fast), sma(close, slow))"
exit   = "crosses_below(sma(close, fast), sma(close, slow))"
slippage_bp = 10

[dip]
about = "Buys weakness, sells strength."
entry = "rsi(close, 14) < 30"
exit  = "rsi(close, 14) > 60"
stop_loss = 0.08
max_hold = 40
"""


def comparable(result):
    """A sweep's document without what may differ between two runs of the same thing."""
    kept = dict(result)
    for key in ("elapsed_ms", "made_at", "command"):
        kept.pop(key, None)
    return kept


class WithStore(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name)
        cls.store = cls.path / "store"
        cls.small = cls.path / "small.toml"
        cls.small.write_text(SMALL)
        cls.first_import = document("--store", cls.store, "import", SAMPLE)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def sweep(self, *words, **more):
        return document("--store", self.store, "sweep", self.small, *words, **more)


class Help(unittest.TestCase):
    def test_every_command_teaches_with_an_example(self):
        for command in COMMANDS:
            shown = hsl(command, "--help", check=0).out
            self.assertIn("Example:", shown, command)
            self.assertIn(f"hsl {command}", shown.replace(" --store /tmp/market", ""), command)
        everything = hsl("--help", check=0).out
        for command in COMMANDS:
            self.assertIn(command, everything)

    def test_usage_errors_exit_two(self):
        for words in ([], ["dance"], ["sweep"], ["import"], ["sweep", "x.toml", "--frm", "2020-01-01"]):
            self.assertEqual(hsl(*words).returncode, 2, words)

    def test_usage_errors_are_one_json_document(self):
        error = document("sweep", "x.toml", "--frm", "2020-01-01", check=2)["error"]
        self.assertEqual(error["code"], "bad_usage")
        self.assertIn("--frm", error["message"])
        self.assertEqual(list(error)[:4], ["code", "message", "file", "line"])

    def test_doctor_names_what_it_sees(self):
        seen = document("doctor")
        self.assertGreaterEqual(seen["cores"], 1)
        self.assertIn(seen["vectors"], ["scalar", "sse4", "avx2", "avx512"])
        self.assertGreater(seen["memory_gb"], 0)


class CommandLine(WithStore):
    """What somebody may type: every answer is short, names the word at fault, and exits 2."""

    def refused(self, *words, says):
        done = hsl("--store", self.store, *words)
        self.assertEqual(done.returncode, 2, (words, done.out, done.err))
        self.assertEqual(done.out, "", words)
        for part in [says] if isinstance(says, str) else says:
            self.assertIn(part, done.err, words)
        error = document("--store", self.store, *words, "--json", check=2)["error"]
        self.assertEqual((error["code"], error["file"], error["line"]), ("bad_usage", None, None), words)

    def test_help_fits_a_hundred_columns_and_shows_what_is_taken(self):
        for words in ([], *[[command] for command in COMMANDS], ["runs", "show"]):
            shown = hsl(*words, "--help", check=0).out
            self.assertEqual(shown, hsl("help", *words, check=0).out)
            self.assertEqual(shown, hsl(*words, "--help", "--nonsense", check=0).out)
            for line in shown.splitlines():
                self.assertLessEqual(len(line), 100, line)
                self.assertNotRegex(line, r"\b(TEXT|UINT|INT|FLOAT|REQUIRED)\b")
            self.assertIn("--store DIR", shown)
            self.assertIn("--json", shown)
            self.assertEqual(document(*words, "--help"), {"help": shown})
        self.assertIn("--top N", hsl("sweep", "--help").out)
        self.assertIn("[20", hsl("sweep", "--help").out)
        self.assertEqual(document("--version"), {"version": hsl("--version", check=0).out.strip()})

    def test_a_wrong_word_is_answered_with_the_nearest(self):
        self.refused("swep", says="did you mean sweep?")
        self.refused("dance", says=["no command 'dance'", "import, collect, generate"])
        self.refused("data", "--quarentine", says=["hsl data has no option --quarentine", "did you mean --quarantine?"])
        self.refused("data", "--quar", says="did you mean --quarantine?")
        self.refused("data", "--shwo=3", says="did you mean --show?")
        self.refused("data", "-show", "3", says="did you mean --show?")
        self.refused("data", "extra", says="'extra' is one word too many for hsl data")
        self.refused("runs", "shwo", "1", says="did you mean show?")
        self.refused("indicators", "005930", "-close", says="behind a lone --")
        self.refused("sweep", self.small, self.small, says="one word too many")
        self.refused(says="say what to do")

    def test_a_value_that_makes_no_sense_is_refused(self):
        for command, option, values in (
                ("data", "--show", ["-1", "abc", "1e3", "99999999999999999999999", "3.5", " 3"]),
                ("sweep", "--top", ["-1", "x"]), ("sweep", "--threads", ["-1", "1025", "99999999999"]),
                ("sweep", "--from", ["2020-13-01", "20200101", "9999-01-01", "2020-1-1"]),
                ("sweep", "--commission", ["nan", "inf", "-1", "%", "0,015%", "2%", "0.0000000001"]),
                ("sweep", "--slippage-bp", ["nan", "-1", "1e9", "0x10"]),
                ("sweep", "--participation", ["nan", "0", "2", "-1"]),
                ("sweep", "--annualisation", ["0", "inf", "nan", "1e308", "367"]),
                ("sweep", "--market", ["NASDAQ", "index", "foreign", "unknown"]),
                ("import", "--market", ["NASDAQ", "index", "foreign"]),
                ("sweep", "--symbols", [",", " , "]),
                ("indicators", "--last", ["0", "-1"]),
                ("generate", "--symbols", ["0", "-5", "100001", "x"]), ("generate", "--days", ["1", "-1"]),
                ("generate", "--seed", ["-1", "18446744073709551616"]), ("generate", "--from", ["x"])):
            rest = {"sweep": [self.small], "import": [SAMPLE], "indicators": ["005930", "close"]}.get(command, [])
            for value in values:
                self.refused(command, *rest, option, value, says=option)
            self.refused(command, *rest, option, "", says=f"{option} needs a value")
            self.refused(command, *rest, option, "--all", says=f"{option} needs a value")
            done = hsl("--store", self.store, command, *rest, option)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"{option} needs a value", done.err)
        self.refused("sweep", self.small, "--trades=5", says="--trades takes no value")
        self.refused("--store", "", "data", says="--store needs a value")
        self.refused("import", says="hsl import ~/prices")
        self.refused("sweep", says="say which strategies")
        self.refused("runs", "show", says="say which run")
        self.refused("indicators", "005930", says="which indicator")

    def test_an_option_never_swallows_the_next(self):
        here = self.path / "here"
        here.mkdir()
        done = subprocess.run([PROGRAM, "--store", self.store, "sweep", self.small, "--report", "--json"],
                              capture_output=True, cwd=here)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(json.loads(done.stdout)["error"]["code"], "bad_usage")
        self.assertEqual(list(here.iterdir()), [])

    def test_words_that_look_odd_are_words(self):
        here = self.path / "odd"
        for name in ("data", "[a]", "-x"):
            (here / name).mkdir(parents=True)
            (here / name / "005930.csv").write_text("2020-01-02,100,110,90,105,10\n")
        for words in (["data"], ["[a]"], ["--", "-x"]):
            done = subprocess.run([PROGRAM, "--store", here / "s", "import", *words], capture_output=True, cwd=here)
            self.assertEqual(done.returncode, 0, (words, done.stderr))
        out = hsl("--store", self.store, "indicators", "005930", "--csv", "--last", 1, "--", "-close", check=0).out
        self.assertTrue(out.splitlines()[1].split(",")[1].startswith("-"))

    def test_options_may_stand_anywhere_and_the_last_one_counts(self):
        shown = document("--store", self.store, "data", "--show", 3)
        self.assertEqual(shown, json.loads(hsl("--json", "data", "--show=3", "--store", self.store, check=0).out))
        one = self.sweep("--symbols", "005930,000660", "--top", 5, "--top", 1)
        two = self.sweep("--symbols", " 000660 ", "--symbols", "A005930, 005930", "--top=1")
        self.assertEqual(one["run_id"], two["run_id"])
        self.assertEqual(len(one["leaderboard"]), 1)

    def test_the_command_is_kept_as_a_shell_takes_it_again(self):
        store = self.path / "it's"
        hsl("--store", store, "import", SAMPLE / "005930.csv", check=0)
        kept = document("--store", store, "data")["versions"][0]["command"]
        self.assertEqual(shlex.split(kept), ["hsl", "--store", str(store), "import", str(SAMPLE / "005930.csv")])

    def test_a_store_is_found_by_option_then_environment_then_home(self):
        none = {"HSL_STORE": "", "XDG_DATA_HOME": ""}
        home = self.path / "home"
        self.assertIn(f"{home}/.local/share/hsl", hsl("data", env={**none, "HOME": str(home)}, check=2).err)
        self.assertIn(f"{home}/x", hsl("data", "--store=~/x", env={**none, "HOME": str(home)}, check=2).err)
        self.assertIn(f"{home}/y", hsl("data", env={"HSL_STORE": "~/y", "HOME": str(home)}, check=2).err)
        self.assertIn("/z/hsl", hsl("data", env={**none, "XDG_DATA_HOME": "/z"}, check=2).err)
        hsl("data", env={**none, "HOME": ""})  # the user's own home: whatever is there, no crash
        for place in ("/dev/null", "/etc/passwd"):
            self.assertEqual(hsl("--store", place, "import", SAMPLE).returncode, 1)
            self.assertIn("no folder", hsl("--store", place, "doctor", check=0).out)
        self.assertIn("HSL_CPU", document("data", check=2, env={"HSL_CPU": "bogus"})["error"]["message"])


class Output(WithStore):
    """Where the answer goes."""

    def test_an_output_that_cannot_be_written_is_an_error(self):
        for words in (["data"], ["data", "--json"], ["doctor"], ["--help"], ["--version"], ["indicators", "--list"],
                      ["sweep", self.small], ["sweep", self.small, "--json"], ["import", SAMPLE]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([PROGRAM, "--store", self.store, *words], stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn(b"could not be written", done.stderr, words)

    def test_closed_descriptors_do_not_receive_the_store(self):
        store = self.path / "closed"
        for redirection in (">&-", ">&- 2>&-", "<&- >&- 2>&-"):
            done = subprocess.run(["sh", "-c", f'"$0" --store "$1" import "$2" {redirection}', PROGRAM, store, SAMPLE],
                                  stderr=subprocess.DEVNULL)
            self.assertEqual(done.returncode, 1, redirection)
        self.assertEqual(document("--store", store, "data")["version"], self.first_import["version"])
        self.assertRegex((store / "lock").read_text(), r"^[0-9]+\n$")

    def test_a_reader_that_has_seen_enough_is_no_error_worth_a_word(self):
        done = subprocess.run(["sh", "-c", '"$0" --store "$1" indicators 005930 close | head -n 1', PROGRAM, self.store],
                              capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_progress_is_for_terminals_and_is_taken_away(self):
        pipes = [self.path / f"{code}.csv" for code in ("000010", "000020", "000030")]
        for pipe in pipes:
            os.mkfifo(pipe)

        def feed():
            for pipe, pause in zip(pipes, (0, 1.1, 0.15)):
                time.sleep(pause)
                pipe.write_text("2020-01-02,100,110,90,105,10\n")

        def ran(**how):
            feeder = threading.Thread(target=feed)
            feeder.start()
            process = subprocess.Popen([PROGRAM, "--store", self.path / "progress", "import", *pipes],
                                       env={**os.environ, "TERM": "xterm"}, **how)
            feeder.join(20)
            self.assertEqual(process.wait(20), 0)
            return process

        master, slave = pty.openpty()
        process = ran(stdout=subprocess.PIPE, stderr=slave)
        os.close(slave)
        shown = b""
        try:
            while block := os.read(master, 4096):
                shown += block
        except OSError:
            pass
        os.close(master)
        process.stdout.close()
        self.assertIn("reading price files █".encode(), shown)
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown)
        process = ran(stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.assertEqual(process.communicate()[1], b"")

    def test_nothing_from_a_file_reaches_the_terminal_as_a_command(self):
        with tempfile.TemporaryDirectory() as folder:
            where = pathlib.Path(folder)
            (where / "005930_\x1b[31m.csv").write_text("2020-01-02,100,110,90,105,\x1b]0;pwned\x07\n")
            (where / "000660.csv").write_text("\x1b[2Jdate\n")
            (where / "a\nb.csv").write_text("2020-01-02,100,110,90,105,10\n")
            store = where / "s"
            shown = [hsl("--store", store, "import", where, check=1),
                     hsl("--store", store, "data", "--quarantine", check=0),
                     hsl("--store", store, "import", where / "\x1b[1m"),
                     hsl("--store", where / "\x1b[1m", "data"),
                     hsl("--store", store, "indicators", "\x1b[1m", "\x1b[1m")]
            for done in shown:
                self.assertNotRegex(done.out + done.err, r"[\x00-\x08\x0b-\x1f\x7f]")
            self.assertIn("\\x1b]0;pwned", shown[1].out)

    def test_tables_fit_whatever_they_hold(self):
        with tempfile.TemporaryDirectory() as folder:
            where = pathlib.Path(folder)
            rows = "2020-01-02,100,110,90,105,10\n2020-01-03,1,2,3,4,5\n" + "2020-01-04,1,1,1,1,1\n" * 3 + "x\n,,,,,\n"
            deep = where / ("긴이름" * 20) / "x"
            deep.mkdir(parents=True)
            for name in ("005930_" + "가나다라마바사" * 5, "y" * 60):
                (deep / f"{name}.csv").write_text(rows)
            store = deep / "store"
            shown = hsl("--store", store, "import", deep, check=0).out
            for name in ("삼성전자", "삼" * 20):  # no code, which the user has to say
                (deep / f"{name}.csv").write_text(rows)
                shown += hsl("--store", store, "import", deep / f"{name}.csv", "--symbol", name, check=0).out
            for words in (["data"], ["data", "--quarantine"], ["runs"], ["doctor"],
                          ["indicators", "005930", "macd(close,12,26,9)", *[f"sma(close,{n})" for n in range(2, 12)]]):
                shown += hsl("--store", store, *words, check=0).out
            for line in shown.splitlines():
                if "긴이름긴이름" in line:  # a path has no place to break
                    continue
                self.assertLessEqual(width(line), 100, line)
            self.assertIn("named after no code of the Korean exchange", shown)
            table = [line for line in shown.splitlines() if re.search(r" [12]  2020-01-02  2020-01-0", line)]
            self.assertGreaterEqual(len(table), 3)
            self.assertEqual(len({width(line[:line.index("2020-01-02")]) for line in table[:2]}), 1, table)


class Import(WithStore):
    def test_every_data_line_is_somewhere(self):
        self.assertEqual(list(self.first_import)[:2], ["version", "files"])
        self.assertEqual(len(self.first_import["files"]), 11)
        for file in self.first_import["files"]:
            self.assertEqual(list(file), ["path", "symbol", "accepted", "repaired", "quarantined",
                                          "dropped", "from", "to", "error"])
            text = pathlib.Path(file["path"]).read_bytes().decode("utf-8-sig").replace("\r", "")
            lines = [line for line in text.split("\n") if line.strip()]
            header = 1 if lines[0].lower().startswith("date") else 0
            self.assertEqual(file["accepted"] + sum(file["quarantined"].values()) + file["dropped"],
                             len(lines) - header, file["path"])
            self.assertIsNone(file["error"])
            self.assertRegex(file["symbol"], r"^[0-9]{6}$")

    def test_importing_twice_changes_nothing(self):
        again = document("--store", self.store, "import", SAMPLE)
        self.assertEqual(again["version"], self.first_import["version"])
        self.assertFalse(again["changed"])
        self.assertEqual(again["added"], 0)
        held = document("--store", self.store, "data")
        self.assertEqual(len(held["versions"]), 1)
        self.assertEqual(held["version"], self.first_import["version"])

    def test_a_bad_file_does_not_stop_the_others(self):
        with tempfile.TemporaryDirectory() as folder:
            where = pathlib.Path(folder)
            (where / "005930.csv").write_text("date,open,high,low,close,volume\n"
                                              "2020-01-02,100,110,90,105,10\n"
                                              "2020-01-03,100,90,110,105,10\n")
            (where / "000660.csv").write_text("")
            store = where / "store"
            report = document("--store", store, "import", where, check=1)
            by_name = {pathlib.Path(f["path"]).name: f for f in report["files"]}
            self.assertEqual(by_name["005930.csv"]["accepted"], 1)
            self.assertEqual(sum(by_name["005930.csv"]["quarantined"].values()), 1)
            self.assertIn("000660.csv", by_name["000660.csv"]["error"])
            row = report["quarantine"][0]
            self.assertEqual((row["line"], row["date"]), (3, "2020-01-03"))
            self.assertIn("2020-01-03,100,90,110,105,10", row["source"])
            shown = hsl("--store", store, "data", "--quarantine", check=0).out
            self.assertIn("005930.csv:3", shown)

    def test_strict_fails_on_quarantine(self):
        with tempfile.TemporaryDirectory() as folder:
            where = pathlib.Path(folder)
            (where / "005930.csv").write_text("2020-01-02,100,110,90,105,10\n2020-01-03,100,90,110,105,10\n")
            hsl("--store", where / "s", "import", where / "005930.csv", check=0)
            hsl("--store", where / "t", "import", where / "005930.csv", "--strict", check=1)

    def test_conflicts_with_the_store_are_kept_or_replace(self):
        with tempfile.TemporaryDirectory() as folder:
            where = pathlib.Path(folder)
            one, two = where / "a" / "005930.csv", where / "b" / "005930.csv"
            one.parent.mkdir()
            two.parent.mkdir()
            one.write_text("2020-01-02,100,110,90,105,10\n")
            two.write_text("2020-01-02,100,110,90,106,10\n2020-01-03,106,110,100,108,10\n")
            store = where / "store"
            first = document("--store", store, "import", one)
            second = document("--store", store, "import", two)
            self.assertEqual(second["files"][0]["accepted"], 1)
            self.assertEqual(sum(second["files"][0]["quarantined"].values()), 1)
            self.assertIn("2020-01-02,100,110,90,106,10", second["quarantine"][0]["source"])
            third = document("--store", store, "import", two, "--replace")
            self.assertEqual(third["replaced"], 1)
            self.assertEqual(len({first["version"], second["version"], third["version"]}), 3)

    def test_conflicts_between_files_name_both_places(self):
        with tempfile.TemporaryDirectory() as folder:
            where = pathlib.Path(folder)
            for name, close in (("a", 105), ("b", 106)):
                (where / name).mkdir()
                (where / name / "005930.csv").write_text(
                    f"2020-01-02,100,110,90,{close},10\n2020-01-03,100,110,90,105,10\n")
            report = document("--store", where / "s", "import", where / "a", where / "b")
            self.assertEqual(len(report["quarantine"]), 2)
            for row, other in ((0, "b"), (1, "a")):
                self.assertIn(f"{other}/005930.csv:1", report["quarantine"][row]["detail"])
                self.assertTrue(report["quarantine"][row]["source"].startswith("2020-01-02"))
            accepted = [f["accepted"] for f in report["files"]]
            self.assertEqual(sorted(accepted), [0, 1])
            self.assertEqual([f["dropped"] for f in report["files"]].count(1), 1)

    def test_every_kind_of_file_gets_an_answer(self):
        header, row = "date,open,high,low,close,volume\n", "2020-01-02,100,110,90,105,10\n"
        good = ["", row, header + row, (header + row).replace("\n", "\r"), (header + row).replace("\n", "\r") + "\n",
                (header + row).replace("\n", "\r\n"), "\ufeff\"Date\",\"Open\",\"High\",\"Low\",\"Close\",\"Volume\"\n" + row,
                "Date, Open, High, Low, Close, Volume\n2020-01-02, 100, 110, 90, 105, 10\n",
                "Date;Open;High;Low;Close;Volume;\n2020-01-02;100;110;90;105;10;\n", header + row + header,
                "날짜,시가,고가,저가,종가,거래량\n2020-01-02,\"100\",110,90,105,10\n", "\n\n" + header + "\n" + row + ",,,,,\n"][1:]
        good += [(header + row).encode("utf-16"), (header + row).encode("utf-16-le"), gzip.compress(row.encode()),
                 "날짜,시가,고가,저가,종가,거래량\n".encode("cp949") + row.encode()]
        bad = [b"", header.encode(), b"\0" * 99, gzip.compress(row.encode())[:-9], b"," * 9999,
               b'"' * 9999, b"a" * 9999, b"2020-01-02,71,500,72,500,70,900,71,500,1,234,567\n",
               header.encode() + b"2020-01-02,71,500,72,500,70,900,71,500,1,234,567\n"]
        with tempfile.TemporaryDirectory() as folder:
            where = pathlib.Path(folder)
            file = where / "005930.csv"
            for number, data in enumerate([*good, *bad]):
                file.write_bytes(data.encode() if isinstance(data, str) else data)
                report = document("--store", where / f"s{number}", "import", file, check=0 if number < len(good) else 1)
                self.assertEqual(report["added"], 1 if number < len(good) else 0, data[:80])
                if number < len(good):
                    self.assertEqual(report["version"], document("--store", where / "s0", "data")["version"], data)

    def test_every_kind_of_path_gets_an_answer(self):
        with tempfile.TemporaryDirectory() as folder:
            where = pathlib.Path(folder)
            prices = where / "가격"
            (prices / "sub.csv").mkdir(parents=True)
            row = "2020-01-02,100,110,90,105,10\n"
            (prices / "005930.csv").write_text(row)
            (prices / "sub.csv" / "000660.CSV").write_text(row)
            (prices / "._005930.csv").write_bytes(b"\0\5\x16\7")
            (prices / "around").symlink_to(prices)
            os.mkfifo(prices / "pipe.csv")
            store = where / "저장소"
            report = document("--store", store, "import", prices, prices / "005930.csv", f"{prices}/../가격/005930.csv")
            self.assertEqual([f["symbol"] for f in report["files"]], ["005930", "000660"])
            os.symlink("nowhere", prices / "lost.csv")
            os.symlink("self.csv", prices / "self.csv")
            (prices / os.fsdecode(b"\xbb\xef\xbc\xba.csv")).write_text(row)
            report = document("--store", store, "import", prices, check=1)
            errors = [f["error"] for f in report["files"] if f["error"]]
            self.assertEqual(len(errors), 3)
            for part in ("lost.csv: No such file", "symbolic links", "name gives no symbol"):
                self.assertTrue(any(part in error for error in errors), part)
            self.assertEqual(document("--store", store, "import", "/dev/null", check=1)["files"][0]["accepted"], 0)
            for path in ("", where / "gone", "x" * 5000, where / "저장소" / "bars"):
                self.assertIn(hsl("--store", store, "import", path).returncode, (1, 2), path)

    def test_another_market_takes_no_row_away(self):
        with tempfile.TemporaryDirectory() as folder:
            where = pathlib.Path(folder)
            file = where / "005930.csv"
            file.write_text("2020-01-02,100,110,90,105,10\n")
            document("--store", where / "s", "import", file, "--market", "KOSPI")
            report = document("--store", where / "s", "import", file, "--market", "kosdaq")
            self.assertEqual((report["files"][0]["accepted"], report["files"][0]["quarantined"]), (1, {}))
            self.assertEqual(report["quarantine"][0]["reason"], "market_differs")
            self.assertNotIn(":0", hsl("--store", where / "s", "data", "--quarantine", check=0).out)

    def test_missing_paths_are_named(self):
        error = document("--store", self.store, "import", self.path / "nowhere", check=2)["error"]
        self.assertIn("nowhere", error["message"])


class Generate(WithStore):
    def test_same_seed_same_version_and_no_second_market(self):
        one = document("--store", self.path / "g1", "generate", "--symbols", 16, "--days", 200)
        two = document("--store", self.path / "g2", "generate", "--symbols", 16, "--days", 200)
        self.assertEqual(one["version"], two["version"])
        self.assertEqual(one["from"], "2019-01-02")
        again = document("--store", self.path / "g1", "generate", "--symbols", 16, "--days", 200)
        self.assertFalse(again["changed"])
        hsl("--store", self.path / "g1", "generate", "--symbols", 16, "--days", 200, "--seed", 7, check=2)

    def test_real_data_is_not_mixed_with_a_generated_market(self):
        error = document("--store", self.store, "generate", "--symbols", 16, "--days", 200, check=2)["error"]
        self.assertIn("real", error["message"])
        document("--store", self.path / "g3", "generate", "--symbols", 8, "--days", 100)
        error = document("--store", self.path / "g3", "import", SAMPLE, check=2)["error"]
        self.assertIn("generated", error["message"])


class Sweep(WithStore):
    def test_document_has_the_documented_keys_in_order(self):
        result = self.sweep()
        self.assertEqual(list(result)[:len(SWEEP_KEYS)], SWEEP_KEYS)
        self.assertEqual(list(result["elapsed_ms"]), ["load", "compute", "verdict"])
        for row in result["leaderboard"]:
            self.assertEqual(list(row)[:len(ROW_KEYS)], ROW_KEYS)
            self.assertEqual(list(row["symbols"]), SPREAD_KEYS)
        self.assertEqual([row["name"] for row in result["benchmarks"]], ["hold", "equal_weight"])
        self.assertEqual(list(result["verdict"])[:5], ["text", "best", "dsr_best", "luck_sharpe",
                                                       "significant_after_fdr"])
        self.assertEqual(result["trials"], 5)
        self.assertEqual(len(result["leaderboard"]), 5)
        self.assertEqual([row["rank"] for row in result["leaderboard"]], [1, 2, 3, 4, 5])
        sharpes = [row["sharpe"] for row in result["leaderboard"] if row["sharpe"] is not None]
        self.assertEqual(sharpes, sorted(sharpes, reverse=True))
        self.assertEqual(result["from"], "2015-06-15")
        self.assertRegex(result["run_id"], r"^[0-9a-f]{16}$")
        self.assertNotIn("fills", result)

    def test_threads_and_vector_width_do_not_change_a_byte(self):
        once = comparable(self.sweep("--trades", "--threads", 1))
        self.assertEqual(once, comparable(self.sweep("--trades", "--threads", 2)))
        for cpu in ("scalar", "sse4", "avx2", "avx512"):
            done = hsl("--store", self.store, "sweep", self.small, "--trades", "--json", env={"HSL_CPU": cpu})
            if done.returncode == 2 and "no " + cpu in done.out:
                continue
            self.assertEqual(done.returncode, 0, done.err)
            self.assertEqual(once, comparable(json.loads(done.out)), cpu)

    def test_repeated_runs_keep_their_id_and_are_listed(self):
        one, two = self.sweep(), self.sweep()
        self.assertEqual(one["run_id"], two["run_id"])
        other = self.sweep("--from", "2016-01-04")
        self.assertNotEqual(one["run_id"], other["run_id"])
        runs = document("--store", self.store, "runs")["runs"]
        self.assertEqual(len({run["run_id"] for run in runs}), len(runs))
        shown = document("--store", self.store, "runs", "show", one["run_id"][:8])
        self.assertEqual(shown["run_id"], one["run_id"])
        self.assertEqual(len(shown["result"]["leaderboard"]), one["trials"])
        hsl("--store", self.store, "runs", "show", "ffff0000ffff", check=2)

    def test_fills_are_complete_and_ordered(self):
        result = self.sweep("--trades", "--symbols", "005930,000660")
        fills = result["fills"]
        self.assertGreater(len(fills), 20)
        for fill in fills:
            self.assertEqual(list(fill), FILL_KEYS)
            self.assertIn(fill["side"], ("buy", "sell"))
            self.assertLessEqual(fill["signal_date"], fill["date"])
            self.assertEqual(fill["commission"], fill["price"] * fill["shares"] * 1500 // 10_000_000)
        order = [(f["strategy"], json.dumps(f["params"]), f["symbol"], f["date"]) for f in fills]
        seen, last = [], None
        for key in order:
            if key[:2] != last:
                self.assertNotIn(key[:2], seen)
                seen.append(key[:2])
                last = key[:2]
        for group in seen:
            inside = [key[2:] for key in order if key[:2] == group]
            self.assertEqual(inside, sorted(inside))
        self.assertEqual(result["symbols"], 2)

    def test_top_cuts_the_list_and_counts_every_try(self):
        result = self.sweep("--top", 2)
        self.assertEqual(len(result["leaderboard"]), 2)
        self.assertEqual(result["trials"], 5)

    def test_text_fits_a_hundred_columns(self):
        shown = hsl("--store", self.store, "sweep", self.small, check=0).out
        for line in shown.splitlines():
            self.assertLessEqual(len(line), 100, line)
        self.assertIn("Verdict", shown)
        self.assertIn("hold", shown)

    def test_report_is_one_file_that_loads_nothing(self):
        target = self.path / "report.html"
        hsl("--store", self.store, "sweep", self.small, "--report", target, check=0)
        html = target.read_text()
        self.assertIn("<!doctype html>", html[:100].lower())
        for pattern in (r'<script[^>]+src=', r'<link[^>]+href="(?!data:)', r'url\(\s*["\']?http', r'@import', r'fetch\('):
            self.assertIsNone(re.search(pattern, html), pattern)
        self.assertFalse(list(self.path.glob("*.part")))

    def test_report_to_a_missing_folder_says_so(self):
        done = hsl("--store", self.store, "sweep", self.small, "--report", self.path / "no" / "r.html")
        self.assertEqual(done.returncode, 1)
        self.assertIn("r.html", done.err)

    def test_a_report_never_takes_the_place_of_something_else(self):
        kept = self.small.read_text()
        link, folder = self.path / "link.html", self.path / "folder"
        folder.mkdir()
        (folder / "real.html").write_text("old")
        link.symlink_to(folder / "real.html")
        for target, status in ((self.small, 2), (folder, 2), ("-", 2), (self.path / "no" / "r.html", 1)):
            self.assertEqual(hsl("--store", self.store, "sweep", self.small, "--report", target).returncode, status, target)
        self.assertEqual(self.small.read_text(), kept)
        hsl("--store", self.store, "sweep", self.small, "--report", link, check=0)
        self.assertTrue(link.is_symlink())
        self.assertIn("<!doctype html>", (folder / "real.html").read_text()[:100].lower())
        pipe = self.path / "pipe.html"
        os.mkfifo(pipe)
        reader = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
        hsl("--store", self.store, "sweep", self.small, "--report", pipe, check=0)
        self.assertIn(b"</html>", reader.communicate(timeout=20)[0][-200:])
        self.assertTrue(pipe.is_fifo())
        self.assertEqual(list(self.path.glob("*.part")) + list(folder.glob("*.part")), [])

    def test_mistakes_in_a_strategy_are_pointed_at(self):
        bad = self.path / "bad.toml"
        bad.write_text('[one]\nabout = "x"\nentry = "crosses_above(sma(close, 5), smaa(close, 20))"\n')
        error = document("--store", self.store, "sweep", bad, check=1)["error"]
        self.assertEqual((error["code"], error["line"]), ("bad_data", 3))
        self.assertTrue(error["file"].endswith("bad.toml"))
        self.assertIn("smaa", error["message"])
        shown = hsl("--store", self.store, "sweep", bad, check=1).err
        self.assertIn("^", shown)
        self.assertIn("bad.toml:3:", shown)

    def test_bad_requests_are_explained(self):
        for words, part in ((["--from", "1989-01-04"], "1990-01-01"), (["--from", "1995-03-02"], "1995-04-01"), (["--from", "yesterday"], "yesterday"),
                            (["--symbols", "005931"], "005930"), (["--commission", "0.015"], "0.015%"),
                            (["--from", "2018-01-02", "--to", "2017-01-02"], "2017-01-02"),
                            (["--market", "NASDAQ"], "NASDAQ"),
                            (["--slippage-bp", "1.234"], "two decimals"),
                            (["--slippage-bp", "3000.01"], "3000")):
            done = hsl("--store", self.store, "sweep", self.small, *words)
            self.assertEqual(done.returncode, 2, (words, done.err))
            self.assertIn(part, done.err, words)

    def test_a_folder_is_no_strategy_file(self):
        done = hsl("--store", self.store, "sweep", self.path)
        self.assertEqual(done.returncode, 2)
        self.assertIn("this is a folder", done.err)

    def test_an_empty_store_says_what_to_do(self):
        done = hsl("--store", self.path / "none", "sweep", self.small)
        self.assertEqual(done.returncode, 2)
        self.assertIn("hsl import", done.err)

    def test_commission_changes_the_result_by_its_sum(self):
        free = self.sweep("--commission", "0")
        self.assertLess(sum(r["cost_krw"] for r in free["leaderboard"]),
                        sum(r["cost_krw"] for r in self.sweep()["leaderboard"]))


class Indicators(WithStore):
    CSV = "date,open,high,low,close,volume\n" + "".join(
        f"2020-{1 + i // 20:02}-{1 + i % 20:02},{100 + i},{102 + i},{99 + i},{101 + i},1000\n" for i in range(60))

    def test_csv_has_every_row_and_the_expressions_as_header(self):
        out = hsl("indicators", "--input", "-", "sma(close,5)", "rsi(close, 14)", "--csv", check=0,
                  stdin=self.CSV.encode()).out
        lines = out.splitlines()
        self.assertEqual(lines[0], 'date,"sma(close,5)","rsi(close, 14)"')
        self.assertEqual(len(lines), 61)
        self.assertEqual(lines[1], "2020-01-01,,")
        self.assertEqual(lines[5].split(",")[1], "103")

    def test_a_stored_symbol_and_its_file_agree(self):
        stored = hsl("--store", self.store, "indicators", "000660", "ema(close,20)", "--csv", check=0).out
        read = hsl("indicators", "--input", SAMPLE / "000660.csv", "ema(close,20)", "--csv", check=0).out
        self.assertEqual(stored, read)

    def test_a_version_that_is_not_there_is_no_version(self):
        for words in (["indicators", "000660", "close"], ["sweep", KOSPI100]):
            for line in ([*words, "--at", "nothing"], ["--at", "nothing", *words]):
                done = hsl("--store", self.store, *line, check=2)
                self.assertIn("no data version nothing", done.err)

    def test_a_session_without_a_row_is_a_flat_bar(self):
        # 2020-01-06 was a session; 4 and 5 January were a weekend.
        prices = {"2014-12-29": 7, "2014-12-30": 9, "2020-01-02": 10, "2020-01-03": 14, "2020-01-07": 20}
        path = self.path / "000010.csv"
        path.write_text("date,open,high,low,close,volume\n" + "".join(
            f"{day},{price},{price},{price},{price},5\n" for day, price in prices.items()))
        out = hsl("indicators", "--input", path, "sma(close,2)", "sma(volume,2)", "--csv", check=0).out
        rows = dict(line.split(",", 1) for line in out.splitlines()[1:])
        self.assertEqual(rows["2014-12-30"], "8,5")
        self.assertEqual(rows["2020-01-03"], "12,5")
        self.assertEqual(rows["2020-01-06"], "14,2.5")
        self.assertEqual(rows["2020-01-07"], "17,2.5")
        self.assertEqual(rows["2015-01-02"], "9,2.5")
        self.assertEqual(len(rows), 2 + 248 + 246 + 243 + 244 + 246 + 4)
        foreign = self.path / "spy.csv"
        foreign.write_bytes(path.read_bytes())
        out = hsl("indicators", "--input", foreign, "sma(close,2)", "--csv", check=0).out
        self.assertEqual(len(out.splitlines()), 1 + len(prices))

    def test_every_output_gets_a_column(self):
        table = document("--store", self.store, "indicators", "005930", "macd(close,12,26,9)", "--last", 3)
        self.assertEqual(list(table["columns"]), ["macd(close,12,26,9)", "macd(close,12,26,9).signal",
                                                  "macd(close,12,26,9).hist"])
        self.assertEqual(len(table["dates"]), 3)

    def test_mistakes_are_pointed_at(self):
        done = hsl("--store", self.store, "indicators", "005930", "rsi(close,")
        self.assertEqual(done.returncode, 2)
        self.assertIn("^", done.err)
        hsl("--store", self.store, "indicators", "999999", "rsi(close,14)", check=2)


def minute_of(clock):
    return int(clock[:2]) * 60 + int(clock[3:])


def clock_of(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


class Minutes(unittest.TestCase):
    """Bars of minutes, from a file to fills; what they hold is worked out here once more."""
    DAYS = ["2024-02-05", "2024-02-06", "2024-02-07", "2024-02-08", "2024-02-13", "2024-02-14"]
    FILL = "[cross]\nentry = \"close > sma(close, 4)\"\nexit = \"close < sma(close, 4)\"\n"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)

    def hsl(self, *words, **more):
        return hsl("--store", self.dir / "store", *words, **more)

    def document(self, *words, **more):
        return document("--store", self.dir / "store", *words, **more)

    def rows(self, step=1):
        """(day, minute, open, high, low, close, volume); some minutes have no trade."""
        price, rows, state = 70_000, [], 7
        for day in self.DAYS:
            for minute in [*range(540, 920, step), 930]:
                state = state * 1103515245 + 12345 & 0x7FFFFFFF
                if minute not in (540, 930) and state >> 8 & 3 == 0:
                    continue
                opened, price = price, price + 100 * ((state >> 12) % 7 - 3)
                rows.append((day, minute, opened, max(opened, price) + 100, min(opened, price) - 100,
                             price, 1_000 + (state >> 16) % 5_000))
        return rows

    def write(self, rows, name="005930.csv"):
        path = self.dir / name
        path.write_text("date,time,open,high,low,close,volume\n" + "".join(
            f"{day},{clock_of(minute)},{','.join(map(str, rest))}\n" for day, minute, *rest in rows))
        return path

    def bars(self, rows, length):
        """Bars by (day, minute), flat where nothing traded."""
        begins = [*range(540, 920, length), 920]
        held, close = {}, None
        for day in self.DAYS:
            for begin, end in zip(begins, [*begins[1:], 931]):
                inside = [row for row in rows if row[0] == day and begin <= row[1] < end]
                if inside:
                    close = inside[-1][5]
                    held[day, begin] = (inside[0][2], max(r[3] for r in inside),
                                        min(r[4] for r in inside), close, True)
                else:
                    held[day, begin] = (close, close, close, close, False)
        return held

    def test_a_file_of_minutes_becomes_bars_indicators_and_fills(self):
        rows = self.rows()
        self.hsl("import", self.write(rows), check=0)
        bars = self.bars(rows, 5)
        self.assertEqual(len(bars), len(self.DAYS) * 77)

        table = list(csv.reader(io.StringIO(
            self.hsl("indicators", "005930", "close", "sma(close,4)", "--minutes", "5", "--csv",
                     check=0).out)))
        self.assertEqual(table[0], ["date", "time", "close", "sma(close,4)"])
        self.assertEqual([(row[0], minute_of(row[1])) for row in table[1:]], list(bars))
        closes = [bar[3] for bar in bars.values()]
        self.assertEqual([float(row[2]) for row in table[1:]], closes)
        for i, row in enumerate(table[1:]):
            if i >= 3:
                self.assertAlmostEqual(float(row[3]), sum(closes[i - 3:i + 1]) / 4, places=6)

        strategy = self.dir / "minutes.toml"
        strategy.write_text(self.FILL)
        result = self.document("sweep", strategy, "--minutes", "5", "--trades", "--participation", "off")
        self.assertEqual(result["bar_minutes"], 5)
        self.assertEqual(result["sessions"], len(self.DAYS))
        self.assertTrue(any("Bars of 5 minutes" in note for note in result["notes"]))
        self.assertGreater(len(result["fills"]), 20)
        order = list(bars)
        bought = None
        for fill in result["fills"]:
            at = order.index((fill["date"], minute_of(fill["time"])))
            self.assertTrue(bars[order[at]][4], fill)
            self.assertEqual(fill["price"], bars[order[at]][0], fill)
            signal_at = order.index((fill["signal_date"], minute_of(fill["signal_time"])))
            mean = sum(closes[signal_at - 3:signal_at + 1]) / 4
            if fill["side"] == "buy":
                self.assertEqual(signal_at, at - 1, fill)
                self.assertGreater(closes[signal_at], mean)
                bought = fill
            else:
                self.assertLess(signal_at, at, fill)
                self.assertLess(closes[signal_at], mean)
                self.assertEqual(fill["shares"], bought["shares"])
        text = self.hsl("sweep", strategy, "--minutes", "5", "--trades", "--report",
                        self.dir / "report.html", check=0).out
        self.assertIn("in bars of 5 min", text)
        self.assertRegex(text, r"2024-02-0\d \d\d:\d\d")
        self.assertIn("in bars of 5 min", (self.dir / "report.html").read_text())
        self.assertNotEqual(result["run_id"], self.document("sweep", strategy, "--minutes", "10")["run_id"])

    def test_bars_are_shown_and_leave_in_minutes(self):
        rows = self.rows()
        self.hsl("import", self.write(rows), check=0)
        bars = self.bars(rows, 30)
        shown = self.document("data", "show", "005930", "--minutes", "30")["bars"]
        self.assertEqual([(b["date"], minute_of(b["time"]), b["open"], b["high"], b["low"], b["close"])
                          for b in shown],
                         [(*when, *bar[:4]) for when, bar in bars.items() if bar[4]])
        self.hsl("data", "export", self.dir / "out.csv", "--minutes", check=0)
        left = list(csv.DictReader((self.dir / "out.csv").open()))
        self.assertEqual([(row["date"], int(row["minute"]), int(row["close"])) for row in left],
                         [(row[0], row[1], row[5]) for row in rows])

    def test_what_is_not_there_is_said(self):
        strategy = self.dir / "minutes.toml"
        strategy.write_text(self.FILL)
        days = self.dir / "000660.csv"
        days.write_text("date,open,high,low,close,volume\n" + "".join(
            f"{day},100000,100000,100000,100000,5\n" for day in self.DAYS))
        self.hsl("import", days, check=0)
        for words in [("sweep", strategy), ("indicators", "000660", "close"), ("data", "show", "000660")]:
            refused = self.hsl(*words, "--minutes", "5", check=2)
            self.assertIn("no minute bars of any symbol, only days", refused.err)
            self.assertIn("hsl import FILE", refused.err)
        coarse = self.write(self.rows(step=5))
        self.hsl("import", coarse, check=0)
        refused = self.hsl("sweep", strategy, "--minutes", "3", check=2)
        self.assertIn("005930: its rows are 5 minutes apart", refused.err)
        self.assertIn("--minutes 5", refused.err)
        self.hsl("indicators", "005930", "close", "--minutes", "1", check=2)
        self.hsl("indicators", "005930", "close", "--minutes", "10", check=0)
        self.hsl("indicators", "--input", coarse, "close", "--minutes", "10", check=0)
        self.assertIn("--minutes 5", self.hsl("indicators", "--input", coarse, "close", check=2).err)
        self.hsl("indicators", "--input", days, "close", "--minutes", "10", check=2)
        self.hsl("sweep", strategy, "--minutes", "0", check=2)
        self.hsl("sweep", strategy, "--minutes", "391", check=2)

    def test_a_store_of_minutes_alone_points_to_them(self):
        self.hsl("import", self.write(self.rows()), check=0)
        refused = self.hsl("indicators", "005930", "close", check=2)
        self.assertIn("no day bars of any symbol, only minutes", refused.err)
        self.assertIn("--minutes 5", refused.err)


class Workshop(WithStore):
    """What one does about data: explain, quarantine, versions, sources, listings, actions."""

    HEAD = "Date,Open,High,Low,Close,Volume\n"

    def setUp(self):
        self.here = pathlib.Path(tempfile.mkdtemp(dir=self.path))
        self.own = self.here / "own"

    def write(self, name, text):
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def test_a_pattern_and_standard_input_name_files(self):
        row = "2020-01-02,100,110,90,105,10\n"
        self.write("a/005930.csv", row)
        self.write("a/000660.csv", row)
        report = document("--store", self.own, "import", f"{self.here}/a/0*.csv")
        self.assertEqual([file["symbol"] for file in report["files"]], ["000660", "005930"])
        report = document("--store", self.own, "import", "-", "--symbol", "000100", stdin=row.encode())
        self.assertEqual((report["files"][0]["path"], report["files"][0]["symbol"], report["added"]),
                         ("stdin", "000100", 1))

    def test_explain_says_how_and_imports_nothing(self):
        path = self.write("005930.csv", "일자,현재가,시작,최고,최저,양\n2020-01-02,105,100,110,90,10\n")
        words = ["--map", "date=일자,close=현재가,open=시작,high=최고,low=최저,volume=양", "--adjusted"]
        told = document("--store", self.own, "import", "--explain", path, *words)["files"][0]
        self.assertEqual((told["basis"], told["accepted"], told["data_lines"]), ("adjusted", 1, 1))
        self.assertIn({"column": "close", "header": "현재가"}, told["columns"])
        self.assertFalse(self.own.exists())
        self.assertIn("close = 현재가", hsl("import", "--explain", path, *words, check=0).out)

    def test_a_dry_run_writes_nothing(self):
        path = self.write("005930.csv", "2020-01-02,100,110,90,105,10\n")
        report = document("--store", self.own, "import", path, "--dry-run")
        self.assertEqual((report["added"], report["version"]), (1, ""))
        self.assertFalse(self.own.exists())

    def test_a_quarantined_row_is_fixed_and_comes_back(self):
        path = self.write("005930.csv", self.HEAD + "2020-01-02,100,110,90,105,10\n"
                          "2020-01-03,100,90,110,105,10\n2020-01-06,100,,90,105,10\n")
        document("--store", self.own, "import", path)
        rows = document("--store", self.own, "quarantine", "list")["quarantine"]
        bad = {row["reason"]: row["id"] for row in rows}
        refused = document("--store", self.own, "quarantine", "accept", bad["high_below_low"], check=1)
        self.assertEqual(refused["refused"][0]["reason"], "high_below_low")
        taken = document("--store", self.own, "quarantine", "accept", bad["high_below_low"], "--set", "high=120,low=95")
        self.assertEqual((taken["accepted"], taken["refused"]), (1, []))
        table = hsl("--store", self.own, "quarantine", "list", "--csv", check=0).out
        (row,) = csv.DictReader(io.StringIO(table))
        self.assertEqual((row["reason"], row["source"]), ("missing_value", "2020-01-06,100,,90,105,10"))
        row.update(open="100", high="111", low="90", close="105", volume="10")
        fix = self.here / "fix.csv"
        with open(fix, "w", newline="") as out:
            writer = csv.DictWriter(out, row)
            writer.writeheader()
            writer.writerow(row)
        self.assertEqual(document("--store", self.own, "quarantine", "accept", "--file", fix)["accepted"], 1)
        bars = document("--store", self.own, "data", "show", "005930")["bars"]
        self.assertEqual([(bar["date"], bar["high"]) for bar in bars],
                         [("2020-01-02", 110), ("2020-01-03", 120), ("2020-01-06", 111)])
        self.assertEqual(document("--store", self.own, "quarantine", "list")["quarantine_count"], 0)

    def test_a_row_that_differs_from_the_store_replaces_it_when_accepted(self):
        document("--store", self.own, "import", self.write("a/005930.csv", "2020-01-02,100,110,90,105,10\n"))
        document("--store", self.own, "import", self.write("b/005930.csv", "2020-01-02,100,110,90,106,10\n"),
                 check=1)  # nothing of it came in
        row = document("--store", self.own, "quarantine", "list", "--reason", "differs_from_store")["quarantine"][0]
        done = document("--store", self.own, "quarantine", "accept", row["id"])
        self.assertEqual((done["accepted"], done["replaced"]), (1, 1))
        self.assertEqual(document("--store", self.own, "data", "show", "005930")["bars"][0]["close"], 106)

    def test_many_rows_are_dropped_only_when_that_is_meant(self):
        path = self.write("005930.csv", self.HEAD + "2020-01-02,100,110,90,105,10\n2020-01-03,1,,1,1,1\n2020-01-06,1,,1,1,1\n")
        document("--store", self.own, "import", path)
        error = document("--store", self.own, "quarantine", "drop", "--reason", "missing_value", check=2)["error"]
        self.assertIn("drop 2 rows", error["message"])
        self.assertEqual(document("--store", self.own, "quarantine", "drop", "--reason", "missing_value", "--yes")["dropped"], 2)
        self.assertIn("no row 99", hsl("--store", self.own, "quarantine", "drop", 99, check=2).err)

    def test_versions_are_listed_compared_and_read(self):
        one = document("--store", self.own, "import", self.write("a/005930.csv", "2020-01-02,100,110,90,105,10\n"))
        two = document("--store", self.own, "import", self.write("b/005930.csv", "2020-01-03,100,110,90,107,10\n"))
        log = document("--store", self.own, "data", "log")["versions"]
        self.assertEqual([v["version"] for v in log], [one["version"], two["version"]])
        diff = document("--store", self.own, "data", "diff")
        self.assertEqual((diff["added"], diff["rows"][0]["date"]), (1, "2020-01-03"))
        old = document("--store", self.own, "--at", one["version"][:6], "data", "show", "005930")
        self.assertEqual(len(old["bars"]), 1)
        self.assertEqual(document("--store", self.own, "data", "verify")["damage"], [])

    def test_bars_leave_in_the_format_of_the_path(self):
        document("--store", self.own, "import", self.write("005930.csv", "2020-01-02,100,110,90,105,10\n"))
        out = self.here / "prices.csv"
        self.assertEqual(document("--store", self.own, "data", "export", out)["rows"], 1)
        self.assertIn("005930", out.read_text())
        hsl("--store", self.own, "data", "export", self.here / "p.parquet", check=0)
        self.assertTrue((self.here / "p.parquet").read_bytes().startswith(b"PAR1"))
        hsl("--store", self.own, "data", "export", self.here / "p.xlsx", check=2)

    def test_a_configuration_names_the_store_and_the_first_source(self):
        for source, close in (("a", 105), ("b", 106)):
            document("--store", self.own, "import", "--source", source,
                     self.write(f"{source}/005930.csv", f"2020-01-02,100,110,90,{close},10\n"))
        config = self.write("hsl.toml", f'store = "{self.own}"\n[data]\nsources = ["b", "a"]\n')
        env = {"HSL_STORE": "", "HSL_CONFIG": str(config)}
        self.assertEqual(document("data", "show", "005930", env=env)["source"], "b")
        self.assertEqual(document("data", "show", "005930", "--sources", "a", env=env)["source"], "a")
        self.assertEqual(document("doctor", env=env)["config"], str(config))
        pair = document("data", "agree", env=env)["agreements"][0]["pairs"][0]
        self.assertEqual((pair["common"], pair["equal"], pair["differing"]), (1, 0, 1))
        config.write_text("[data]\nsource = 1\n")
        self.assertIn("hsl.toml:2", hsl("data", env=env, check=2).err)


    def test_days_announced_later_change_the_calendar(self):
        # 2020-01-03 is a session; a file says that it was closed.
        prices = self.write("005930.csv", "2020-01-02,100,110,90,105,10\n2020-01-03,100,110,90,105,10\n")
        days = self.write("days.csv", "date,what,name\n2020-01-03,closed,a day that never was\n")

        def accepted(*words, **more):
            return document("--store", self.own, "import", "--dry-run", prices, *words, **more)["files"][0]["accepted"]

        self.assertEqual(accepted(), 2)
        self.assertEqual(accepted("--calendar", days), 1)
        config = self.write("hsl.toml", f'calendar = "{days}"\n')
        self.assertEqual(accepted(env={"HSL_CONFIG": str(config)}), 1)
        notes = document("doctor", "--calendar", days)["calendar_notes"]
        self.assertEqual(notes, [f"Calendar: 1 day changed by {days}."])
        days.write_text("2020-01-03,shut\n")
        self.assertIn("days.csv:1", hsl("doctor", "--calendar", days, check=1).err)
        self.assertIn("none.csv", hsl("doctor", "--calendar", self.here / "none.csv", check=2).err)

    def test_a_calendar_that_ends_soon_is_said(self):
        soon = {"HSL_TODAY": "2027-11-20"}
        self.assertIn("ends on 2027-12-31, in 41 days", hsl("doctor", env=soon, check=0).err)
        self.assertIn("in 41 days", document("doctor", env=soon)["calendar_notes"][0])
        self.assertEqual(document("doctor", env={"HSL_TODAY": "2027-11-01"})["calendar_notes"], [])
        self.assertTrue(any("in 41 days" in note for note in self.sweep(env=soon)["notes"]))


class Robust(WithStore):
    def test_a_limit_on_the_size_of_files_is_an_error_like_a_full_disk(self):
        store = self.path / "limited"
        done = subprocess.run(["bash", "-c", 'ulimit -f 10; exec "$@"', "-", PROGRAM, "--store", store, "import", SAMPLE],
                              capture_output=True)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"File too large", done.stderr)

    def test_ctrl_c_ends_the_wait_for_a_pipe(self):
        fifo = self.path / "000010.csv"
        os.mkfifo(fifo)
        for words in (["import", str(fifo)], ["indicators", "--input", "-", "close"]):
            process = subprocess.Popen([PROGRAM, "--store", self.path / "waiting", *words], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(0.15)
            process.send_signal(signal.SIGINT)
            try:
                self.assertIn(process.wait(5), (130, -signal.SIGINT), words)
            finally:
                process.kill()
                process.communicate()

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_a_store_that_may_only_be_read_is_still_of_use(self):
        with tempfile.TemporaryDirectory() as folder:
            where = pathlib.Path(folder)
            os.chmod(where, 0o755)
            store, small = where / "store", where / "small.toml"
            small.write_text(SMALL)
            hsl("--store", store, "import", SAMPLE, check=0)
            run = lambda *words: as_nobody("--store", store, *words)
            if not nobody_reaches_the_program():
                self.skipTest(f"NOT TESTED: another user cannot reach {PROGRAM}")
            done = run("sweep", small, "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(json.loads(done.stdout)["trials"], 5)
            self.assertIn("not in `hsl runs`", done.stderr)
            for words, status in ((["data"], 0), (["runs"], 0), (["import", SAMPLE], 1),
                                  (["indicators", "005930", "close", "--last", "1"], 0)):
                done = run(*words)
                self.assertEqual(done.returncode, status, (words, done.stderr))
            os.chmod(store, 0)
            done = run("data")
            self.assertEqual(done.returncode, 1)
            self.assertIn("Permission denied", done.stderr)
            os.chmod(store, 0o755)

    def test_runs_written_at_once_are_all_kept(self):
        words = [PROGRAM, "--store", self.store, "sweep", self.small, "--from"]
        sweeps = [subprocess.Popen([*words, f"2016-0{month}-04"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                  for month in range(1, 7)]
        self.assertEqual([(sweep.communicate(timeout=60)[1], sweep.returncode) for sweep in sweeps], [(b"", 0)] * 6)
        self.assertEqual(len(document("--store", self.store, "runs")["runs"]), 6)

    def test_a_damaged_store_is_never_read_as_a_whole_one(self):
        for name, damage in (("gone", lambda path: path.unlink()), ("empty", lambda path: path.write_bytes(b"")),
                             ("half", lambda path: path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])),
                             ("flipped", lambda path: path.write_bytes(bytes(
                                 b ^ 0xFF if 5000 <= i < 5040 else b for i, b in enumerate(path.read_bytes())))),
                             ("zeros", lambda path: path.write_bytes(b"\0" * path.stat().st_size))):
            store = self.path / f"damaged-{name}"
            hsl("--store", store, "import", SAMPLE, check=0)
            bars = next((store / "bars").glob("*.parquet"))
            damage(bars)
            for words in (["sweep", self.small], ["import", SAMPLE / "005930.csv"], ["indicators", "000660", "close"]):
                error = document("--store", store, *words, check=1)["error"]
                self.assertEqual(error["code"], "corrupt", (name, words))
                self.assertIn(bars.name, error["message"], (name, words))
                self.assertIn("restore", error["message"], (name, words))
        store = self.path / "damaged-catalogue"
        hsl("--store", store, "import", SAMPLE, check=0)
        run = document("--store", store, "sweep", self.small)["run_id"]
        catalogue = sqlite3.connect(store / "catalogue.sqlite")
        catalogue.execute("UPDATE runs SET document = substr(document, 1, 999)")
        catalogue.commit()
        catalogue.close()
        self.assertEqual(document("--store", store, "runs", "show", run, check=1)["error"]["code"], "corrupt")
        (store / "catalogue.sqlite").write_bytes(os.urandom(20000))
        for words in (["data"], ["runs"], ["sweep", self.small], ["import", SAMPLE]):
            error = document("--store", store, *words, check=1)["error"]
            self.assertEqual(error["code"], "corrupt", words)
            self.assertIn("catalogue.sqlite", error["message"], words)

    def test_ctrl_c_leaves_the_store_whole(self):
        big = self.path / "big"
        big.mkdir()
        rows = "".join(f"{2015 + y}-{m:02}-{d:02},100,110,90,105,10\n"
                       for y in range(8) for m in range(1, 13) for d in range(1, 29))
        for i in range(300):
            (big / f"{100000 + i * 10}.csv").write_text(rows)
        before = document("--store", self.store, "data")["version"]
        for delay in (0.01, 0.05, 0.1, 0.2):
            process = subprocess.Popen([PROGRAM, "--store", str(self.store), "import", str(big)],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            status = process.wait(60)
            self.assertIn(status, (0, 130, -signal.SIGINT))
            held = document("--store", self.store, "data")
            if status != 0:
                self.assertEqual(held["version"], before)
            else:
                self.assertNotEqual(held["version"], before)
                break

    def test_a_second_writer_is_told_who_writes(self):
        # One import is stopped in the middle while it holds the lock.
        fifo = self.path / "005930.csv"
        os.mkfifo(fifo)
        other = self.path / "lock_store"
        process = subprocess.Popen([PROGRAM, "--store", str(other), "import", str(fifo)],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            lock = other / "lock"
            for _ in range(500):
                if lock.exists() and lock.read_text().strip() == str(process.pid):
                    break
                time.sleep(0.01)
            done = hsl("--store", other, "import", SAMPLE / "000660.csv", check=1)
            self.assertIn(f"process {process.pid}", done.err)
            error = document("--store", other, "import", SAMPLE / "000660.csv", check=1)["error"]
            self.assertEqual(error["code"], "busy")
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"] if os.environ.get("CI") is None else sys.argv)
