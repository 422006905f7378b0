# SPDX-License-Identifier: Apache-2.0
"""The program as a person or a script meets it: exit status, messages, JSON documents.

Needs HSL_PROGRAM and HSL_SOURCE_DIR; everything else is made in a temporary folder."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.environ["HSL_PROGRAM"]
ROOT = pathlib.Path(os.environ["HSL_SOURCE_DIR"])
SAMPLE = ROOT / "data" / "sample"
KOSPI100 = ROOT / "strategies" / "kospi100.toml"
COMMANDS = ["import", "generate", "data", "indicators", "sweep", "runs", "doctor"]

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
        for words, part in ((["--from", "2014-01-02"], "2015-01-01"), (["--from", "2015-03-02"], "2015-06-15"), (["--from", "yesterday"], "yesterday"),
                            (["--symbols", "005931"], "005930"), (["--commission", "0.015"], "0.015%"),
                            (["--from", "2018-01-02", "--to", "2017-01-02"], "2017-01-02"),
                            (["--market", "NASDAQ"], "NASDAQ"),
                            (["--slippage-bp", "1.234"], "two decimals"),
                            (["--slippage-bp", "3000.01"], "3000")):
            done = hsl("--store", self.store, "sweep", self.small, *words)
            self.assertEqual(done.returncode, 2, (words, done.err))
            self.assertIn(part, done.err, words)

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

    def test_a_session_without_a_row_is_a_flat_bar(self):
        # 2020-01-06 was a session; 4 and 5 January were a weekend, and 2014 has no calendar.
        prices = {"2014-12-24": 7, "2014-12-30": 9, "2020-01-02": 10, "2020-01-03": 14, "2020-01-07": 20}
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
        self.assertIn(done.returncode, (1, 2))
        self.assertIn("^", done.err)
        hsl("--store", self.store, "indicators", "999999", "rsi(close,14)", check=2)


class Robust(WithStore):
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
            for _ in range(100):
                done = hsl("--store", other, "import", SAMPLE / "000660.csv")
                if done.returncode == 1 and str(process.pid) in done.err:
                    return
                time.sleep(0.02)
            self.fail(f"the second writer was let in: {done.out} {done.err}")
        finally:
            process.kill()
            process.wait()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"] if os.environ.get("CI") is None else sys.argv)
