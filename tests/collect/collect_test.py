# SPDX-License-Identifier: Apache-2.0
"""hsl collect against a host of our own on this machine: recorded and made-up bodies, errors,
throttling, cut connections, changed layouts, kills. No network beyond the loopback is touched.

Needs HSL_PROGRAM and HSL_SOURCE_DIR; everything else is made in a temporary folder."""
import datetime
import http.server
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

PROGRAM = os.environ["HSL_PROGRAM"]
ROOT = pathlib.Path(os.environ["HSL_SOURCE_DIR"])
KEY = "k3y/that+nobody==sees"

# Sessions of January 2024; the 6th and 7th are a weekend.
DAYS = ["2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08"]


class Reply:
    def __init__(self, body=b"", status=200, headers=(), kind="application/json; charset=utf-8",
                 cut=None, wait=0.0):
        self.body = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        self.status, self.headers, self.kind, self.cut, self.wait = status, dict(headers), kind, cut, wait


class Asked:
    def __init__(self, handler, body):
        self.at = time.monotonic()
        self.method, self.path = handler.command, handler.path
        url = urllib.parse.urlsplit(handler.path)
        self.place = url.path
        self.query = dict(urllib.parse.parse_qsl(url.query))
        self.form = dict(urllib.parse.parse_qsl(body.decode()))
        self.headers = {name.lower(): value for name, value in handler.headers.items()}


class Host:
    """A server on a random port of the loopback; `answer` makes a Reply of what was asked."""

    def __init__(self, answer, tls=None):
        self.asked, self.answer = [], answer
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                size = int(self.headers.get("Content-Length") or 0)
                asked = Asked(self, self.rfile.read(size))
                host.asked.append(asked)
                reply = host.answer(asked)
                time.sleep(reply.wait)
                self.close_connection = True
                try:
                    self.send_response(reply.status)
                    self.send_header("Content-Type", reply.kind)
                    self.send_header("Content-Length", str(len(reply.body)))
                    for name, value in reply.headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(reply.body if reply.cut is None else reply.body[:reply.cut])
                except OSError:
                    pass  # the client went away, as some tests make it do

            do_GET = do_POST = handle_one

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https" if tls else "http"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


# ---- bodies in the shapes that the hosts document

SHARES = {"KOSPI": {"005930": ("삼성전자", 5_969_782_550), "000660": ("SK하이닉스", 728_002_365),
                    "035420": ("NAVER", 162_408_594)},
          "KOSDAQ": {"247540": ("에코프로비엠", 97_801_344), "091990": ("셀트리온헬스케어", 164_000_000)}}
BASE = {"005930": 76_000, "000660": 136_000, "035420": 221_000, "247540": 280_000, "091990": 70_000}
ENDPOINTS = {"stk_bydd_trd": "KOSPI", "ksq_bydd_trd": "KOSDAQ"}


def bar(code, day):
    """The same made-up bar of a share on a day, whoever asks."""
    step = 500 if BASE[code] >= 200_000 else 100
    ordinal = datetime.date.fromisoformat(day).toordinal()
    close = BASE[code] + step * (ordinal * 7 % 11)
    before = BASE[code] + step * ((ordinal - 1) * 7 % 11)
    return {"open": close - step, "high": close + 2 * step, "low": close - 2 * step, "close": close,
            "change": close - before, "volume": 1000 + ordinal % 97, "base": before}


def krx_rows(market, day, leave_out=()):
    rows = []
    for code, (name, shares) in SHARES[market].items():
        if code in leave_out:
            continue
        b = bar(code, day)
        rows.append({"BAS_DD": day.replace("-", ""), "ISU_CD": code, "ISU_NM": name, "MKT_NM": market,
                     "SECT_TP_NM": "-", "TDD_CLSPRC": str(b["close"]), "CMPPREVDD_PRC": str(b["change"]),
                     "FLUC_RT": f"{100 * b['change'] / b['base']:.2f}", "TDD_OPNPRC": str(b["open"]),
                     "TDD_HGPRC": str(b["high"]), "TDD_LWPRC": str(b["low"]),
                     "ACC_TRDVOL": str(b["volume"]), "ACC_TRDVAL": str(b["volume"] * b["close"]),
                     "MKTCAP": str(b["close"] * shares), "LIST_SHRS": str(shares)})
    return rows


def krx_day(asked):
    market = ENDPOINTS[asked.place.rsplit("/", 1)[1]]
    d = asked.query["basDd"]
    return market, f"{d[:4]}-{d[4:6]}-{d[6:]}"


def krx(asked):
    return Reply({"OutBlock_1": krx_rows(*krx_day(asked))})


def portal_rows(market, day, dashes=False):
    rows = []
    for code, (name, shares) in SHARES[market].items():
        b = bar(code, day)
        n = (lambda _: "-") if dashes else (lambda v: f"{v:,}")
        kind = "3" if dashes or b["change"] == 0 else "1" if b["change"] > 0 else "2"
        rows.append({"ISU_SRT_CD": code, "ISU_CD": f"KR7{code}003", "ISU_ABBRV": name, "MKT_NM": market,
                     "SECT_TP_NM": "", "TDD_CLSPRC": n(b["close"]), "FLUC_TP_CD": kind,
                     "CMPPREVDD_PRC": n(b["change"]),
                     "FLUC_RT": "-" if dashes else f"{100 * b['change'] / b['base']:.2f}",
                     "TDD_OPNPRC": n(b["open"]), "TDD_HGPRC": n(b["high"]), "TDD_LWPRC": n(b["low"]),
                     "ACC_TRDVOL": n(b["volume"]), "ACC_TRDVAL": n(b["volume"] * b["close"]),
                     "MKTCAP": n(b["close"] * shares), "LIST_SHRS": f"{shares:,}",
                     "MKT_ID": {"KOSPI": "STK", "KOSDAQ": "KSQ"}[market]})
    return rows


def portal(asked):
    market = {"STK": "KOSPI", "KSQ": "KOSDAQ"}[asked.form["mktId"]]
    d = asked.form["trdDd"]
    return Reply({"OutBlock_1": portal_rows(market, f"{d[:4]}-{d[4:6]}-{d[6:]}"),
                  "CURRENT_DATETIME": "2024.01.09 AM 09:00:00"}, kind="text/html; charset=utf-8")


def portal_range(days):
    """One symbol by day, newest first. Figures of 005930 around its 50:1 split."""
    rows = [{"TRD_DD": day.replace("-", "/"), "TDD_CLSPRC": close, "FLUC_TP_CD": kind,
             "CMPPREVDD_PRC": change, "FLUC_RT": rate, "TDD_OPNPRC": o, "TDD_HGPRC": h, "TDD_LWPRC": low,
             "ACC_TRDVOL": volume, "ACC_TRDVAL": value, "MKTCAP": cap, "LIST_SHRS": shares}
            for day, o, h, low, close, kind, change, rate, volume, value, cap, shares in days]
    return Reply({"output": rows, "CURRENT_DATETIME": "2024.01.09 AM 09:00:00"})


SPLIT = [("2018-05-04", "53,000", "53,900", "51,800", "51,900", "2", "-1,100", "-2.08", "39,565,391",
          "2,078,017,927,600", "333,162,951,930,000", "6,419,324,700"),
         *[(day, "0", "0", "0", "2,650,000", "0", "0", "0.00", "0", "0", "340,224,209,100,000", "128,386,494")
           for day in ("2018-05-03", "2018-05-02", "2018-04-30")]]


def datago_items(market, day):
    return [{"basDt": day.replace("-", ""), "srtnCd": code, "isinCd": f"KR7{code}003", "itmsNm": name,
             "mrktCtg": market, "clpr": str(b["close"]), "vs": str(b["change"]), "fltRt": f"{100 * b['change'] / b['base']:.2f}",
             "mkp": str(b["open"]), "hipr": str(b["high"]), "lopr": str(b["low"]),
             "trqu": str(b["volume"]), "trPrc": str(b["volume"] * b["close"]), "lstgStCnt": str(shares),
             "mrktTotAmt": str(b["close"] * shares)}
            for code, (name, shares) in SHARES[market].items() for b in [bar(code, day)]]


def datago_reply(items, total, page=1, rows=1000):
    return Reply({"response": {"header": {"resultCode": "00", "resultMsg": "NORMAL SERVICE."},
                               "body": {"numOfRows": rows, "pageNo": page, "totalCount": total,
                                        "items": items}}})


def gateway_error(code, message):
    return Reply(f"""<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>
<returnAuthMsg>{message}</returnAuthMsg><returnReasonCode>{code}</returnReasonCode></cmmMsgHeader>
</OpenAPI_ServiceResponse>""".encode(), kind="text/xml")


def naver_xml(code, days):
    items = "\n".join(f'<item data="{d.replace("-", "")}|{b["open"]}|{b["high"]}|{b["low"]}|{b["close"]}'
                      f'|{b["volume"]}" />' for d in days for b in [bar(code, d)])
    return Reply(f"""

<?xml version="1.0" encoding="EUC-KR" ?>
<protocol>
<chartdata symbol="{code}" name="삼성전자" count="{len(days)}" timeframe="day" precision="0" origintime="19900103">
{items}
</chartdata>
</protocol>
""".encode("euc-kr"), kind="text/xml; charset=EUC-KR")


def yahoo_json(symbol, days):
    bars = [bar(symbol.split(".")[0], d) for d in days]
    stamps = [int(datetime.datetime.fromisoformat(d + "T00:00:00+00:00").timestamp()) for d in days]
    quote = {k: [float(b[k]) for b in bars] for k in ("open", "high", "low", "close")}
    quote["volume"] = [b["volume"] for b in bars]
    return Reply({"chart": {"result": [{
        "meta": {"currency": "KRW", "symbol": symbol, "exchangeTimezoneName": "Asia/Seoul",
                 "instrumentType": "EQUITY", "gmtoffset": 32400},
        "timestamp": stamps,
        "indicators": {"quote": [quote], "adjclose": [{"adjclose": quote["close"]}]}}], "error": None}})


class CollectTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hsl_collect_"))
        self.store = self.folder / "store"
        self.hosts = []

    def tearDown(self):
        for host in self.hosts:
            host.close()
        shutil.rmtree(self.folder)

    def host(self, answer, **more):
        self.hosts.append(Host(answer, **more))
        return self.hosts[-1]

    def environment(self, **more):
        kept = {k: v for k, v in os.environ.items()
                if not k.startswith("HSL_") or k in ("HSL_PROGRAM", "HSL_SOURCE_DIR")}
        return {**kept, "HSL_KRX_KEY": KEY, "HSL_DATAGO_KEY": KEY, "HOME": str(self.folder),
                "http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1", **more}

    def words(self, feed, host, *words, rate=1000):
        line = [PROGRAM, "--store", str(self.store), "collect", "--feed", feed]
        if host:
            line += ["--host", f"{feed}={host.url}", "--rate", str(rate)]
        return line + [str(word) for word in words]

    def hsl(self, feed, host, *words, check=None, env=None, rate=1000, timeout=60):
        done = subprocess.run(self.words(feed, host, *words, rate=rate), capture_output=True,
                              env=self.environment(**(env or {})), timeout=timeout)
        done.out, done.err = done.stdout.decode(), done.stderr.decode()
        self.assertNotIn(KEY, done.out + done.err)
        self.assertNotIn(urllib.parse.quote(KEY, safe=""), done.out + done.err)
        if check is not None:
            self.assertEqual(done.returncode, check, done.out + done.err)
        return done

    def report(self, feed, host, *words, check=0, **more):
        return json.loads(self.hsl(feed, host, *words, "--json", check=check, **more).out)

    def failure(self, feed, host, *words, check, **more):
        return self.report(feed, host, *words, check=check, **more)["error"]["message"]

    def stored(self, symbol, source):
        """Bars as another program reads them."""
        out = subprocess.run([PROGRAM, "--store", str(self.store), "--json", "data"],
                             capture_output=True, env=self.environment(), timeout=60)
        self.assertEqual(out.returncode, 0, out.stderr.decode())
        rows = [row for row in json.loads(out.stdout)["symbols"]
                if row["symbol"] == symbol and row.get("source", source) == source]
        self.assertEqual(len(rows), 1, f"{symbol} of {source!r}")
        return rows[0]

    def versions(self):
        if not self.store.exists():
            return []
        out = subprocess.run([PROGRAM, "--store", str(self.store), "--json", "data"],
                             capture_output=True, env=self.environment(), timeout=60)
        return json.loads(out.stdout)["versions"] if out.returncode == 0 else []

    # ---- the exchange's Open API

    def test_collects_days_as_one_version_and_nothing_twice(self):
        host = self.host(krx)
        report = self.report("krx", host, "--from", DAYS[0], "--to", DAYS[-1], rate=25)
        self.assertEqual(len(host.asked), 8)
        self.assertEqual({(a.place, a.query["basDd"]) for a in host.asked},
                         {(f"/svc/apis/sto/{e}", d.replace("-", "")) for e in ENDPOINTS for d in DAYS})
        for asked in host.asked:
            self.assertEqual(asked.headers["auth_key"], KEY)
            self.assertNotIn("AUTH_KEY", asked.path)
        gaps = [b.at - a.at for a, b in zip(host.asked, host.asked[1:])]
        self.assertGreater(host.asked[-1].at - host.asked[0].at, 7 * 0.040 - 0.02)
        self.assertGreater(sorted(gaps)[len(gaps) // 2], 0.030)
        self.assertEqual((report["added"], report["requests"], report["empty"]), (20, 8, []))
        row = self.stored("005930", "krx")
        self.assertEqual((row["rows"], row["from"], row["to"]), (4, DAYS[0], DAYS[-1]))
        self.assertEqual(len(self.versions()), 1)

        again = self.report("krx", host, "--from", DAYS[0], "--to", DAYS[-1])
        self.assertEqual((again["already"], again["requests"], again["added"]), (8, 0, 0))
        self.assertEqual(len(host.asked), 8)
        self.assertEqual(again["version"], report["version"])

    def test_a_lost_journal_is_made_up_for_by_the_store(self):
        host = self.host(krx)
        self.report("krx", host, "--from", DAYS[0], "--to", DAYS[2])
        (self.store / "collect" / "journal.tsv").unlink()
        again = self.report("krx", host, "--from", DAYS[0], "--to", DAYS[3])
        self.assertEqual((again["already"], again["requests"], again["added"]), (6, 2, 5))

    def test_a_refused_key_is_asked_once(self):
        unauthorized = {"respMsg": "Unauthorized Key", "respCode": "401"}
        for reply in (Reply(unauthorized, status=401), Reply(unauthorized),
                      Reply({"respMsg": "Unauthorized API Call", "respCode": "401"}, status=401)):
            host = self.host(lambda asked, reply=reply: reply)
            message = self.failure("krx", host, "--from", DAYS[0], "--to", DAYS[0],
                                   "--threads", 1, check=2)
            self.assertIn("the key was refused", message)
            self.assertIn("HSL_KRX_KEY", message)
            self.assertEqual(len(host.asked), 1)

    def test_a_key_is_private(self):
        host = self.host(krx)
        message = self.failure("krx", host, "--daily", check=2, env={"HSL_KRX_KEY": ""})
        self.assertIn("HSL_KRX_KEY", message)
        key_file = self.folder / "krx.key"
        key_file.write_text(KEY + "\n")
        key_file.chmod(0o644)
        words = ["--from", DAYS[0], "--to", DAYS[0], "--key-file", key_file]
        message = self.failure("krx", host, *words, check=2, env={"HSL_KRX_KEY": ""})
        self.assertIn("chmod 600", message)
        key_file.chmod(0o600)
        self.report("krx", host, *words, env={"HSL_KRX_KEY": ""})
        self.assertEqual(host.asked[0].headers["auth_key"], KEY)
        for place in self.store.rglob("*"):
            if place.is_file():
                self.assertNotIn(KEY.encode(), place.read_bytes(), place)
        for url, word in (("http://prices.example", "without https"),
                          ("https://me:secret@prices.example", "password")):
            done = subprocess.run(self.words("krx", None, "--daily", "--host", f"krx={url}"),
                                  capture_output=True, env=self.environment(), timeout=60)
            self.assertEqual(done.returncode, 2)
            self.assertIn(word, done.stderr.decode())
            self.assertNotIn("secret", done.stderr.decode())

    def test_waits_when_throttled_and_tries_again(self):
        trouble = [Reply(b"Too Many Requests", status=429, headers={"Retry-After": "1"}),
                   Reply(b"", status=503),
                   Reply({"rt_cd": "1", "msg_cd": "EGW00201", "msg1": "too many calls"}, status=500)]
        host = self.host(lambda asked: trouble.pop(0) if trouble else krx(asked))
        report = self.report("krx", host, "--from", DAYS[0], "--to", DAYS[0], "--market", "KOSPI",
                             "--threads", 1)
        self.assertEqual((report["requests"], report["added"]), (4, 3))
        gaps = [b.at - a.at for a, b in zip(host.asked, host.asked[1:])]
        self.assertGreaterEqual(gaps[0], 0.99)
        self.assertGreaterEqual(gaps[1], 0.49)  # 1 s, half of it drawn
        self.assertGreaterEqual(gaps[2], 0.99)

    def test_cut_and_slow_answers_are_not_half_taken(self):
        trouble = [lambda a: Reply(krx(a).body, cut=200), lambda a: Reply(krx(a).body, cut=0),
                   lambda a: Reply(krx(a).body, wait=0.5)]
        host = self.host(lambda asked: trouble.pop(0)(asked) if trouble else krx(asked))
        report = self.report("krx", host, "--from", DAYS[0], "--to", DAYS[0], "--market", "KOSPI",
                             "--threads", 1)
        self.assertEqual((report["requests"], report["added"]), (3, 3))

    def test_gives_up_with_the_reason_and_keeps_what_came(self):
        host = self.host(lambda a: Reply(b"", status=503) if a.query["basDd"] == "20240105" else krx(a))
        message = self.failure("krx", host, "--from", DAYS[0], "--to", DAYS[-1], "--market", "KOSPI",
                               "--threads", 1, check=1)
        self.assertIn("HTTP 503 (tried 5 times)", message)
        self.assertIn("2 of 4 answers are kept", message)
        self.assertEqual(self.versions(), [])
        host.answer = krx
        asked = len(host.asked)
        report = self.report("krx", host, "--from", DAYS[0], "--to", DAYS[-1], "--market", "KOSPI")
        self.assertEqual((report["resumed"], len(host.asked) - asked, report["added"]), (2, 2, 12))

    def test_an_empty_session_is_no_holiday(self):
        empty = {"20240105"}
        host = self.host(lambda a: Reply({"OutBlock_1": []}) if a.query["basDd"] in empty else krx(a))
        words = ["--from", DAYS[0], "--to", DAYS[-1], "--market", "KOSPI"]
        report = self.report("krx", host, *words, check=1)
        self.assertEqual(report["empty"], ["KOSPI 2024-01-05"])
        self.assertEqual(report["added"], 9)
        self.assertEqual(sum(a.query["basDd"] == "20240105" for a in host.asked), 3)
        empty.clear()
        later = self.report("krx", host, *words)
        self.assertEqual((later["requests"], later["already"], later["added"]), (1, 3, 3))

    def test_a_changed_layout_stores_nothing_and_says_which_field(self):
        def renamed(asked):
            rows = krx_rows(*krx_day(asked))
            if asked.query["basDd"] == "20240104":
                rows[1]["CLOSE"] = rows[1].pop("TDD_CLSPRC")
            return Reply({"OutBlock_1": rows})
        host = self.host(renamed)
        words = ["--from", DAYS[0], "--to", DAYS[1], "--market", "KOSPI", "--threads", 1]
        message = self.failure("krx", host, *words, check=1)
        for word in ("stk_bydd_trd_20240104.json", "TDD_CLSPRC", "row 2", "nothing was published"):
            self.assertIn(word, message)
        kept = self.store / "collect" / "rejected" / "krx" / "stk_bydd_trd_20240104.json"
        self.assertIn("CLOSE", kept.read_text())
        self.assertEqual(self.versions(), [])
        for body, word in ((b"<html>", "a page and no JSON (<html> ...)"), (b"", "the answer is empty"),
                           ({}, "OutBlock_1 is missing"), ({"Out": []}, "OutBlock_1 is missing"),
                           ([], "no object at its root"), ({"OutBlock_1": {}}, "is no list"),
                           ({"OutBlock_1": [7]}, "no object")):
            host.answer = lambda asked, body=body: Reply(body)
            self.assertIn(word, self.failure("krx", host, *words, check=1))
        host.answer = krx
        report = self.report("krx", host, *words)
        self.assertEqual((report["resumed"], report["added"]), (1, 6))

    def test_an_answer_about_another_day_is_refused(self):
        host = self.host(lambda asked: Reply({"OutBlock_1": krx_rows("KOSPI", DAYS[0])}))
        message = self.failure("krx", host, "--from", DAYS[1], "--to", DAYS[1], "--market", "KOSPI",
                               check=1)
        self.assertIn("2024-01-03 in an answer about 2024-01-04", message)
        self.assertEqual(self.versions(), [])

    def test_an_answer_shorter_than_it_is_said_to_be_is_asked_for_again(self):
        whole = []

        def once_cut(asked):
            body = krx(asked).body
            if whole:
                return Reply(body)
            whole.append(body)
            return Reply(body[:-50])  # its Content-Length is what it brings, its JSON ends early
        host = self.host(once_cut)
        words = ["--from", DAYS[0], "--to", DAYS[0], "--market", "KOSPI", "--threads", 1]
        self.assertIn("no JSON (", self.failure("krx", host, *words, check=1))
        self.assertEqual(self.versions(), [])
        self.assertEqual(self.report("krx", host, *words)["added"], 3)

    def test_redirects_are_not_followed(self):
        elsewhere = self.host(krx)
        host = self.host(lambda a: Reply(b"", status=302, headers={"Location": elsewhere.url + a.path}))
        message = self.failure("krx", host, "--from", DAYS[0], "--to", DAYS[0], "--threads", 1, check=1)
        self.assertIn("HTTP 302", message)
        self.assertEqual((len(host.asked), len(elsewhere.asked)), (1, 0))

    def test_certificates_are_checked(self):
        if not shutil.which("openssl"):
            self.skipTest("needs the program openssl")
        cert, key = self.folder / "cert.pem", self.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", key, "-out", cert], check=True, capture_output=True)
        host = self.host(krx, tls=(cert, key))
        words = ["--from", DAYS[0], "--to", DAYS[0], "--market", "KOSPI"]
        message = self.failure("krx", host, *words, check=1)
        self.assertIn("no safe connection", message)
        self.assertEqual(host.asked, [])
        report = self.report("krx", host, *words, env={"SSL_CERT_FILE": str(cert)})
        self.assertEqual(report["added"], 3)

    # ---- kills and stops

    def interrupted(self, how):
        """Starts a collection of 20 sessions, ends it after the seventh request, finishes it."""
        ready = threading.Event()

        def slow(asked):
            if len(host.asked) >= 7:
                ready.set()
            return Reply(krx(asked).body, wait=0.03)
        host = self.host(slow)
        words = ["--from", "2024-01-02", "--to", "2024-01-29", "--market", "KOSPI", "--threads", 1]
        running = subprocess.Popen(self.words("krx", host, *words), env=self.environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertTrue(ready.wait(30))
        running.send_signal(how)
        _, err = running.communicate(timeout=30)
        before = len(host.asked)
        self.assertLess(before, 20)
        self.assertEqual(self.versions(), [])
        report = self.report("krx", host, *words)
        # What was under way when the end came is asked for again, nothing else.
        self.assertGreaterEqual(report["resumed"], before - 2)
        self.assertEqual(report["resumed"] + report["requests"], 20)
        self.assertEqual(report["added"], 60)
        self.assertEqual(self.stored("005930", "krx")["rows"], 20)
        self.assertEqual(list((self.store / "collect").glob("kept/krx/*")), [])
        # An undisturbed collection gives the same data.
        self.store = self.folder / "undisturbed"
        self.assertEqual(self.report("krx", host, *words)["version"], report["version"])
        return running.returncode, err.decode()

    def test_goes_on_after_a_kill(self):
        self.interrupted(signal.SIGKILL)

    def test_goes_on_after_ctrl_c(self):
        status, err = self.interrupted(signal.SIGINT)
        self.assertEqual(status, 130)
        self.assertIn("answers are kept", err)

    def test_one_collection_at_a_time(self):
        host = self.host(lambda asked: Reply(krx(asked).body, wait=1.0))
        words = ["--from", DAYS[0], "--to", DAYS[0], "--market", "KOSPI"]
        running = subprocess.Popen(self.words("krx", host, *words), env=self.environment(),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not host.asked:
            time.sleep(0.01)
        message = self.failure("krx", host, *words, check=1)
        self.assertIn("another collection is running", message)
        self.assertEqual(running.wait(30), 0)

    # ---- a day at a time

    def test_daily_fetches_what_is_missing_and_says_what_changed(self):
        host = self.host(krx)
        self.report("krx", host, "--from", DAYS[0], "--to", DAYS[1])

        def next_days(asked):
            market, day = krx_day(asked)
            rows = krx_rows(market, day, leave_out=["035420"] if day == DAYS[3] else [])
            if market == "KOSPI" and day == DAYS[3]:
                rows.append({**rows[0], "ISU_CD": "0126Z0", "ISU_NM": "새이름"})
                for field in ("TDD_OPNPRC", "TDD_HGPRC", "TDD_LWPRC", "ACC_TRDVOL", "ACC_TRDVAL"):
                    rows[0][field] = "0"
                close = bar("005930", DAYS[2])["close"]
                rows[0].update(TDD_CLSPRC=str(close), CMPPREVDD_PRC="0", FLUC_RT="0.00",
                               MKTCAP=str(close * SHARES["KOSPI"]["005930"][1]))
                before = bar("000660", DAYS[2])["close"]
                upper = before + before * 3 // 10 // 100 * 100
                if upper >= 200_000:
                    upper = upper // 500 * 500
                rows[1].update(TDD_CLSPRC=str(upper), TDD_HGPRC=str(upper), TDD_OPNPRC=str(before),
                               TDD_LWPRC=str(before), CMPPREVDD_PRC=str(upper - before),
                               FLUC_RT=f"{100 * (upper - before) / before:.2f}",
                               MKTCAP=str(upper * SHARES["KOSPI"]["000660"][1]),
                               ACC_TRDVAL=str(int(rows[1]["ACC_TRDVOL"]) * before))
            return Reply({"OutBlock_1": rows})
        host.answer = next_days
        asked = len(host.asked)
        report = self.report("krx", host, "--daily", "--to", DAYS[3])
        self.assertEqual({a.query["basDd"] for a in host.asked[asked:]}, {"20240105", "20240108"})
        self.assertEqual(len(self.versions()), 2)
        day = report["last_day"]
        self.assertEqual((day["day"], day["before"]), (DAYS[3], DAYS[2]))
        self.assertEqual(day["markets"], [{"market": "KOSPI", "rows": 3, "rows_before": 3},
                                          {"market": "KOSDAQ", "rows": 2, "rows_before": 2}])
        changes = {(c["what"], c["symbol"]) for c in day["changes"]}
        self.assertEqual(changes, {("new", "0126Z0"), ("gone", "035420"), ("halted", "005930"),
                                   ("limit_up", "000660")})
        text = self.hsl("krx", host, "--daily", "--to", DAYS[3], check=0).out
        self.assertIn("0 asked for", text)

    def test_an_answer_that_was_cut_short_is_not_published(self):
        def many(asked, count=40):
            market, day = krx_day(asked)
            rows = [{**krx_rows(market, day)[0], "ISU_CD": f"{i:05}0"} for i in range(1, count + 1)]
            return Reply({"OutBlock_1": rows})
        host = self.host(many)
        self.report("krx", host, "--from", DAYS[0], "--to", DAYS[0], "--market", "KOSPI")
        host.answer = lambda asked: many(asked, 15)
        message = self.failure("krx", host, "--daily", "--to", DAYS[1], "--market", "KOSPI", check=1)
        self.assertIn("KOSPI has 15 rows on 2024-01-04 and had 40", message)
        self.assertEqual(len(self.versions()), 1)
        host.answer = many
        self.assertEqual(self.report("krx", host, "--daily", "--to", DAYS[1], "--market", "KOSPI")["added"], 40)

    def test_daily_twice_brings_nothing_new(self):
        host = self.host(krx)
        self.report("krx", host, "--from", DAYS[0], "--to", DAYS[1])
        today = {"HSL_TODAY": "2024-01-06"}
        self.assertEqual(self.report("krx", host, "--daily", env=today)["added"], 5)
        asked, versions = len(host.asked), len(self.versions())
        for day in ("2024-01-06", "2024-01-07", "2024-01-08"):  # a weekend, Monday before the open
            again = self.hsl("krx", host, "--daily", check=0, env={"HSL_TODAY": day})
            self.assertIn("Nothing new.", again.out)
        self.assertEqual((len(host.asked), len(self.versions())), (asked, versions))

    def test_daily_asks_about_no_holiday(self):
        host = self.host(krx)
        self.report("krx", host, "--from", "2023-12-27", "--to", "2023-12-28", "--market", "KOSPI")
        asked = len(host.asked)
        for day in ("2023-12-29", "2023-12-30", "2024-01-01", "2024-01-02"):  # closed until the 2nd
            text = self.hsl("krx", host, "--daily", "--market", "KOSPI", check=0,
                            env={"HSL_TODAY": day}).out
            self.assertIn("Nothing new.", text)
        self.assertEqual(len(host.asked), asked)
        report = self.report("krx", host, "--daily", "--market", "KOSPI", env={"HSL_TODAY": "2024-01-03"})
        self.assertEqual([a.query["basDd"] for a in host.asked[asked:]], ["20240102"])
        self.assertEqual((report["from"], report["to"], report["added"]), ("2024-01-02", "2024-01-02", 3))

    def test_daily_after_a_long_gap_brings_every_session_of_it(self):
        host = self.host(krx)
        self.report("krx", host, "--from", "2023-11-01", "--to", "2023-11-02", "--market", "KOSPI")
        asked = len(host.asked)
        report = self.report("krx", host, "--daily", "--market", "KOSPI", env={"HSL_TODAY": "2024-01-05"})
        day, wanted = datetime.date(2023, 11, 3), []
        while day <= datetime.date(2024, 1, 4):
            if day.weekday() < 5 and day.isoformat() not in ("2023-12-25", "2023-12-29", "2024-01-01"):
                wanted.append(day.isoformat().replace("-", ""))
            day += datetime.timedelta(1)
        self.assertEqual(sorted(a.query["basDd"] for a in host.asked[asked:]), wanted)
        self.assertEqual((report["requests"], report["added"]), (len(wanted), 3 * len(wanted)))

    def test_a_day_that_is_published_by_halves_is_finished_later(self):
        late = {("KOSDAQ", DAYS[1])}
        host = self.host(lambda a: Reply({"OutBlock_1": []}) if krx_day(a) in late else krx(a))
        self.report("krx", host, "--from", DAYS[0], "--to", DAYS[0])
        half = self.hsl("krx", host, "--daily", check=1, env={"HSL_TODAY": DAYS[2]})
        self.assertIn("Without a row: KOSDAQ 2024-01-04", half.out)
        self.assertEqual(self.stored("005930", "krx")["to"], DAYS[1])
        self.assertEqual(self.stored("247540", "krx")["to"], DAYS[0])
        late.clear()
        asked = len(host.asked)
        report = self.report("krx", host, "--daily", env={"HSL_TODAY": "2024-01-06"})
        self.assertEqual({krx_day(a) for a in host.asked[asked:]},
                         {("KOSDAQ", DAYS[1]), ("KOSPI", DAYS[2]), ("KOSDAQ", DAYS[2])})
        self.assertEqual((report["added"], report["from"]), (2 + 5, DAYS[1]))
        self.assertEqual(self.stored("247540", "krx")["rows"], 3)

    # ---- corporate actions

    def split_host(self):
        """005930 splits 50 for 1 on the third day, the others go on."""
        def answer(asked):
            market, day = krx_day(asked)
            rows = krx_rows(market, day)
            row = next((r for r in rows if r["ISU_CD"] == "005930"), None)
            if row:
                old = {DAYS[0]: 2_650_000, DAYS[1]: 2_600_000}.get(day)
                close, base = (old, old) if old else (52_500, 52_000)
                shares = 128_386_494 * (1 if old else 50)
                row.update(TDD_CLSPRC=str(close), TDD_OPNPRC=str(base), TDD_HGPRC=str(max(close, base)),
                           TDD_LWPRC=str(base), CMPPREVDD_PRC=str(close - base),
                           FLUC_RT=f"{100 * (close - base) / base:.2f}", LIST_SHRS=str(shares),
                           MKTCAP=str(close * shares), ACC_TRDVAL=str(int(row["ACC_TRDVOL"]) * base))
            return Reply({"OutBlock_1": rows})
        return self.host(answer)

    def command(self, *words, check=0):
        done = subprocess.run([PROGRAM, "--store", self.store, *map(str, words)], capture_output=True,
                              env=self.environment(), timeout=60)
        self.assertEqual(done.returncode, check, done.stdout.decode() + done.stderr.decode())
        return done.stdout.decode()

    def test_new_rows_that_look_like_an_action_propose_it(self):
        host = self.split_host()
        first = self.report("krx", host, "--from", DAYS[0], "--to", DAYS[1])
        self.assertEqual(first["proposed"], [])
        done = self.hsl("krx", host, "--daily", check=0, env={"HSL_TODAY": "2024-01-06"})
        self.assertEqual(len(self.versions()), 2, "one version with rows and proposal")
        actions = json.loads(self.command("--json", "actions", "list"))["actions"]
        self.assertEqual([(a["symbol"], a["kind"], a["state"], a["ex_date"], a["shares_after"],
                           a["shares_before"]) for a in actions],
                         [("005930", "split", "proposed", DAYS[2], 50, 1)])
        self.assertIn(f"hsl actions confirm {actions[0]['id']}", done.out)
        self.assertIn("listed shares 128386494 to 6419324700", actions[0]["note"])
        self.assertEqual(json.loads(self.command("--json", "data"))["symbols"][0]["rows"], 3)
        # Said once; what was rejected is not proposed again, not even by rows that come anew.
        self.assertIn("Nothing new.", self.hsl("krx", host, "--daily", check=0,
                                                env={"HSL_TODAY": "2024-01-06"}).out)
        self.command("actions", "reject", actions[0]["id"])
        after = self.report("krx", host, "--daily", env={"HSL_TODAY": "2024-01-09"})
        self.assertEqual((after["proposed"], after["added"]), ([], 5))

    def test_a_first_collection_proposes_from_its_own_rows(self):
        report = self.report("krx", self.split_host(), "--from", DAYS[0], "--to", DAYS[3])
        self.assertEqual([(a["symbol"], a["ex_date"]) for a in report["proposed"]], [("005930", DAYS[2])])
        self.assertEqual(len(self.versions()), 1)

    def test_adjusted_feeds_propose_nothing(self):
        def chart(asked):
            reply = naver_xml("005930", DAYS)
            return Reply(reply.body.replace(b"20240105|", b"20240105|1"), kind=reply.kind)
        report = self.report("naver", self.host(chart), "--symbols", "005930", "--from", DAYS[0],
                             "--to", DAYS[-1])
        self.assertEqual(report["proposed"], [])

    # ---- the statistics pages

    def test_portal_asks_as_a_browser_would(self):
        def with_session(asked):
            reply = portal(asked)
            reply.headers["Set-Cookie"] = "JSESSIONID=abc.def; Path=/; HttpOnly"
            return reply
        host = self.host(with_session)
        report = self.report("portal", host, "--from", DAYS[0], "--to", DAYS[1], "--threads", 1)
        self.assertEqual((report["requests"], report["added"]), (4, 10))
        first = host.asked[0]
        self.assertEqual((first.method, first.place), ("POST", "/comm/bldAttendant/getJsonData.cmd"))
        self.assertEqual(first.form["bld"], "dbms/MDC/STAT/standard/MDCSTAT01501")
        self.assertEqual((first.form["mktId"], first.form["trdDd"]), ("STK", "20240103"))
        self.assertTrue(first.headers["referer"].endswith("/contents/MDC/MDI/outerLoader/index.cmd"))
        self.assertEqual(first.headers["x-requested-with"], "XMLHttpRequest")
        self.assertNotIn("cookie", first.headers)
        self.assertEqual(host.asked[1].headers["cookie"], "JSESSIONID=abc.def")
        self.assertEqual(self.stored("247540", "portal")["rows"], 2)

    def test_portal_says_when_it_wants_a_login(self):
        for reply in (Reply(b"LOGOUT", status=400), Reply(b"LOGOUT")):
            host = self.host(lambda asked, reply=reply: reply)
            message = self.failure("portal", host, "--from", DAYS[0], "--to", DAYS[0],
                                   "--threads", 1, check=2)
            self.assertIn("HSL_PORTAL_SESSION", message)
            self.assertEqual(len(host.asked), 1)
        host = self.host(portal)
        self.report("portal", host, "--from", DAYS[0], "--to", DAYS[0], env={"HSL_PORTAL_SESSION": "mine"})
        self.assertEqual(host.asked[0].headers["cookie"], "JSESSIONID=mine")

    def portal_with_columns(self, late=()):
        def answer(asked):
            bld, form = asked.form["bld"].rsplit("/", 1)[1], asked.form
            asked.bld = bld
            if (bld, form.get("trdDd") or form["strtDd"]) in late:
                return Reply({"output": []})
            if bld == "MDCSTAT01501":
                return portal(asked)
            if bld == "MDCSTAT03501":
                rows = [{"ISU_SRT_CD": code, "ISU_CD": f"KR7{code}003", "ISU_ABBRV": "x", "MKT_ID": form["mktId"],
                         "TDD_CLSPRC": "76,600", "FLUC_TP_CD": "1", "CMPPREVDD_PRC": "100", "FLUC_RT": "0.1",
                         "EPS": "8,057", "PER": "9.51", "FWD_EPS": "-", "FWD_PER": "-", "BPS": "50,817",
                         "PBR": "1.51", "DPS": "1,444", "DVD_YLD": "1.89"} for code in ("005930", "000660")]
                return Reply({"output": rows})
            if bld == "MDCSTAT02202":
                d = form["strtDd"]
                self.assertEqual((form["endDd"], form["trdVolVal"], form["askBid"]), (d, "2", "3"))
                return Reply({"output": [{"TRD_DD": f"{d[:4]}/{d[4:6]}/{d[6:]}", "TRDVAL1": "-1,364",
                                          "TRDVAL2": "24", "TRDVAL3": "1,608", "TRDVAL4": "-268",
                                          "TRDVAL_TOT": "0"}]})
            if bld == "MDCSTAT30502":
                return Reply({"OutBlock_1": [{"RPT_DUTY_OCCR_DD": "2024/01/03", "BAL_QTY": "5,489,240",
                                              "LIST_SHRS": "5,969,782,550", "BAL_AMT": "326,609,780,000",
                                              "MKTCAP": "355,202,061,725,000", "BAL_RTO": "0.09"}]})
            if bld == "MDCSTAT03502":
                return Reply({"output": [{"TRD_DD": "2024/01/08", "TDD_CLSPRC": "76,500", "FLUC_TP_CD": "2",
                                          "CMPPREVDD_PRC": "-100", "FLUC_RT": "-0.13", "EPS": "8,057",
                                          "PER": "9.49", "FWD_EPS": "-", "FWD_PER": "-", "BPS": "50,817",
                                          "PBR": "1.51", "DPS": "1,444", "DVD_YLD": "1.89"}]})
            return portal_range([("2024-01-08", "76,500", "77,000", "76,000", "76,500", "2", "-100", "-0.13",
                                  "15,000,000", "1,150,000,000,000", "456,688,365,075,000", "5,969,782,550")])
        return self.host(answer)

    def test_portal_brings_columns_when_asked(self):
        host = self.portal_with_columns()
        report = self.report("portal", host, "--from", DAYS[0], "--to", DAYS[1], "--columns", "valuation,flows")
        self.assertEqual(sorted({(a.bld, a.form["mktId"]) for a in host.asked}),
                         sorted((b, m) for b in ("MDCSTAT01501", "MDCSTAT03501", "MDCSTAT02202")
                                for m in ("STK", "KSQ")))
        self.assertEqual((report["requests"], report["added"]), (12, 10))
        out = self.command("indicators", "005930", "per", "--csv")
        self.assertEqual([line.split(",")[1] for line in out.splitlines()], ["per", "9.51", "9.51"])
        again = self.report("portal", host, "--from", DAYS[0], "--to", DAYS[1], "--columns", "valuation,flows")
        self.assertEqual((again["already"], again["requests"]), (12, 0))
        more = self.report("portal", host, "--symbols", "005930", "--from", DAYS[3], "--to", DAYS[3],
                           "--columns", "short,valuation")
        short = [a.form for a in host.asked if a.bld == "MDCSTAT30502"]
        self.assertEqual([(f["bld"], f["isuCd"], f["strtDd"], f["endDd"]) for f in short],
                         [("dbms/MDC/STAT/srt/MDCSTAT30502", "KR7005930003", "20240104", "20240104")],
                         "the balance of the 4th is public in the evening of the 8th")
        self.assertEqual((more["requests"], more["added"]), (3, 1))
        # The balance of the 3rd is known on the 5th (without a row here), so on the next that is there.
        out = self.command("indicators", "005930", "short_balance", "--csv")
        self.assertEqual([line.split(",")[1] for line in out.splitlines()][-1], "5489240")

    def test_columns_that_come_later_than_prices_are_asked_for_again(self):
        late = {("MDCSTAT03501", "20240104")}
        host = self.portal_with_columns(late)
        words = ["--market", "KOSPI", "--columns", "valuation"]
        self.report("portal", host, "--from", DAYS[0], "--to", DAYS[0], *words)
        half = self.report("portal", host, "--daily", *words, check=1, env={"HSL_TODAY": DAYS[2]})
        self.assertEqual((half["empty"], half["added"]), (["KOSPI valuation 2024-01-04"], 3))
        late.clear()
        asked = len(host.asked)
        whole = self.report("portal", host, "--daily", *words, env={"HSL_TODAY": DAYS[2]})
        self.assertEqual([(a.bld, a.form["trdDd"]) for a in host.asked[asked:]], [("MDCSTAT03501", "20240104")])
        self.assertEqual((whole["added"], whole["facts_changed"] > 0, whole["last_day"]), (0, True, None))

    def test_a_symbol_without_short_balance_is_answered_once(self):
        host = self.portal_with_columns({("MDCSTAT30502", "20240104")})
        words = ["--symbols", "005930", "--from", DAYS[3], "--to", DAYS[3], "--columns", "short"]
        self.assertEqual(self.report("portal", host, *words)["empty"], [])
        again = self.report("portal", host, *words)
        self.assertEqual((again["already"], again["requests"], again["resumed"]), (2, 0, 0))
        self.assertIn("005930 short\t2024-01-04\t2024-01-04\tnone\t0",
                      (self.store / "collect" / "journal.tsv").read_text())

    def test_columns_that_a_feed_has_not_are_refused(self):
        host = self.host(krx)
        for feed, words, word in (("krx", ["--columns", "per"], "portal does"),
                                  ("portal", ["--columns", "per"], "valuation, flows, short, no 'per'"),
                                  ("portal", ["--columns", "short"], "--symbols 005930"),
                                  ("portal", ["--columns", "flows", "--symbols", "005930"], "whole market")):
            self.assertIn(word, self.failure(feed, host, "--from", DAYS[0], *words, check=2))
        self.assertEqual(host.asked, [])

    def test_portal_rows_of_dashes_are_no_prices(self):
        host = self.host(lambda asked: Reply({"OutBlock_1": portal_rows("KOSPI", DAYS[0], dashes=True)}))
        report = self.report("portal", host, "--from", DAYS[0], "--to", DAYS[0], "--market", "KOSPI", check=1)
        self.assertEqual((report["empty"], report["added"]), (["KOSPI 2024-01-03"], 0))

    def test_portal_range_of_a_symbol_comes_in_pieces_of_two_years(self):
        host = self.host(lambda a: portal_range(SPLIT if a.form["strtDd"] <= "20180504" <= a.form["endDd"]
                                                else []))
        report = self.report("portal", host, "--symbols", "005930", "--from", "2016-01-04",
                             "--to", "2018-12-28", check=1)
        pieces = sorted({(a.form["strtDd"], a.form["endDd"]) for a in host.asked})
        self.assertEqual(pieces, [("20160104", "20180102"), ("20180103", "20181228")])
        for asked in host.asked:
            self.assertEqual((asked.form["isuCd"], asked.form["adjStkPrc"]), ("KR7005930003", "1"))
        self.assertEqual((report["added"], report["empty"]), (4, ["005930 2016-01-04..2018-01-02"]))
        row = self.stored("005930", "portal")
        self.assertEqual((row["from"], row["to"]), ("2018-04-30", "2018-05-04"))

    # ---- data.go.kr

    def test_datago_pages_and_shapes(self):
        items = datago_items("KOSPI", DAYS[0])

        def pages(asked):
            if asked.query["mrktCls"] == "KOSDAQ":
                return datago_reply({"item": datago_items("KOSDAQ", DAYS[0])[0]}, 1)
            page = int(asked.query["pageNo"])
            return datago_reply({"item": items[:2] if page == 1 else items[2:]}, 3, page)
        host = self.host(pages)
        report = self.report("datago", host, "--from", DAYS[0], "--to", DAYS[0], "--threads", 1)
        self.assertEqual((report["requests"], report["added"]), (3, 4))
        asked = host.asked[0]
        self.assertEqual(asked.place, "/1160100/service/GetStockSecuritiesInfoService/getStockPriceInfo")
        self.assertEqual(asked.query["serviceKey"], KEY)  # encoded exactly once
        self.assertEqual((asked.query["basDt"], asked.query["resultType"]), ("20240103", "json"))
        encoded = urllib.parse.quote(KEY, safe="")
        self.report("datago", host, "--from", DAYS[1], "--to", DAYS[1], check=1,
                    env={"HSL_DATAGO_KEY": encoded})
        self.assertEqual(host.asked[-1].query["serviceKey"], KEY)

    def test_datago_empty_items(self):
        host = self.host(lambda asked: datago_reply("", 0))
        report = self.report("datago", host, "--from", DAYS[0], "--to", DAYS[0], "--market", "KOSPI", check=1)
        self.assertEqual(report["empty"], ["KOSPI 2024-01-03"])

    def test_datago_errors_come_as_xml(self):
        words = ["--from", DAYS[0], "--to", DAYS[0], "--market", "KOSPI"]
        for code, tries, status, word in ((30, 1, 2, "the key was refused"), (22, 1, 1, "quota"),
                                          (12, 1, 1, "code 12"), (99, 5, 1, "code 99")):
            host = self.host(lambda asked, code=code: gateway_error(code, "SOME_ERROR"))
            message = self.failure("datago", host, *words, check=status)
            self.assertIn(word, message)
            self.assertIn("serviceKey=***", message)
            self.assertEqual(len(host.asked), tries)

    # ---- charts

    def test_naver_chart(self):
        host = self.host(lambda asked: naver_xml(asked.query["symbol"], DAYS))
        report = self.report("naver", host, "--symbols", "005930", "--from", DAYS[1], "--to", DAYS[2])
        self.assertEqual((report["added"], report["dropped"]), (2, {"outside_the_days": 2}))
        asked = host.asked[0]
        self.assertEqual((asked.place, asked.query["timeframe"]), ("/sise.nhn", "day"))
        self.assertGreater(int(asked.query["count"]), 500)
        host.answer = lambda asked: naver_xml("005930", [])
        message = self.failure("naver", host, "--symbols", "000000", "--from", DAYS[0], "--to", DAYS[0],
                               check=2)
        self.assertIn("knows no symbol 000000", message)
        self.assertEqual(len(host.asked), 2)

    def test_yahoo_chart(self):
        host = self.host(lambda asked: yahoo_json("005930.KS", DAYS))
        report = self.report("yahoo", host, "--symbols", "005930", "--from", DAYS[0], "--to", DAYS[-1])
        self.assertEqual(report["added"], 4)
        asked = host.asked[0]
        self.assertEqual(asked.place, "/v8/finance/chart/005930.KS")
        self.assertIn("Mozilla", asked.headers["user-agent"])
        self.assertEqual(int(asked.query["period2"]) - int(asked.query["period1"]), 6 * 86400)
        self.assertEqual((self.stored("005930", "yahoo")["from"], self.stored("005930", "yahoo")["to"]),
                         (DAYS[0], DAYS[-1]))
        host.answer = lambda asked: Reply({"chart": {"result": None, "error": {
            "code": "Not Found", "description": "No data found, symbol may be delisted"}}}, status=404)
        message = self.failure("yahoo", host, "--symbols", "000010", "--from", DAYS[0], "--to", DAYS[0],
                               check=2)
        self.assertIn("may be delisted", message)

    # ---- a folder

    def test_a_folder_gives_each_content_once(self):
        inbox = self.folder / "inbox"
        inbox.mkdir()
        rows = "date,open,high,low,close,volume\n2024-01-03,100,110,90,105,1000\n2024-01-04,105,120,100,110,900\n"

        def put(name, text, age=10):
            (inbox / name).write_text(text)
            os.utime(inbox / name, (time.time() - age,) * 2)
        put("005930.csv", rows)
        put("000660.csv.part", rows)
        put("035420.csv", rows.replace("105", "106"), age=0)
        words = ["--folder", inbox]
        first = self.report("folder", None, *words)
        self.assertEqual((first["added"], len(first["notes"])), (2, 1))
        self.assertIn("2 files are still being written", first["notes"][0])
        os.utime(inbox / "035420.csv", (time.time() - 10,) * 2)
        (inbox / "000660.csv.part").unlink()
        (inbox / "005930.csv").rename(inbox / "005930_again.csv")
        second = self.report("folder", None, *words)
        self.assertEqual((second["added"], second["already"], second["notes"]), (2, 1, []))
        self.assertEqual(self.stored("035420", "")["rows"], 2)
        put("notes.csv", "nothing of use\n")
        third = self.report("folder", None, *words, check=1)
        self.assertEqual(len(third["refused"]), 1)
        self.assertIn("notes.csv", third["refused"][0])
        fourth = self.report("folder", None, *words)
        self.assertEqual((fourth["already"], fourth["refused"], fourth["changed"]), (3, [], False))

    def test_watches_until_told_to_stop(self):
        inbox = self.folder / "inbox"
        inbox.mkdir()
        running = subprocess.Popen(self.words("folder", None, "--folder", inbox, "--watch"),
                                   env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.5)
        (inbox / "new.part").write_text("date,open,high,low,close,volume\n2024-01-03,100,110,90,105,1000\n")
        os.utime(inbox / "new.part", (time.time() - 10,) * 2)
        (inbox / "new.part").rename(inbox / "005930.csv")
        deadline = time.time() + 30
        while time.time() < deadline and not self.versions():
            time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        self.assertEqual(running.wait(30), 0)
        running.stdout.close()
        running.stderr.close()
        self.assertEqual(self.stored("005930", "")["rows"], 1)

    # ---- the command itself

    def test_hosts_come_from_hsl_toml_and_the_environment(self):
        host = self.host(krx)
        config = self.folder / "hsl.toml"
        config.write_text(f'[collect.krx]\nhost = "{host.url}/mirror"\nrate = 500\n')
        line = [PROGRAM, "--config", config, "--store", self.store, "collect", "--feed", "krx",
                "--from", DAYS[0], "--to", DAYS[0], "--market", "KOSPI"]
        host.answer = lambda asked: krx(asked)
        done = subprocess.run(line, capture_output=True, env=self.environment(), timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertTrue(host.asked[0].place.startswith("/mirror/svc/apis/"))
        line[line.index(DAYS[0])] = DAYS[0]
        config.write_text("[collect.krx]\nhots = 1\n")
        done = subprocess.run(line, capture_output=True, env=self.environment(), timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("collect.krx.hots", done.stderr.decode())
        config.write_text("")
        done = subprocess.run(line[:-6] + ["--from", DAYS[1], "--to", DAYS[1], "--market", "KOSPI"],
                              capture_output=True, timeout=60,
                              env=self.environment(HSL_KRX_HOST=host.url + "/env"))
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertTrue(host.asked[-1].place.startswith("/env/"))

    def test_lists_the_feeds(self):
        done = subprocess.run([PROGRAM, "--store", self.store, "collect"], capture_output=True,
                              env=self.environment(), timeout=60)
        self.assertEqual(done.returncode, 0)
        for word in ("krx", "portal", "datago", "naver", "yahoo", "folder", "HSL_KRX_KEY"):
            self.assertIn(word, done.stdout.decode())

    def test_says_what_makes_no_sense(self):
        host = self.host(krx)
        for words, word in ((["--from", "2030-01-01", "--to", "2030-01-02"], "not here yet"),
                            (["--from", DAYS[1], "--to", DAYS[0]], "is after"),
                            ([], "say since when"),
                            (["--from", DAYS[0], "--symbols", "005930"], "whole markets"),
                            (["--from", DAYS[0], "--rate", "0"], "a rate is")):
            self.assertIn(word, self.failure("krx", host, *words, check=2), words)
        self.assertIn("one symbol at a time", self.failure("yahoo", host, "--from", DAYS[0], check=2))
        self.assertIn("there is no feed nave", self.failure("nave", None, "--daily", check=2))
        self.assertEqual(host.asked, [])


if __name__ == "__main__":
    unittest.main()
