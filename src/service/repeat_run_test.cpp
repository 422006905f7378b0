// SPDX-License-Identifier: Apache-2.0
#include "service/repeat_run.hpp"

#include <cmath>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "market/synthetic.hpp"
#include "service/run_sweep.hpp"
#include "service/sweep_request.hpp"
#include "store/test_bars.hpp"

namespace hsl::service {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const std::string strategies =
    "[dip]\nabout = \"Buys weakness, 약세 매수.\"\nentry = \"rsi(close, 5) < 40\"\n"
    "exit = \"rsi(close, 5) > 60\"\n";

TEST(SweepRequestText, ReadsBackToTheSameRequest) {
    SweepRequest request;
    request.strategy_path = "a b/약세.toml";
    request.universe = "listed(\"KOSPI\")";
    request.sources = {"krx", "", "네이버\n3\nabc"};
    request.calendar = "2020-01-03,closed,why\n";
    request.notes = {"one", ""};
    request.frame.allow_breaks = true;
    request.frame.as_of = Date::from_civil(2020, 2, 29);
    request.frame.symbols = {"005930"};
    request.frame.minutes = 5;
    request.sweep.to = Date::from_civil(2021, 1, 4);
    request.sweep.commission_e7 = 7;
    request.sweep.slippage_bp = 0.1;
    request.sweep.slippage_ticks = 2;
    request.sweep.rights = portfolio::Rights::subscribe;
    request.sweep.participation = std::numeric_limits<double>::infinity();
    request.sweep.annualisation = 250.5;
    request.sweep.unknown_is = market::Market::kosdaq;
    const std::string text = write_request(request, strategies);
    const auto read = read_request(text);
    ASSERT_TRUE(read) << read.error().text();
    EXPECT_EQ(read->strategies, strategies);
    EXPECT_EQ(read->strategy_path, request.strategy_path);
    EXPECT_EQ(read->sources, request.sources);
    EXPECT_EQ(read->frame.as_of, request.frame.as_of);
    EXPECT_FALSE(read->sweep.from);
    EXPECT_TRUE(std::isinf(read->sweep.participation));
    EXPECT_EQ(read->sweep.unknown_is, market::Market::kosdaq);
    EXPECT_EQ(write_request(*read, read->strategies), text);
    // A beginning of it is at most a shorter request, never another one.
    for (std::size_t size = 0; size < text.size(); ++size)
        if (const auto part = read_request(text.substr(0, size)))
            EXPECT_TRUE(text.starts_with("hsl-sweep/1\n")) << size;
        else
            EXPECT_EQ(part.error().code, ErrorCode::unsupported);
    EXPECT_FALSE(read_request("hsl-sweep/2\n"));
    EXPECT_FALSE(read_request("hsl-sweep/1\nmood 4\ngood\n"));
}

class RepeatRun : public testing::Test {
protected:
    RepeatRun() : store_(store::in_memory_store()) { import(200, 1); }

    void import(int sessions, std::uint64_t seed) {
        const market::BarTable table =
            market::generate_market({.symbols = 4, .sessions = sessions, .seed = seed}).value();
        store::Incoming incoming;
        for (std::size_t i = 0; i < table.symbols.size(); ++i)
            incoming.symbols.push_back({.instrument = table.symbols[i].instrument,
                                        .bars = store::bars_of(table, i),
                                        .file = "prices.csv"});
        ASSERT_TRUE(
            store_->open_writer().value()->write(std::move(incoming), {.replace = true}, {}));
    }
    std::string run() {
        SweepRequest request{.strategy_path = "gone.toml", .strategies = strategies};
        request.command = "hsl sweep gone.toml";
        const auto answer = run_sweep(*store_, request);
        EXPECT_TRUE(answer) << answer.error().text();
        return answer->result.run_id;
    }
    std::unique_ptr<store::BarStore> store_;
};

TEST_F(RepeatRun, GivesTheSameBitsOnTheDataThatItSaw) {
    const std::string id = run();
    import(220, 2);  // every row is another
    EXPECT_NE(run(), id);
    const auto repeated = repeat_run(*store_, id.substr(0, 8), "");
    ASSERT_TRUE(repeated) << repeated.error().text();
    EXPECT_TRUE(repeated->identical) << repeated->difference;
    EXPECT_TRUE(repeated->same_code);
    EXPECT_EQ(repeated->now.run_id, id);
    EXPECT_EQ(store_->runs()->size(), 2u) << "it is not kept once more";
}

TEST_F(RepeatRun, SaysWhereTheResultsPart) {
    const std::string id = run();
    store::RunRecord record = store_->run(id).value();
    const std::size_t at = record.document.find("\"trials\":1");
    ASSERT_NE(at, std::string::npos);
    record.document[at + 9] = '7';
    record.code_version = "older";
    ASSERT_TRUE(store_->put_run(record));
    const auto repeated = repeat_run(*store_, id, "");
    ASSERT_TRUE(repeated) << repeated.error().text();
    EXPECT_FALSE(repeated->identical);
    EXPECT_FALSE(repeated->same_code);
    EXPECT_THAT(repeated->difference, AllOf(HasSubstr("\"trials\":7"), HasSubstr("\"trials\":1")));
}

TEST_F(RepeatRun, SaysWhyARunCannotBeRepeated) {
    const std::string id = run();
    const auto with_calendar = repeat_run(*store_, id, "2020-01-03,closed,why\n");
    ASSERT_FALSE(with_calendar);
    EXPECT_EQ(with_calendar.error().code, ErrorCode::bad_usage);
    import(220, 2);
    ASSERT_TRUE(store_->open_writer().value()->compact(true, {}));
    const auto forgotten = repeat_run(*store_, id, "");
    ASSERT_FALSE(forgotten);
    EXPECT_EQ(forgotten.error().code, ErrorCode::not_found);
    EXPECT_THAT(forgotten.error().message, AllOf(HasSubstr("--forget"), HasSubstr("gone.toml")));
    ASSERT_TRUE(store_->put_run({.id = "old", .command = "hsl sweep x.toml", .document = "{}"}));
    EXPECT_EQ(repeat_run(*store_, "old", "").error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace hsl::service
