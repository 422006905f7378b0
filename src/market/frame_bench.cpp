// SPDX-License-Identifier: Apache-2.0
// A million bars into a Frame: 800 symbols x 1,250 sessions, one bar in 200 halted, all in memory.

#include <cstdlib>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/rng.hpp"
#include "market/calendar.hpp"
#include "market/frame.hpp"

namespace hsl::market {
namespace {

constexpr std::size_t symbol_count = 800;
constexpr std::size_t session_count = 1'250;

const BarTable& market() {
    static const BarTable bars = [] {
        BarTable table;
        const Calendar& calendar = Calendar::krx();
        const std::size_t first = calendar.lower_bound(Date::from_civil(2019, 1, 2));
        for (std::size_t s = 0; s < symbol_count; ++s) {
            Rng rng = Rng::split(42, s);
            table.begin_symbol({fmt::format("{:05}0", s)});
            std::int64_t close = 1'000 + static_cast<std::int64_t>(rng.below(100'000));
            for (std::size_t t = 0; t < session_count; ++t) {
                const Date date = calendar.all()[first + t];
                if (rng.below(200) == 0) {
                    table.append({date, 0, 0, 0, close, 0});
                    continue;
                }
                close += close * (static_cast<std::int64_t>(rng.below(7)) - 3) / 100;
                const auto volume = 1 + static_cast<std::int64_t>(rng.below(1'000'000));
                table.append({date, close, close + 5, close - 5, close, volume, close * volume});
            }
        }
        return table;
    }();
    return bars;
}

// Every row is where it belongs, or there is nothing to time.
void check(const BarTable& bars, const Frame& frame) {
    bool right = frame.lane_count() == symbol_count && frame.session_count() == session_count &&
                 frame.excluded.empty() && frame.breaks.empty();
    for (std::size_t row = 0; right && row < bars.rows(); ++row) {
        const std::size_t lane = row / session_count;
        const std::size_t t = row % session_count;
        const Bar bar = bars.bar(row);
        const auto is = [&](Field field, std::int64_t wanted) {
            return frame.column(field).at(lane, t) == static_cast<double>(wanted);
        };
        const bool listed = t >= frame.lanes[lane].first;
        right = frame.listed.at(lane, t) == listed && frame.traded.at(lane, t) == !is_halt(bar) &&
                (!listed ||
                 (is(Field::close, bar.close) && is(Field::volume, bar.volume) &&
                  (is_halt(bar) || (is(Field::open, bar.open) && is(Field::high, bar.high) &&
                                    is(Field::low, bar.low) && is(Field::value, bar.value)))));
    }
    if (right) return;
    fmt::print(stderr, "frame_bench: the frame does not hold the bars it was built from\n");
    std::exit(3);
}

void build_a_million_bars(benchmark::State& state) {
    const BarTable& bars = market();
    const FrameOptions options{.threads = static_cast<unsigned>(state.range(0))};
    check(bars, build_frame(bars, options).value());
    for (auto _ : state) {
        auto frame = build_frame(bars, options);
        benchmark::DoNotOptimize(frame->columns[0].tile(0));
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(bars.rows()));
}
BENCHMARK(build_a_million_bars)->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hsl::market
