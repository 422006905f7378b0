# SPDX-License-Identifier: Apache-2.0
"""What a store keeps beside bars, as somebody types it: listings, corporate actions, quarantine,
several sources of one symbol.

Needs HSL_PROGRAM and HSL_SOURCE_DIR; everything else is made in a temporary folder."""
import csv
import io
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))
from program import document, hsl, width

HEAD = "date,open,high,low,close,volume\n"
# Sessions of January 2024.
DAYS = [f"2024-01-{day:02}" for day in (2, 3, 4, 5, 8, 9, 10, 11, 12, 15, 16, 17, 18, 19, 22, 23, 24, 25, 26, 29)]


def rows(closes, days=DAYS):
    return HEAD + "".join(f"{day},{c},{c},{c},{c},1000\n" for day, c in zip(days, closes))


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.here = pathlib.Path(self.folder.name)
        self.store = self.here / "store"

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def say(self, *words, check=0, **more):
        return hsl("--store", self.store, *words, check=check, **more)

    def told(self, *words, check=0, **more):
        return document("--store", self.store, *words, check=check, **more)

    def refused(self, *words, says, check=2):
        """An error is the same words on stderr and in the document, and nothing else comes out."""
        done = self.say(*words, check=check)
        self.assertEqual(done.out, "", words)
        error = self.told(*words, check=check)["error"]
        for part in [says] if isinstance(says, str) else says:
            self.assertIn(part, done.err, words)
            self.assertIn(part, error["message"], words)
        return error

    def versions(self):
        return len(self.told("data", "log")["versions"])


LISTING = """종목코드,종목명,시장구분,업종,상장주식수,시작일,종료일
005930,삼성전자,KOSPI,전기전자,5969782550,2015-01-02,
000660,현대전자산업,KOSPI,전기전자,500000000,2015-01-02,2015-12-30
000660,SK하이닉스,KOSPI,전기전자,728002365,2016-01-04,
005935,삼성전자우,KOSPI,전기전자,822886700,2015-01-02,
105560,KB금융,KOSPI,은행,403511072,2015-01-02,
247540,에코프로비엠,KOSDAQ,화학,97801344,2019-03-05,
900140,엘브이엠씨홀딩스,KOSPI,유통,174000000,2015-01-02,2023-06-30
"""


class Listings(Case):
    def bring(self, encoding="utf-8"):
        return self.told("import", "--listing", self.write("list.csv", LISTING.encode(encoding)))

    def codes(self, *words):
        return [one["symbol"] for one in self.told("listing", *words)["listings"]]

    def test_a_table_of_names_makes_one_version(self):
        report = self.bring("cp949")
        self.assertEqual((report["files"][0]["accepted"], report["facts_changed"]), (7, 7))
        self.assertEqual(self.told("import", "--listing", self.here / "list.csv")["changed"], False)
        self.assertEqual(self.versions(), 1)

    def test_codes_are_found_by_code_name_part_and_initials(self):
        self.bring()
        for text, found in (("005930", ["005930"]), ("삼성전자", ["005930", "005935"]), ("하이닉", ["000660"]),
                            ("ㅅㅅㅈㅈ", ["005930", "005935"]), ("삼성ㅈㅈㅇ", ["005935"]), ("sk하이", ["000660"]),
                            ("현대전자", ["000660"]), ("kb", ["105560"]), ("ㅋㅋㅋ", [])):
            self.assertEqual(self.codes("search", text), found, text)
        self.assertEqual(self.say("listing", "search", "ㅋㅋㅋ").out, "Nothing is called so.\n")
        self.assertEqual(self.codes("search", "전자", "--show", 1), ["000660"])
        self.refused("listing", "search", says="hsl listing search 삼성")

    def test_a_code_shows_its_names_over_time(self):
        self.bring()
        shown = self.told("listing", "show", "000660")["listings"]
        self.assertEqual([(one["name"], one["from"], one["to"]) for one in shown],
                         [("현대전자산업", "2015-01-02", "2015-12-30"), ("SK하이닉스", "2016-01-04", None)])
        text = self.say("listing", "show", "A000660").out
        for part in ("현대전자산업", "SK하이닉스", "728,002,365", "KOSPI, common"):
            self.assertIn(part, text)
        self.refused("listing", "show", "123450", says=["no listing of 123450", "hsl listing search"])
        self.refused("listing", "show", says="hsl listing show 005930")
        self.refused("listing", "show", "005930", "000660", says="say which code")

    def test_lists_are_of_a_market_a_class_and_a_day(self):
        self.bring()
        self.assertEqual(self.codes("list", "--market", "KOSDAQ"), ["247540"])
        self.assertEqual(self.codes("list", "--class", "preferred"), ["005935"])
        self.assertEqual(self.codes("list", "--class", "foreign", "--as-of", "2020-01-02"), ["900140"])
        self.assertEqual(self.codes("list", "--class", "foreign", "--as-of", "2024-01-02"), [])
        self.assertEqual(self.codes("list", "--market", "코스닥", "--as-of", "2019-03-04"), [])
        text = self.say("listing", "list", "--show", 2).out
        self.assertIn("6 codes\n", text)
        self.assertIn("... and 4 more (--show 0 shows all)", text)
        for line in text.splitlines():
            self.assertLessEqual(width(line), 100)
        for words, says in ((["--market", "NYSE"], "no market of Korean shares"), (["--class", "gold"], "--class"),
                            (["--as-of", "yesterday"], "no date like 2020-01-31")):
            self.refused("listing", "list", *words, says=says)

    def test_a_store_without_the_table_says_how_to_get_one(self):
        self.say("import", self.write("005930.csv", rows([100] * 5)))
        for words in (["search", "x"], ["show", "005930"], ["list"], []):
            self.refused("listing", *words, says="hsl import --listing FILE")

    def test_a_price_file_with_names_says_how_they_come_in(self):
        whole = "Code,Name,Market,Close,Open,High,Low,Volume,Date\n" + "".join(
            f"{code},{name},KOSPI,100,100,100,100,5,2024-01-02\n"
            for code, name in (("005930", "삼성전자"), ("000660", "SK하이닉스")))
        path = self.write("market.csv", whole)
        text = " ".join(self.say("import", path).out.split())
        self.assertIn(f"hsl import --listing {path} makes the table of listings", text)
        self.refused("listing", "list", says="no listing table")  # prices alone change no universe
        self.told("import", "--listing", path)
        self.assertEqual(self.codes("list"), ["000660", "005930"])
        self.assertNotIn("--listing", self.say("import", path).out)

    def test_sectors_are_asked_for_by_what_is_missing(self):
        self.say("import", self.write("005930.csv", rows(range(100, 120))))
        sweep = self.write("s.toml", '[a]\nabout = "x"\nentry = "sector_rank(close) > 0"\nexit = "close < 1"\n')
        whole = self.write("w.toml", '[a]\nabout = "x"\nentry = "close > 0"\nexit = "close < 1"\n')
        bank = ["--universe", 'sector("은행")']
        for words in (["sweep", sweep], ["sweep", whole, *bank]):
            self.refused(*words, "--from", DAYS[0], says=["no listing table", "hsl import --listing FILE"])
        self.told("import", "--listing", self.write("names.csv", "code,name\n005930,삼성전자\n"))
        for words in (["sweep", sweep], ["sweep", whole, *bank]):
            self.refused(*words, "--from", DAYS[0],
                         says=["names 1 code, and the sector of none", "hsl import --listing FILE"])
        # A table of codes and sectors beside the table of names is enough.
        self.told("import", "--listing", self.write("sectors.csv", "종목코드,업종\n005930,전기전자\n"))
        self.refused("sweep", whole, *bank, "--from", DAYS[0], says="1 sector is known: 전기전자")
        self.refused("sweep", whole, "--universe", 'sector("전기")', "--from", DAYS[0], says="did you mean 전기전자?")
        for words in (["sweep", sweep], ["sweep", whole, "--universe", 'sector("전기전자")']):
            self.assertEqual(self.told(*words, "--from", DAYS[0])["symbols"], 1, words)


ACTIONS = """code,kind,ex_date,shares_after,shares_before,amount,note
005930,split,2018-05-04,50,1,,
000660,cash_dividend,2023-12-27,,,300,
000660,무상증자,2024-01-08,6,5,,
"""


class Actions(Case):
    SPLIT = [50_000, 51_000, 10_100, 10_300, 10_200]  # 5:1 on 2024-01-04

    def raw(self, name="005930.csv", closes=SPLIT):
        return self.told("import", self.write(name, rows(closes)), "--raw", "--market", "KOSPI")

    def listed(self, *words):
        return self.told("actions", "list", *words)["actions"]

    def test_a_table_comes_in_once(self):
        path = self.write("actions.csv", ACTIONS)
        report = self.told("actions", "import", path)
        self.assertEqual((report["files"][0]["accepted"], report["facts_changed"]), (3, 3))
        self.assertEqual(self.told("actions", "import", path)["changed"], False)
        self.assertEqual([(a["symbol"], a["kind"], a["ex_date"], a["state"]) for a in self.listed()],
                         [("000660", "cash_dividend", "2023-12-27", "confirmed"),
                          ("000660", "bonus_issue", "2024-01-08", "confirmed"),
                          ("005930", "split", "2018-05-04", "confirmed")])
        self.assertEqual(self.listed("--symbols", "A000660")[0]["amount"], 300)
        self.assertEqual(self.listed("--state", "proposed"), [])
        text = self.say("actions").out
        for part in ("50:1", "6:5", "300 won", "무상증자"):
            self.assertIn(part, text)
        self.assertIn("... and 2 more (--show 0 shows all)", self.say("actions", "list", "--show", 1).out)
        self.refused("actions", "list", "--state", "maybe", says="none of confirmed, proposed, rejected")
        self.refused("actions", "import", says="which price files")
        self.refused("actions", "import", self.here / "none.csv", says="no such file or folder")

    def test_proposals_change_nothing_until_they_are_confirmed(self):
        self.raw()
        dry = self.told("actions", "propose", "--dry-run")["actions"]
        self.assertEqual([(a["kind"], a["ex_date"], a["shares_after"]) for a in dry], [("split", DAYS[2], 5)])
        self.assertIn("A dry run: none was kept.", self.say("actions", "propose", "--dry-run").out)
        self.assertEqual(self.listed(), [])
        text = self.say("actions", "propose").out
        self.assertIn(f"hsl actions confirm {dry[0]['id']}", text)
        self.assertIn("close 51000", text)

        def adjusted():
            return [bar["close"] for bar in self.told("data", "show", "005930", "--adjusted")["bars"]]
        self.assertEqual(adjusted(), self.SPLIT)
        versions = self.versions()
        (settled,) = self.told("actions", "confirm", dry[0]["id"][:5])["actions"]
        self.assertEqual((settled["id"], settled["state"]), (dry[0]["id"], "confirmed"))
        self.assertEqual(adjusted(), [10_000, 10_200, 10_100, 10_300, 10_200])
        self.assertEqual(self.versions(), versions + 1)
        self.say("actions", "confirm", dry[0]["id"])
        self.assertEqual(self.versions(), versions + 1, "said twice, changed once")
        self.assertEqual(self.told("actions", "propose")["actions"], [], "recorded actions are not proposed")
        self.assertIn("0 proposals", self.say("actions", "propose").out)
        self.say("actions", "reject", dry[0]["id"])
        self.assertEqual(adjusted(), self.SPLIT)
        self.assertEqual([a["state"] for a in self.listed("--state", "rejected")], ["rejected"])
        self.assertEqual(self.told("actions", "propose")["actions"], [])

    def test_ids_that_mean_nothing_or_too_much_change_nothing(self):
        self.raw()
        for code in range(10, 400, 10):
            self.write(f"many/{code:06}.csv", rows(self.SPLIT))
        self.told("import", self.here / "many", "--raw", "--market", "KOSPI")
        found = self.told("actions", "propose")["actions"]
        self.assertEqual(len(found), 40)
        versions = self.versions()
        beginnings = [a["id"][0] for a in found]
        twice = next(b for b in beginnings if beginnings.count(b) > 1)
        self.refused("actions", "confirm", twice, says=["several actions", "hsl actions list"])
        self.refused("actions", "reject", found[0]["id"], "zzz", says="no action is called 'zzz'")
        for word in ("confirm", "reject"):
            self.refused("actions", word, says=f"hsl actions {word} ID")
        self.assertEqual(self.versions(), versions)
        self.assertEqual({a["state"] for a in self.listed("--show", 0)}, {"proposed"})

    def test_a_store_with_nothing_to_do_says_so(self):
        self.told("import", self.write("005930.csv", rows([100, 101])), "--adjusted")
        self.assertIn("No corporate action is known", self.say("actions", "list").out)
        text = " ".join(self.say("actions", "propose").out.split())
        self.assertIn("1 symbol looked at (left out: 1 adjusted by their publisher); 0 proposals.", text)


WHOLE = {"open": "100", "high": "120", "low": "80", "close": "105", "volume": "10"}


class Quarantine(Case):
    BAD = HEAD + ("2024-01-02,100,110,90,105,10\n2024-01-03,100,90,110,105,10\n2024-01-04,100,,90,105,10\n"
                  "2024-01-05,100,110,90,105,10\n2024-01-06,100,110,90,105,10\n")

    def setUp(self):
        super().setUp()
        self.told("import", self.write("a/005930.csv", self.BAD), self.write("b/000660.csv", self.BAD))
        self.ids = {(r["symbol"], r["reason"]): r["id"] for r in self.rows()}

    def rows(self, *words):
        return self.told("quarantine", "list", *words)["quarantine"]

    def closes(self, symbol="005930"):
        return {bar["date"]: bar["close"] for bar in self.told("data", "show", symbol)["bars"]}

    def test_filters_add_up(self):
        self.assertEqual(len(self.rows()), 6)
        self.assertEqual({r["symbol"] for r in self.rows("--symbol", "A005930")}, {"005930"})
        self.assertEqual({r["symbol"] for r in self.rows("--reason", "missing_value")}, {"005930", "000660"})
        self.assertEqual({r["symbol"] for r in self.rows("--from-file", "b/")}, {"000660"})
        (one,) = self.rows("--reason", "missing_value", "--from-file", "a/", "--symbol", "005930")
        self.assertEqual((one["line"], one["source"]), (4, "2024-01-04,100,,90,105,10"))
        self.assertEqual(self.rows("--reason", "nothing"), [])
        self.assertEqual(self.say("quarantine", "list", "--reason", "nothing").out,
                         "No row is meant; in quarantine: 6 rows.\n")
        self.assertIn("2 of 6 rows", self.say("quarantine", "list", "--show", 2).out)
        table = list(csv.DictReader(io.StringIO(self.say("quarantine", "list", "--csv").out)))
        self.assertEqual(len(table), 6, "a table to be fixed has them all")

    def test_a_row_is_shown_as_it_stood(self):
        one = self.ids["005930", "high_below_low"]
        text = self.say("quarantine", "show", one).out
        for part in ("2024-01-03,100,90,110,105,10", "high 90, low 110", "a/005930.csv", "high_below_low"):
            self.assertIn(part, text)
        (shown,) = self.told("quarantine", "show", one)["quarantine"]
        self.assertEqual((shown["id"], shown["line"]), (one, 3))
        self.refused("quarantine", "show", 999, says="hsl quarantine list")
        self.refused("quarantine", "show", one, 999, says="not every one")
        self.refused("quarantine", "show", "x", says="'x' is no id")
        self.refused("quarantine", "show", says="hsl quarantine show ID")

    def test_a_row_is_accepted_once(self):
        one = self.ids["005930", "high_below_low"]
        stays = self.say("quarantine", "accept", one, check=1).out
        self.assertIn(f"row {one} stays: high_below_low", stays)
        self.assertIn("1 row accepted.", self.say("quarantine", "accept", one, "--set", "high=120,low=95").out)
        self.assertIn("2024-01-03", self.closes())
        self.refused("quarantine", "accept", one, says=f"no row {one} in quarantine")

    def test_cells_that_cannot_be_change_nothing(self):
        one, other = self.ids["005930", "high_below_low"], self.ids["005930", "missing_value"]
        version = self.told("data")["version"]
        for words, says in (([one, "--set", "price=5"], "'price=5' is no cell like close=123"),
                            ([one, "--set", "high"], "is no cell"), ([one, other, "--set", "high=5"], "--set changes one row"),
                            ([other], "has no open, high, low, close, volume: say what it is, --set open="), ([], "--file FIX.csv"),
                            ([one, "--file", "x.csv"], "--file says which rows")):
            self.refused("quarantine", "accept", *words, says=says)
        for cells, reason in (("high=abc", "unreadable_number"), ("high=-5", "price_not_positive"),
                              ("date=2024-13-01", "unreadable_date"), ("date=2024-01-06,high=120", "not_a_session")):
            report = self.told("quarantine", "accept", one, "--set", cells, check=1)
            self.assertEqual([r["reason"] for r in report["refused"]], [reason], cells)
        self.assertEqual((self.told("data")["version"], len(self.rows())), (version, 6))

    def fix(self, change, name="fix.csv"):
        table = list(csv.DictReader(io.StringIO(self.say("quarantine", "list", "--csv").out)))
        kept = [row for row in table if change(row) is not False]
        out = io.StringIO()
        writer = csv.DictWriter(out, table[0])
        writer.writeheader()
        writer.writerows(kept)
        return self.write(name, out.getvalue())

    def test_a_table_of_fixes_takes_rows_of_several_symbols_in(self):
        def mend(row):
            if row["reason"] == "not_a_session":
                return False  # stays in quarantine
            row.update(WHOLE)
            return None
        path = self.fix(mend)
        report = self.told("quarantine", "accept", "--file", path)
        self.assertEqual((report["accepted"], report["refused"], len(self.rows())), (4, [], 2))
        self.assertEqual(list(self.closes("000660")), ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"])
        # The same table again: its rows are not there any more.
        self.refused("quarantine", "accept", "--file", path, says="in quarantine; `hsl quarantine list`")

    def test_a_table_comes_on_a_pipe_and_rows_that_break_a_rule_stay(self):
        path = self.fix(lambda row: row.update(WHOLE))
        report = self.told("quarantine", "accept", "--file", "-", stdin=path.read_bytes(), check=1)
        self.assertEqual((report["accepted"], {r["reason"] for r in report["refused"]}), (4, {"not_a_session"}))

    def test_tables_that_are_none_are_named(self):
        for text, says in (("a,b\n1,2\n", "no column 'id'"), ("id,close\n", "no row below the header"),
                           ("id,close\nx,1\n", "'x' is no id"), ("id\n1\n1\n", "id 1 stands twice")):
            self.refused("quarantine", "accept", "--file", self.write("bad.csv", text), says=says, check=1)
        self.refused("quarantine", "accept", "--file", self.here / "none.csv", says="No such file")

    def test_a_row_that_was_dropped_since_the_table_was_made_is_named(self):
        path = self.fix(lambda row: row.update(WHOLE))
        gone = self.ids["000660", "missing_value"]
        self.say("quarantine", "drop", gone)
        self.refused("quarantine", "accept", "--file", path, says=f"no row {gone} in quarantine")
        self.assertEqual(len(self.rows()), 5, "all or none")

    def test_an_accepted_row_takes_the_place_of_what_the_store_holds_by_now(self):
        self.told("import", self.write("c/005930.csv", HEAD + "2024-01-05,100,110,90,107,10\n"), check=1)
        (row,) = self.rows("--reason", "differs_from_store")
        self.told("import", self.write("d/005930.csv", HEAD + "2024-01-05,100,110,90,108,10\n"), "--replace")
        self.assertEqual(self.closes()["2024-01-05"], 108)
        text = self.say("quarantine", "accept", row["id"]).out
        self.assertIn("1 row accepted, in the place of a stored one.", text)
        self.assertEqual(self.closes()["2024-01-05"], 107)

    def test_rows_are_dropped_when_that_is_meant(self):
        for words, says in (([], "--all"), (["--reason", "missing_value"], "this would drop 2 rows"),
                            (["--reason", "nothing", "--yes"], "no row in quarantine is meant"),
                            ([999], "no row 999"), (["x"], "'x' is no id")):
            self.refused("quarantine", "drop", *words, says=says)
        self.assertEqual(self.say("quarantine", "drop", self.ids["005930", "missing_value"]).out.splitlines()[0],
                         "1 row dropped.")
        self.assertEqual(self.told("quarantine", "drop", "--from-file", "b/", "--yes")["dropped"], 3)
        self.assertEqual(self.told("quarantine", "drop", "--all", "--yes")["dropped"], 2)
        self.assertEqual(self.say("quarantine").out, "Nothing is in quarantine.\n")
        self.refused("quarantine", "drop", "--all", "--yes", says="no row in quarantine is meant")


class PlantedBadRows(Case):
    def test_every_planted_row_ends_with_the_reason_that_the_generator_says(self):
        inbox = self.here / "inbox"
        hsl("generate", "--files", inbox, "--symbols", 4, "--days", 400, "--plant", "bad-rows", check=0)
        with open(inbox / "bad-rows.list", newline="") as listed:
            planted = sorted((r["file"], int(r["line"]), r["kind"]) for r in csv.DictReader(listed))
        self.assertEqual(len(planted), 15)
        report = self.told("import", inbox)
        ended = sorted((pathlib.Path(r["file"]).name, r["line"], r["reason"]) for r in report["quarantine"])
        self.assertEqual(ended, planted)
        bad = pathlib.Path(planted[0][0]).name
        for file in report["files"]:
            lines = len((inbox / pathlib.Path(file["path"]).name).read_bytes().splitlines()) - 1
            out = sum(file["quarantined"].values()) + file["dropped"] + file["accepted"]
            self.assertIsNone(file["error"])
            self.assertEqual(out, lines, file["path"])
            self.assertEqual(bool(file["quarantined"]), file["path"].endswith(bad))


class Sources(Case):
    """Tellings of one symbol, each a source: who is read, and who is the odd one out."""
    RAW = [50_000, 51_000, 49_800, 50_300, 51_200, 52_000, 51_700, 52_400, 10_500, 10_650, 10_400, 10_550, 10_700,
           10_300, 10_350, 10_800, 10_900, 10_850, 10_950, 11_000]  # 5:1 on 2024-01-12
    ADJUSTED = [c // 5 if i < 8 else c for i, c in enumerate(RAW)]

    def bring(self, source, closes, *words, days=DAYS):
        self.told("import", self.write(f"{source}/005930.csv", rows(closes, days)), "--market", "KOSPI",
                  "--source", source, *words)

    def agreement(self):
        (one,) = self.told("data", "agree")["agreements"]
        return one

    def test_raw_and_adjusted_agree_but_for_a_factor(self):
        self.bring("raw", self.RAW, "--raw")
        self.bring("adjusted", self.ADJUSTED, "--adjusted")
        one = self.agreement()
        (pair,) = one["pairs"]
        self.assertEqual((pair["common"], pair["equal"], pair["by_factor"], pair["differing"]), (20, 12, 8, 0))
        self.assertEqual(pair["factors"], [{"factor": 0.2, "from": DAYS[0], "to": DAYS[7], "sessions": 8}])
        self.assertEqual((pair["median_difference"], one["odd_one_out"]), (None, None))
        text = self.say("data", "agree").out
        self.assertIn("60%", text)
        self.assertIn("1/5 to 2024-01-11", text)

    def test_the_odd_one_is_named_beside_raw_and_adjusted(self):
        self.bring("raw", self.RAW, "--raw")
        self.bring("adjusted", self.ADJUSTED, "--adjusted")
        for name, closes, days, why in (
                ("thousandfold", [c * 1000 for c in self.ADJUSTED], DAYS, "throughout: another unit"),
                ("tenfold", [c * 10 for c in self.RAW], DAYS, "throughout: another unit"),
                ("late", self.RAW[:-1], DAYS[1:], "its closes stand a session late"),
                ("early", self.RAW[1:], DAYS[:-1], "its closes stand a session early"),
                ("drifting", [c + 100 * (i % 7 + 1) for i, c in enumerate(self.RAW)], DAYS, "differs from the 2 others")):
            with self.subTest(name):
                first = self.store
                self.store = self.here / name
                self.bring("raw", self.RAW, "--raw")
                self.bring("adjusted", self.ADJUSTED, "--adjusted")
                self.bring(name, closes, days=days)
                one = self.agreement()
                self.assertEqual(one["odd_one_out"], name)
                self.assertIn(why, one["why"])
                self.assertIn(f"the odd one out is {name}", " ".join(self.say("data", "agree").out.split()))
                self.store = first

    def test_the_first_source_of_the_list_is_what_a_sweep_reads(self):
        prices = {"": 100, "krx": 200, "naver": 300}
        for source, level in prices.items():
            words = ["--source", source] if source else []
            self.told("import", self.write(f"s{source}/005930.csv", rows(range(level, level + 20))), *words,
                      "--market", "KOSPI")
        sweep = self.write("s.toml", '[a]\nabout = "x"\nentry = "close > 0"\nexit = "close < 0"\n')
        config = self.here / "hsl.toml"

        def read(*words):
            fills = self.told(*words, "sweep", sweep, "--from", DAYS[0], "--trades")["fills"]
            closes = self.say(*words, "indicators", "005930", "close", "--csv").out.splitlines()
            exported = self.here / "out.csv"
            self.say(*words, "data", "export", exported)
            levels = {fills[0]["price"] // 100 * 100, int(float(closes[1].split(",")[1])),
                      int(next(csv.DictReader(io.StringIO(exported.read_text())))["close"])}
            self.assertEqual(len(levels), 1, "everybody reads the same series")
            return levels.pop()
        self.assertEqual(read(), 100, "the one without a name comes first")
        self.assertEqual(read("--sources", "naver"), 300)
        self.assertEqual(read("--sources", "krx,naver"), 200)
        config.write_text('[data]\nsources = ["naver", "krx"]\n')
        self.assertEqual(read("--config", config), 300)
        self.assertEqual(read("--config", config, "--sources", "krx"), 200, "the command line wins")
        config.write_text('[data]\nsources = ["none", ""]\n')
        self.assertEqual(read("--config", config), 100, "a source that has not the symbol is passed over")


if __name__ == "__main__":
    unittest.main()
