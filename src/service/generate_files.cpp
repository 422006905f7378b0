// SPDX-License-Identifier: Apache-2.0
#include "service/generate_files.hpp"

#include <cerrno>
#include <cstdio>
#include <functional>
#include <memory>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace hsl::service {
namespace {

namespace fs = std::filesystem;
using market::Bar;

constexpr std::string_view header = "date,open,high,low,close,volume\n";

std::string line_of(const Bar& bar) {
    return fmt::format("{},{},{},{},{},{}\n", bar.date.iso(), bar.open, bar.high, bar.low,
                       bar.close, bar.volume);
}

struct BadKind {
    std::string_view reason;
    std::string (*line)(Bar bar);  // made of a bar that is right
};
// In the order in which they stand in the file. What repeats a day comes last but one, since both
// of its rows are set aside; a line without its end is the last.
constexpr BadKind bad_kinds[] = {
    {"high_below_low",
     [](Bar bar) { return std::swap(bar.high, bar.low), ++bar.low, line_of(bar); }},
    {"open_outside_range", [](Bar bar) { return bar.open = 2 * bar.high, line_of(bar); }},
    {"close_outside_range", [](Bar bar) { return bar.close = 2 * bar.high, line_of(bar); }},
    {"price_not_positive", [](Bar bar) { return bar.close = 0, line_of(bar); }},
    {"negative_volume", [](Bar bar) { return bar.volume = -bar.volume - 1, line_of(bar); }},
    {"unreadable_number",
     [](Bar bar) {
         return fmt::format("{},{},{},{},{},many\n", bar.date.iso(), bar.open, bar.high, bar.low,
                            bar.close);
     }},
    {"number_too_large",
     [](Bar bar) {
         return fmt::format("{},{},{},{},{},99999999999999999999\n", bar.date.iso(), bar.open,
                            bar.high, bar.low, bar.close);
     }},
    {"missing_value",
     [](Bar bar) {
         return fmt::format("{},{},{},,{},{}\n", bar.date.iso(), bar.open, bar.high, bar.close,
                            bar.volume);
     }},
    {"cell_count",
     [](Bar bar) {
         return fmt::format("{},{},{},{},{}\n", bar.date.iso(), bar.open, bar.high, bar.low,
                            bar.close);
     }},
    {"unreadable_date",
     [](Bar bar) {
         return fmt::format("2020-13-45,{},{},{},{},{}\n", bar.open, bar.high, bar.low, bar.close,
                            bar.volume);
     }},
    {"not_a_session",  // the Sunday after the bar
     [](Bar bar) {
         bar.date = bar.date + static_cast<int>(7 - bar.date.weekday());
         return line_of(bar);
     }},
    {"nul_byte", [](Bar bar) { return line_of(bar).replace(4, 1, 1, '\0'); }},
    {"unclosed_quote",
     [](Bar bar) {
         return fmt::format("{},{},{},{},{},\"{}\n", bar.date.iso(), bar.open, bar.high, bar.low,
                            bar.close, bar.volume);
     }},
    {"conflicting_repeat", [](Bar bar) { return ++bar.volume, line_of(bar); }},
};
// A NUL byte near the beginning would make the whole file a binary one.
constexpr std::size_t bars_before_bad = 150;

Result<void> write_file(const fs::path& file, std::string_view text) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out{std::fopen(file.c_str(), "wbe"),
                                                              std::fclose};
    const bool written = out &&
                         std::fwrite(text.data(), 1, text.size(), out.get()) == text.size() &&
                         std::fflush(out.get()) == 0;
    if (written) return {};
    return std::unexpected(Error{.code = ErrorCode::io,
                                 .message = std::generic_category().message(errno),
                                 .file = file.string()});
}

Result<void> make_empty_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    const bool empty = !error && fs::is_empty(folder, error);
    if (!error && empty) return {};
    return std::unexpected(
        Error{.code = ErrorCode::bad_usage,
              .message = error ? error.message() : "this folder is not empty: name another one",
              .file = folder.string()});
}

// Bad rows instead of the bars that they were made of, but for the repeat, which comes on top.
std::string with_bad_rows(const std::vector<Bar>& bars, const std::string& file,
                          std::vector<BadRow>& bad_rows) {
    std::string text{header};
    std::int64_t line = 1;
    std::size_t next = 0;
    const auto add = [&](const std::string& row) {
        text += row;
        ++line;
    };
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const bool here = i >= bars_before_bad && next < std::size(bad_kinds) &&
                          !market::is_halt(bars[i]) && bars[i].high > bars[i].low;
        if (!here) {
            add(line_of(bars[i]));
            continue;
        }
        const BadKind& kind = bad_kinds[next++];
        if (kind.reason == "conflicting_repeat") {
            add(line_of(bars[i]));
            bad_rows.push_back({std::string{kind.reason}, file, line});
        }
        add(kind.line(bars[i]));
        bad_rows.push_back({std::string{kind.reason}, file, line});
    }
    return text;
}

}  // namespace

Result<GenerateFilesReport> generate_files(const fs::path& folder,
                                           const market::SyntheticOptions& options, bool bad_rows,
                                           const Progress& progress) {
    if (bad_rows && options.sessions < static_cast<int>(2 * bars_before_bad))
        return fail(ErrorCode::bad_usage,
                    fmt::format("bad rows want at least {} sessions to stand among, asked for {}",
                                2 * bars_before_bad, options.sessions));
    HSL_TRY(const market::SyntheticMarket market, generate_whole_market(options, progress));
    HSL_CHECK(make_empty_folder(folder));
    GenerateFilesReport report;
    report.symbols = static_cast<std::int64_t>(market.bars.symbols.size());
    report.rows = static_cast<std::int64_t>(market.bars.rows());
    const auto write = [&](const std::string& name, std::string_view text) {
        ++report.files;
        return write_file(folder / name, text);
    };
    bool bad = bad_rows;
    for (std::size_t i = 0; i < market.bars.symbols.size(); ++i) {
        if (progress.stopped()) return fail(ErrorCode::cancelled, "stopped while writing files");
        const auto& range = market.bars.symbols[i];
        std::vector<Bar> bars;
        for (std::size_t row = range.first; row < range.first + range.count; ++row)
            bars.push_back(market.bars.bar(row));
        const std::string file = range.instrument.symbol + ".csv";
        std::string text;
        if (bad && bars.size() == static_cast<std::size_t>(options.sessions)) {
            bad = false;
            text = with_bad_rows(bars, file, report.bad_rows);
        } else {
            text = header;
            for (const Bar& bar : bars) text += line_of(bar);
        }
        HSL_CHECK(write(file, text));
        progress.done("writing files", i + 1, market.bars.symbols.size());
    }
    const auto day = [](const std::optional<Date>& date) { return date ? date->iso() : ""; };
    std::string listings = "code,name,market,sector,shares,from,to\n";
    for (const market::Listing& one : market.listings)
        listings +=
            fmt::format("{},{},{},{},{},{},{}\n", one.symbol, one.name, market::name_of(one.market),
                        one.sector, one.shares, day(one.first), day(one.last));
    HSL_CHECK(write("listings.csv", listings));
    if (options.plants.split) {
        std::string actions =
            "code,kind,ex_date,shares_after,shares_before,announced,listing_date\n";
        for (const market::CorporateAction& one : market.actions)
            actions += fmt::format("{},{},{},{},{},{},{}\n", one.symbol, market::name_of(one.kind),
                                   one.ex_date.iso(), one.shares_after, one.shares_before,
                                   day(one.announced), day(one.listing_date));
        HSL_CHECK(write("actions.csv", actions));
    }
    if (bad_rows) {
        std::string list = "file,line,kind\n";
        for (const BadRow& row : report.bad_rows)
            list += fmt::format("{},{},{}\n", row.file, row.line, row.kind);
        HSL_CHECK(write("bad-rows.list", list));
    }
    return report;
}

}  // namespace hsl::service
