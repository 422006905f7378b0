// SPDX-License-Identifier: Apache-2.0

// ./dev bench: the workloads that HSL promises speeds for, on a generated market of 800 symbols x
// 1,250 sessions. Working files stay under build/bench.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>

#include <fmt/format.h>

#include "adapters/parquet/parquet_store.hpp"
#include "analytics/sweep_result.hpp"
#include "backtest/sweep.hpp"
#include "base/cpu.hpp"
#include "base/parallel.hpp"
#include "bench.hpp"
#include "indicators/catalogue.hpp"
#include "market/frame.hpp"
#include "market/synthetic.hpp"
#include "naive_loop.hpp"
#include "process.hpp"
#include "strategy/strategy_file.hpp"

namespace hsl::bench {
namespace {

namespace fs = std::filesystem;
using market::Field;
using market::Frame;

constexpr int symbols = 800;
constexpr int sessions = 1250;
const fs::path root = HSL_SOURCE_DIR;
const fs::path folder = root / "build/bench";
const std::string program = (root / "build/hsl").string();

template <class T>
T must(Result<T> result, const std::string& what) {
    if (!result) {
        std::fprintf(stderr, "bench: %s: %s\n", what.c_str(), result.error().text().c_str());
        std::exit(3);
    }
    return std::move(*result);
}

// A sweep's document without its times.
std::string compared(const analytics::SweepResult& result) {
    analytics::SweepResult copy = result;
    copy.elapsed_ms = {};
    return to_json(copy, 0, false);
}

// kospi100's SMA-cross family with a finer grid: 10 x 10 sets.
constexpr const char* sma_family = R"toml(
[sma_cross]
about = "A short average crosses a long one."
params = { fast = { from = 5, to = 23, step = 2 }, slow = { from = 30, to = 120, step = 10 } }
where = "fast < slow"
entry = "crosses_above(sma(close, fast), sma(close, slow))"
exit = "crosses_below(sma(close, fast), sma(close, slow))"
slippage_bp = 10
)toml";

void choose(CpuTarget target) {
    if (const auto set = set_cpu_target(target); !set) check(false, set.error().text());
}

void sweep_rows(const Frame& frame, std::vector<Row>& rows) {
    const auto run = [&](const strategy::StrategyFile& file, unsigned threads) {
        return must(backtest::run_sweep(frame, file, {.threads = threads}), "sweep").result;
    };
    const auto kospi100 =
        must(strategy::read_strategies((root / "strategies/kospi100.toml").string()), "kospi100");
    const std::string vector_document = compared(run(kospi100, 0));
    choose(CpuTarget::scalar);
    check(compared(run(kospi100, 1)) == vector_document, "scalar sweep of kospi100 differs");
    choose(CpuTarget::best);
    rows.push_back({fmt::format("kospi100, {} sets x {} x {}, all measures and the verdict",
                                kospi100.sets.size(), symbols, sessions),
                    median_ms(7, [&] { (void)run(kospi100, 0); }), "ms", 400, ""});

    const auto family = must(strategy::parse_strategies("sma_family", sma_family), "family");
    check(family.sets.size() == 100, "the SMA family has 100 sets");
    const backtest::SweepOutput fast =
        must(backtest::run_sweep(frame, family, {.trades = true}), "family");
    const backtest::Window window = must(backtest::find_window(frame, family, {}), "window");
    const NaiveResult plain = naive_sma_cross(frame, family, window);
    check(same_as_naive(fast, plain), "the plain loop and the sweep disagree");
    const double plain_ms = median_ms(3, [&] { (void)naive_sma_cross(frame, family, window); });
    const double fast_ms = median_ms(9, [&] { (void)run(family, 0); });
    rows.push_back({"SMA cross, 100 sets x 800 x 1,250, all measures and the verdict", fast_ms,
                    "ms", 80,
                    fmt::format("{:.1f}x the plain loop ({:.0f} ms, one thread)",
                                plain_ms / fast_ms, plain_ms)});
}

void indicator_rows(const Frame& frame, std::vector<Row>& rows) {
    const std::size_t tiles = frame.tile_count();
    const std::size_t length = frame.session_count();
    TileColumn out(tiles, length);
    TileColumn wanted(tiles, length);
    for (const char* name : {"sma", "ema", "rsi", "atr", "obv", "roc"}) {
        const indicators::Spec* spec = indicators::find_spec(name);
        check(spec != nullptr, name);
        std::vector<double> params;
        for (const indicators::Param& param : spec->params) params.push_back(param.standard);
        indicators::Scratch scratch;
        const auto panel = [&](TileColumn& target) {
            for (std::size_t tile = 0; tile < tiles; ++tile) {
                std::vector<const double*> inputs;
                for (const indicators::Input input : spec->inputs)
                    inputs.push_back(frame
                                         .column(input == indicators::Input::high   ? Field::high
                                                 : input == indicators::Input::low  ? Field::low
                                                 : input == indicators::Input::open ? Field::open
                                                 : input == indicators::Input::volume
                                                     ? Field::volume
                                                     : Field::close)
                                         .tile(tile));
                double* outputs[] = {target.tile(tile)};
                indicators::compute_tile(*spec, params, inputs, outputs, length, scratch);
            }
        };
        choose(CpuTarget::scalar);
        panel(wanted);
        const double scalar_ms = median_ms(3, [&] { panel(wanted); });
        choose(CpuTarget::best);
        panel(out);
        check(std::memcmp(out.tile(0), wanted.tile(0), tiles * length * tile_lanes * 8) == 0 ||
                  std::ranges::equal(std::span{out.tile(0), tiles * length * tile_lanes},
                                     std::span{wanted.tile(0), tiles * length * tile_lanes},
                                     [](double a, double b) {
                                         return (std::isnan(a) && std::isnan(b)) || a == b;
                                     }),
              fmt::format("{} differs from its scalar form", name));
        const double ms = median_ms(9, [&] { panel(out); });
        const double bars = static_cast<double>(tiles * length * tile_lanes);
        rows.push_back({fmt::format("{}({}), whole panel out, one core", name,
                                    params.empty() ? "" : fmt::format("{}", params.front())),
                        ms * 1e6 / bars, "ns/bar", 3,
                        fmt::format("{:.1f}x its scalar form", scalar_ms / ms)});
    }
}

// What a process that only loads prints: enough to see that everything arrived.
std::string load_line(const Frame& frame) {
    std::size_t bars = 0;
    double sum = 0;
    const TileColumn& close = frame.column(Field::close);
    for (std::size_t lane = 0; lane < frame.lane_count(); ++lane)
        for (std::size_t t = frame.lanes[lane].first; t <= frame.lanes[lane].last; ++t, ++bars)
            sum += close.at(lane, t);
    return fmt::format("{} bars, {} lanes, {} sessions, sum of closes {:.0f}\n", bars,
                       frame.lane_count(), frame.session_count(), sum);
}

std::string counted_bars(const std::string& line) { return line.substr(0, line.find(' ')); }

Frame load(const fs::path& from) {
    const auto store = must(adapters::open_parquet_store(from, false), "store");
    const market::BarTable bars = must(store->read({}), "read");
    return must(market::build_frame(bars, {}), "frame");
}

double median_process(int runs, const std::vector<std::string>& words, const std::string& expected,
                      double& peak_mb) {
    std::vector<double> times;
    for (int run = 0; run < runs; ++run) {
        const ProcessCost cost = run_process(words);
        check(cost.status == 0 && cost.output.find(expected) != std::string::npos,
              fmt::format("{} ... exit {}: {}", words[0], cost.status, cost.output));
        times.push_back(cost.wall_ms);
        peak_mb = std::max(peak_mb, cost.peak_mb);
    }
    std::ranges::sort(times);
    return times[times.size() / 2];
}

void write_csv(const market::BarTable& bars, const fs::path& target) {
    fs::create_directories(target);
    for (const auto& range : bars.symbols) {
        std::string text = "Date,Open,High,Low,Close,Volume\n";
        for (std::size_t row = range.first; row < range.first + range.count; ++row) {
            const market::Bar bar = bars.bar(row);
            fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{}\n", bar.date.iso(),
                           bar.open, bar.high, bar.low, bar.close, bar.volume);
        }
        std::ofstream(target / (range.instrument.symbol + ".csv"), std::ios::binary) << text;
    }
}

const fs::path store_folder = folder / "store";
const fs::path csv_folder = folder / "csv";

// Makes what the process rows read. Run as a process of its own: a child's peak memory begins at
// that of the process that started it, so this one must stay small until those rows are done.
int prepare() {
    fs::remove_all(store_folder);
    fs::remove_all(csv_folder);
    fs::create_directories(folder);
    check(run_process({program, "--store", store_folder.string(), "generate", "--symbols",
                       std::to_string(symbols), "--days", std::to_string(sessions)})
                  .status == 0,
          "hsl generate");
    const market::BarTable bars =
        must(market::generate_market({.symbols = symbols, .sessions = sessions}), "generate");
    write_csv(bars, csv_folder);
    std::fputs(load_line(must(market::build_frame(bars, {}), "frame")).c_str(), stdout);
    return 0;
}

void process_rows(const std::string& self, std::vector<Row>& rows) {
    const ProcessCost prepared = run_process({self, "--prepare"});
    check(prepared.status == 0, "prepare");
    const std::string bars = counted_bars(prepared.output);
    double peak = 0;
    const double load_ms =
        median_process(9, {self, "--load", store_folder.string()}, prepared.output, peak);
    // The floor of the same work with the wheel's own Python: process, library, columns in memory.
    const std::string script =
        "import glob, sys, pyarrow.parquet as p\n"
        "t = [p.read_table(f) for f in glob.glob(sys.argv[1] + '/bars/*.parquet')]\n"
        "print(sum(x.num_rows for x in t), 'rows')\n";
    double other = 0;
    const double python_ms = median_process(
        5, {(root / "build/venv/bin/python").string(), "-c", script, store_folder.string()}, "rows",
        other);
    rows.push_back({fmt::format("{} bars, store into a Frame, new process", bars), load_ms, "ms",
                    60,
                    fmt::format("{:.1f}x pyarrow's read_table as a process ({:.0f} ms)",
                                python_ms / load_ms, python_ms)});

    std::vector<double> times;
    for (int run = 0; run < 3; ++run) {
        fs::remove_all(folder / "imported");
        const ProcessCost cost = run_process(
            {program, "--store", (folder / "imported").string(), "import", csv_folder.string()});
        check(cost.status == 0 && cost.output.find("Data version") != std::string::npos,
              "hsl import: " + cost.output);
        times.push_back(cost.wall_ms);
    }
    std::ranges::sort(times);
    check(run_process({self, "--load", (folder / "imported").string()}).output == prepared.output,
          "the imported bars differ");
    rows.push_back({fmt::format("hsl import, {} CSV rows in {} files", bars, symbols), times[1],
                    "ms", 1000, ""});

    double sweep_peak = 0;
    const double sweep_ms = median_process(3,
                                           {program, "--store", store_folder.string(), "sweep",
                                            (root / "strategies/kospi100.toml").string(),
                                            "--report", (folder / "report.html").string()},
                                           "Verdict", sweep_peak);
    rows.push_back({"hsl sweep kospi100 as a process, report included", sweep_ms, "ms", 2000, ""});
    rows.push_back({"    its peak memory", sweep_peak, "MB", 600, ""});
}

int run(const std::string& self) {
    std::printf("HSL bench: %d symbols x %d sessions, %u cores, %s (%d doubles), GCC %s\n", symbols,
                sessions, core_count(), std::string{name_of(active_cpu_target())}.c_str(),
                lanes_of(CpuTarget::best), __VERSION__);
    std::vector<Row> rows;
    process_rows(self, rows);
    const Frame frame = load(store_folder);
    sweep_rows(frame, rows);
    indicator_rows(frame, rows);
    std::printf("%-66s %10s %10s   %s\n", "what", "median", "goal", "in the same run");
    for (const Row& row : rows)
        std::printf(
            "%-66s %10s %10s   %s\n", row.what.c_str(),
            fmt::format("{:.{}f} {}", row.median, row.median < 10 ? 2 : 0, row.unit).c_str(),
            row.goal > 0 ? fmt::format("{} {}", row.goal, row.unit).c_str() : "",
            row.baseline.c_str());
    return 0;
}

}  // namespace
}  // namespace hsl::bench

int main(int argc, char** argv) {
    if (argc == 2 && std::strcmp(argv[1], "--prepare") == 0) return hsl::bench::prepare();
    if (argc == 3 && std::strcmp(argv[1], "--load") == 0) {
        std::fputs(hsl::bench::load_line(hsl::bench::load(argv[2])).c_str(), stdout);
        return 0;
    }
    return hsl::bench::run(argv[0]);
}
