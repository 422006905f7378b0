# SPDX-License-Identifier: Apache-2.0
"""`hsl data` and `hsl runs`: versions, verify, compact, export, repeat, and what may go wrong on a disk.

Needs HSL_PROGRAM and HSL_SOURCE_DIR; everything else is made in a temporary folder."""
import csv
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.environ["HSL_SOURCE_DIR"], "tests", "command_line"))
from command_line_test import PROGRAM, SAMPLE, SMALL, document, hsl  # noqa: E402
from program import as_nobody, nobody_reaches_the_program  # noqa: E402

HEAD = "Date,Open,High,Low,Close,Volume\n"


class WithFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.here = pathlib.Path(folder.name)
        self.store = self.here / "store"
        self.small = self.write("small.toml", SMALL)

    def write(self, name, text):
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def data(self, *words, **more):
        return document("--store", self.store, "data", *words, **more)

    def grow(self, versions):
        """Versions of a symbol, a day each."""
        for k in range(versions):
            document("--store", self.store, "import",
                     self.write(f"v{k}/005930.csv", HEAD + f"2020-01-0{k + 2},100,110,90,105,10\n"))
        return [each["version"] for each in self.data("log")["versions"]]

    def litter(self, *folders):
        """Files under the store, and folders beside it, that no finished command leaves."""
        return [str(path) for folder in (self.store, *folders) for path in folder.rglob("*")
                if path.name.endswith((".new", ".part", ".tmp"))]


class Versions(WithFolder):
    def test_a_number_a_name_or_its_beginning_names_a_version_everywhere(self):
        # 3 January 2020 was a session, 4 and 5 were not: two versions and a quarantined row.
        names = self.grow(2)
        for at in ("1", names[0], names[0][:4]):
            self.assertEqual(len(self.data("show", "005930", "--at", at)["bars"]), 1, at)
            diff = self.data("diff", at, "2")
            self.assertEqual((diff["from"], diff["to"], diff["added"]), (*names, 1))
            self.assertEqual(self.data("checkout", at)["version"], names[0])
            self.assertEqual(len(self.data("show", "005930")["bars"]), 1)
            self.data("checkout", "newest")
            out = self.here / "out.csv"
            self.assertEqual(self.data("export", out, "--at", at)["rows"], 1)
        for at in ("3", "0", names[0][:3], "zzzz", "1.0"):
            error = self.data("diff", at, "2", check=2)["error"]
            self.assertIn("hsl data log", error["message"], at)
        self.assertEqual(self.data("diff", "1", "2", "3", check=2)["error"]["code"], "bad_usage")

    def test_a_word_that_means_two_versions_is_answered_with_both(self):
        names = self.grow(2)
        catalogue = sqlite3.connect(self.store / "catalogue.sqlite")
        catalogue.execute("UPDATE versions SET number = ? WHERE number = 1", (int(names[1][:4], 16) % 9000 + 1000,))
        number = catalogue.execute("SELECT max(number) FROM versions").fetchone()[0]
        catalogue.execute("UPDATE versions SET version = ? WHERE number = 2", (f"{number}000000000000",))
        catalogue.commit()
        catalogue.close()
        (self.store / "newest").unlink()
        error = self.data("checkout", str(number), check=2)["error"]
        self.assertEqual(error["code"], "bad_usage")
        self.assertIn(names[0], error["message"])
        self.assertIn(f"{number}000000000000", error["message"])

    def test_nothing_is_written_while_an_older_version_is_read(self):
        self.grow(2)
        self.data("checkout", "1")
        done = hsl("--store", self.store, "import", self.here / "v1", check=2)
        self.assertIn("hsl data checkout newest", done.err)
        self.assertIn("hsl data checkout newest", hsl("--store", self.store, "data", "compact", check=2).err)

    def test_doctor_shows_format_and_versions(self):
        self.grow(2)
        self.assertEqual(document("--store", self.store, "doctor")["store_state"], "format 3, 1 series, 2 versions")
        with open(self.store / "catalogue.sqlite", "r+b") as file:
            file.seek(63)  # SQLite's user_version
            file.write(b"\x63")
        state = document("--store", self.store, "doctor")["store_state"]
        self.assertIn("has format 99, this hsl knows formats up to 3", state)
        for words in (["data"], ["import", SAMPLE], ["runs"], ["data", "verify"]):
            error = document("--store", self.store, *words, check=2)["error"]
            self.assertEqual(error["code"], "unsupported")
            self.assertIn("newer hsl", error["message"])


class Verify(WithFolder):
    def test_it_names_file_symbols_and_what_to_do(self):
        self.grow(2)
        clean = self.data("verify")
        self.assertEqual((clean["versions"], clean["runs"], clean["damage"]), (2, 0, []))
        self.assertIn("as they were written", hsl("--store", self.store, "data", "verify", check=0).out)
        old = sorted((self.store / "bars").iterdir())[0]
        kept = old.read_bytes()
        old.write_bytes(kept[:-1])
        shown = " ".join(hsl("--store", self.store, "data", "verify", check=1).out.split())
        for part in (str(old), "bytes where", "005930", "only version 1", "hsl data compact --forget"):
            self.assertIn(part, shown)
        old.write_bytes(kept)
        self.assertEqual(self.data("verify")["damage"], [])

    def test_it_hashes_what_older_versions_hold(self):
        names = self.grow(2)
        catalogue = sqlite3.connect(self.store / "catalogue.sqlite")
        catalogue.execute("INSERT INTO labels SELECT stack, symbol, 2, market, scale, basis, definition, origin FROM labels")
        catalogue.execute("UPDATE labels SET market = 'KONEX' WHERE first_version = 1")
        catalogue.commit()
        catalogue.close()
        (damage,) = self.data("verify", check=1)["damage"]
        self.assertIn(f"version 1 ({names[0]})", damage["what"])
        self.assertEqual(damage["symbols"], ["005930"])
        self.assertIn("backup", damage["remedy"])

    def test_it_reads_the_records_of_runs(self):
        hsl("--store", self.store, "import", SAMPLE, check=0)
        run = document("--store", self.store, "sweep", self.small)["run_id"]
        self.assertEqual(self.data("verify")["runs"], 1)
        catalogue = sqlite3.connect(self.store / "catalogue.sqlite")
        catalogue.execute("UPDATE runs SET document = replace(document, '\"trials\":5', '\"trials\":6')")
        catalogue.commit()
        catalogue.close()
        (damage,) = self.data("verify", check=1)["damage"]
        self.assertIn(run, damage["what"])
        self.assertIn("hsl --store", damage["remedy"])
        self.assertEqual(document("--store", self.store, "runs", "show", run, check=1)["error"]["code"], "corrupt")


class Runs(WithFolder):
    def test_a_run_is_repeated_on_the_data_it_saw(self):
        hsl("--store", self.store, "import", SAMPLE, check=0)
        first = document("--store", self.store, "sweep", self.small, "--from", "2018-01-02", "--participation", "off")
        newer = self.write("more/005930.csv", HEAD + "2026-11-02,100000,100000,100000,100000,10\n")
        hsl("--store", self.store, "import", newer, check=0)
        self.small.write_text(SMALL.replace("14", "15"))  # the record holds the text
        self.assertNotEqual(document("--store", self.store, "sweep", self.small)["run_id"], first["run_id"])
        again = document("--store", self.store, "runs", "repeat", first["run_id"][:6])
        self.assertTrue(again["identical"])
        self.assertTrue(again["same_code"])
        self.assertIsNone(again["difference"])
        self.assertEqual(again["data_version"], first["data_version"])
        for document_ in (first, again["result"]):
            document_.pop("elapsed_ms")
        self.assertEqual(again["result"], first)
        self.assertIn("Identical to the last bit",
                      hsl("--store", self.store, "runs", "repeat", first["run_id"], check=0).out)
        self.assertEqual(len(document("--store", self.store, "runs", "list")["runs"]), 2)
        hsl("--store", self.store, "data", "compact", "--forget", check=0)
        done = hsl("--store", self.store, "runs", "repeat", first["run_id"], check=2)
        self.assertIn("cannot be repeated", done.err)
        report = self.data("verify")
        self.assertEqual(report["damage"], [])
        self.assertIn("1 run cannot be repeated", report["notes"][0])

    def test_which_run_is_asked_for(self):
        self.assertIn("say which run", hsl("runs", "repeat", check=2).err)
        self.grow(1)
        self.assertIn("no run", hsl("--store", self.store, "runs", "repeat", "abc", check=2).err)
        self.assertEqual(document("--store", self.store, "runs", "list"), {"runs": []})


class Export(WithFolder):
    def test_adjusted_prices_are_those_of_a_day(self):
        document("--store", self.store, "import",
                 self.write("005930.csv", HEAD + "2018-04-27,2600000,2650000,2590000,2650000,100\n"
                            "2018-05-04,53000,53900,51800,51900,5000\n"), "--raw")
        actions = self.write("actions.csv", "code,kind,ex_date,shares_after,shares_before,announced\n"
                             "005930,split,2018-05-04,50,1,2018-01-31\n")
        hsl("--store", self.store, "actions", "import", actions, check=0)
        for row in document("--store", self.store, "actions", "list").get("actions", []):
            if row.get("state") == "proposed":
                hsl("--store", self.store, "actions", "confirm", row["id"], check=0)
        out = self.here / "out.csv"

        def closes(*words):
            self.data("export", out, *words)
            with open(out, newline="") as file:
                return [int(row["close"]) for row in csv.DictReader(file)]

        self.assertEqual(closes(), [2650000, 51900])
        self.assertEqual(closes("--adjusted"), [53000, 51900])
        self.assertEqual(closes("--adjusted", "--as-of", "2018-05-03"), [2650000])
        for name in ("out.parquet", "out.arrow"):
            self.assertEqual(self.data("export", self.here / name, "--adjusted")["rows"], 2)
        self.assertIn("give both", hsl("--store", self.store, "data", "export", out, "--as-of", "2018-05-03", check=2).err)

    def test_minutes_leave_as_minutes(self):
        document("--store", self.store, "import", self.write(
            "005930.csv", "date,time,open,high,low,close,volume\n2024-03-04,0901,100,110,90,105,10\n"
            "2024-03-04,0902,105,110,90,106,10\n"))
        out = self.here / "minutes.csv"
        self.assertEqual(self.data("export", out, "--minutes")["rows"], 2)
        with open(out, newline="") as file:
            self.assertEqual([row["minute"] for row in csv.DictReader(file)], ["541", "542"])

    def test_a_place_that_cannot_be_written_is_named(self):
        self.grow(1)
        for path in (self.here / "no" / "x.csv", self.here, pathlib.Path("/proc/x.csv")):
            error = self.data("export", path, "--format", "csv", check=1)["error"]
            self.assertEqual(error["code"], "io")
            self.assertIn(str(path), error["message"])
        self.assertEqual(self.litter(self.here), [])
        done = hsl("--store", self.here / "none", "data", "export", self.here / "x.csv", check=2)
        self.assertIn("hsl import", done.err)
        done = hsl("--store", self.store, "data", "export", self.here / "x.csv", "--symbols", "005931", check=2)
        self.assertIn("no symbol 005931", done.err)

    def test_a_damaged_store_is_not_exported(self):
        self.grow(2)
        bars = sorted((self.store / "bars").iterdir())[-1]
        bars.write_bytes(bars.read_bytes()[:-9])
        out = self.write("x.csv", "old\n")
        error = self.data("export", out, check=1)["error"]
        self.assertEqual(error["code"], "corrupt")
        self.assertIn(bars.name, error["message"])
        self.assertEqual(out.read_text(), "old\n")
        self.assertIn(bars.name, self.data("diff", "1", "2", check=1)["error"]["message"])


class Disk(WithFolder):
    """A store worth interrupting: some 300,000 bars in two files."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.made = pathlib.Path(cls.folder.name)
        prices = cls.made / "prices"
        prices.mkdir()
        days = [f"{2010 + y}-{m:02}-{d:02}" for y in range(9) for m in range(1, 13) for d in range(1, 29)]
        rows = "".join(f"{day},100,110,90,105,10\n" for day in days)
        for i in range(150):
            (prices / f"{100000 + i * 10}.csv").write_text(HEAD + rows)
        hsl("--store", cls.made / "store", "import", prices, check=0)
        (cls.made / "100000.csv").write_text(HEAD + "2019-01-02,100,110,90,105,10\n")
        hsl("--store", cls.made / "store", "import", cls.made / "100000.csv", check=0)
        cls.prices = prices

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        super().setUp()
        shutil.copytree(self.made / "store", self.store)

    def state(self):
        return hsl("--store", self.store, "data", "log", "--json", check=0).out

    def whole(self):
        self.assertEqual(self.data("verify")["damage"], [])

    def test_a_full_disk_leaves_the_store_and_the_file_as_they_were(self):
        before, out = self.state(), self.write("out.csv", "old\n")
        (self.store / "lock").touch()
        for words in (["import", self.prices, "--replace", "--source", "b"], ["data", "compact"], ["data", "export", out],
                      ["data", "export", self.here / "out.parquet"], ["data", "export", self.here / "out.arrow"]):
            done = subprocess.run(["bash", "-c", 'ulimit -f 100; exec "$@"', "-", PROGRAM, "--store", self.store, *words],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 1, (words, done.stderr))
            self.assertIn("File too large", done.stderr)
            self.assertEqual(self.state(), before, words)
            self.assertEqual(self.litter(self.here), [], words)
        self.assertEqual(out.read_text(), "old\n")
        self.whole()

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_somebody_who_may_only_read_is_told_so(self):
        os.chmod(self.here, 0o755)
        for path in [self.store, *self.store.rglob("*")]:
            os.chmod(path, 0o755 if path.is_dir() else 0o644)
        if not nobody_reaches_the_program():
            self.skipTest(f"NOT TESTED: another user cannot reach {PROGRAM}")
        run = lambda *words: as_nobody("--store", self.store, *words)
        for words in (["compact"], ["checkout", "1"], ["export", self.here / "x.csv"]):
            done = run("data", *words)
            self.assertEqual(done.returncode, 1, (words, done.stderr))
            self.assertIn("Permission denied", done.stderr)
        for words in (["log"], ["diff", "1", "2"], ["verify"]):
            self.assertEqual(run("data", *words).returncode, 0, words)
        os.chmod(self.store / "bars", 0)
        done = run("data", "verify")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Permission denied", done.stdout)
        os.chmod(self.store / "bars", 0o755)
        os.chmod(self.store / "catalogue.sqlite", 0)
        self.assertIn("Permission denied", run("data", "verify").stderr)

    def test_a_second_writer_is_told_who_writes(self):
        fifo = self.here / "005930.csv"
        os.mkfifo(fifo)
        process = subprocess.Popen([PROGRAM, "--store", self.store, "import", fifo],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            lock = self.store / "lock"
            for _ in range(500):
                if lock.exists() and lock.read_text().strip() == str(process.pid):
                    break
                time.sleep(0.01)
            for words in (["compact"], ["checkout", "1"]):
                error = self.data(*words, check=1)["error"]
                self.assertEqual(error["code"], "busy")
                self.assertIn(f"process {process.pid}", error["message"])
            self.whole()  # readers do not mind
        finally:
            process.kill()
            process.wait()

    def test_ctrl_c_ends_each_command_with_the_old_or_the_new(self):
        out = self.here / "out"
        for words, files in ((["import", self.prices, "--source", "b"], 0), (["data", "compact"], 0),
                             (["data", "export", out / "all.csv"], 1), (["data", "export", out / "all.parquet"], 1),
                             (["data", "export", out / "many", "--format", "csv", "--file-a-symbol"], 150),
                             (["data", "verify"], 0)):
            interrupted = 0
            for delay in (0.03, 0.06, 0.1, 0.16):
                shutil.rmtree(self.store)
                shutil.copytree(self.made / "store", self.store)
                shutil.rmtree(out, ignore_errors=True)
                out.mkdir()
                before = self.state()
                process = subprocess.Popen([PROGRAM, "--store", self.store, *words],
                                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                time.sleep(delay)
                process.send_signal(signal.SIGINT)
                said = process.communicate(timeout=60)[1]
                # Before the program listens, the signal ends it there and then.
                self.assertIn(process.returncode, (0, 130, -signal.SIGINT), (words, said))
                written = [path for path in out.rglob("*") if path.is_file()]
                if process.returncode == 130:
                    interrupted += 1
                    self.assertIn("stopped", said)
                    self.assertEqual(self.state(), before, words)
                    self.assertLess(len(written), max(files, 1), words)
                self.assertEqual(self.litter(out), [], (words, delay))
                self.whole()
                if process.returncode == 0:
                    self.assertEqual(len(written), files)
                    break
            if interrupted == 0:
                print(f"{words}: never interrupted in the middle", file=sys.stderr)

    def test_odd_places_are_places(self):
        odd = self.here / "내 저장소 #1 50% 'a'?"
        self.store.rename(odd)
        link = self.here / "연결"
        link.symlink_to(odd)
        names = []
        for place in (odd, link):
            names.append(document("--store", place, "data")["version"])
            self.assertEqual(document("--store", place, "data", "verify")["damage"], [])
            document("--store", place, "import", self.write("100010.csv", HEAD + "2019-01-03,100,110,90,105,10\n"))
            document("--store", place, "data", "compact")
            document("--store", place, "data", "export", place / "가격 1.csv", "--symbols", "100010")
            names.append(document("--store", place, "data")["version"])
        self.assertEqual(names[1], names[2])
        self.assertTrue((odd / "가격 1.csv").exists() and link.is_symlink())

    def test_readers_go_on_while_one_compacts(self):
        wanted = self.data("show", "100000", "--show", 1)["bars"][-1]
        writer = [sys.executable, "-c", "import subprocess, sys\n"
                  "for day in (2, 3, 4, 7, 8, 9):\n"
                  "    open(sys.argv[3], 'w').write('Date,Open,High,Low,Close,Volume\\n2019-01-0%d,9,9,9,9,9\\n' % day)\n"
                  "    subprocess.run([sys.argv[1], '--store', sys.argv[2], 'import', sys.argv[3], '--source', 'b'], check=True, stdout=subprocess.DEVNULL)\n"
                  "    subprocess.run([sys.argv[1], '--store', sys.argv[2], 'data', 'compact', '--forget'], check=True, stdout=subprocess.DEVNULL)\n",
                  PROGRAM, self.store, self.here / "100020.csv"]
        process = subprocess.Popen(writer)
        reads = 0
        while process.poll() is None:
            self.assertEqual(self.data("show", "100000", "--show", 1)["bars"][-1], wanted)
            reads += 1
        self.assertEqual(process.returncode, 0)
        self.assertGreater(reads, 3)
        self.whole()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"] if os.environ.get("CI") is None else sys.argv)
