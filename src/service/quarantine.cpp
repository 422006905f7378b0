// SPDX-License-Identifier: Apache-2.0
#include "service/quarantine.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hsl::service {
namespace {

using market::Bar;
using store::QuarantinedRow;

std::string quoted(std::string_view cell) {
    if (cell.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{cell};
    std::string out = "\"";
    for (const char c : cell) out += c == '"' ? std::string{"\"\""} : std::string{c};
    return out + "\"";
}

// The records of a CSV text, with the line each begins on.
struct Record {
    std::vector<std::string> cells = {};
    long line = 0;
};
std::vector<Record> records_of(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    std::vector<Record> out;
    Record record{.line = 1};
    std::string cell;
    long line = 1;
    bool inside = false;
    const auto end_record = [&] {
        record.cells.push_back(std::exchange(cell, {}));
        if (record.cells.size() > 1 || !record.cells.front().empty()) out.push_back(record);
        record = {.line = line + 1};
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"') {
            if (inside && at + 1 < text.size() && text[at + 1] == '"')
                cell += text[++at];
            else
                inside = !inside;
        } else if (c == ',' && !inside) {
            record.cells.push_back(std::exchange(cell, {}));
        } else if (c == '\n' && !inside) {
            if (!cell.empty() && cell.back() == '\r') cell.pop_back();
            end_record();
        } else {
            cell += c;
        }
        if (c == '\n') ++line;
    }
    if (!cell.empty() || !record.cells.empty()) end_record();
    return out;
}

// The cells of a row as a price file would write them; empty where nothing is known.
std::map<std::string, std::string> cells_of(const QuarantinedRow& row, int scale) {
    std::map<std::string, std::string> cells{{"date", row.date}};
    if (!row.bar) return cells;
    const Bar& bar = *row.bar;
    for (const auto& [name, price] : {std::pair{"open", bar.open}, std::pair{"high", bar.high},
                                      std::pair{"low", bar.low}, std::pair{"close", bar.close}})
        cells[name] = market::price_text(price, scale);
    cells["volume"] = fmt::format("{}", bar.volume);
    if (bar.value != Bar::value_missing) cells["value"] = fmt::format("{}", bar.value);
    if (bar.minute > 0)
        cells["time"] = fmt::format("{:02}:{:02}", bar.minute / 60, bar.minute % 60);
    return cells;
}

// What the store knows of series and symbols.
class Known {
public:
    explicit Known(std::vector<store::SymbolSummary> symbols) : symbols_(std::move(symbols)) {}
    [[nodiscard]] const store::SymbolSummary* series(const std::string& symbol,
                                                     const std::string& source) const {
        const store::SymbolSummary* near = nullptr;
        for (const store::SymbolSummary& one : symbols_) {
            if (one.instrument.symbol != symbol) continue;
            if (one.source == source) return &one;
            if (near == nullptr) near = &one;
        }
        return near;
    }
    [[nodiscard]] int scale(const std::string& symbol) const {
        const store::SymbolSummary* one = series(symbol, "");
        return one != nullptr ? one->instrument.scale : market::instrument_for(symbol).scale;
    }

private:
    std::vector<store::SymbolSummary> symbols_;
};

// Rows of one series, as a text for the parser.
struct Batch {
    store::ReadHints hints;
    std::string text;
    std::vector<std::int64_t> ids;  // of each line below the header
};

std::string header_line() {
    std::string line;
    for (const std::string& name : fixable_cells()) line += (line.empty() ? "" : ",") + name;
    return line + "\n";
}

Result<std::string> text_of(const QuarantinedRow& row, const QuarantineFix& fix, int scale,
                            bool with_time) {
    std::map<std::string, std::string> cells = cells_of(row, scale);
    for (const auto& [name, value] : fix.cells) cells[name] = value;
    std::string missing;
    for (const char* name : {"date", "open", "high", "low", "close", "volume"})
        if (cells[name].empty()) missing += (missing.empty() ? "" : ", ") + std::string{name};
    if (!missing.empty())
        return fail(ErrorCode::bad_usage,
                    fmt::format("row {} ({} of {}:{}) has no {}: say what it is, --set {}=...",
                                fix.id, row.reason, row.file, row.line, missing,
                                missing.substr(0, missing.find(','))));
    std::string line;
    for (const std::string& name : fixable_cells())
        if (name != "time" || with_time) line += (line.empty() ? "" : ",") + quoted(cells[name]);
    return line + "\n";
}

Result<std::map<std::int64_t, QuarantinedRow>> rows_of(store::BarStore& store,
                                                       const std::vector<std::int64_t>& ids) {
    HSL_TRY(std::vector<QuarantinedRow> found, store.quarantine({.ids = ids}));
    std::map<std::int64_t, QuarantinedRow> rows;
    for (QuarantinedRow& row : found) rows.emplace(row.id, std::move(row));
    for (const std::int64_t id : ids)
        if (!rows.contains(id))
            return fail(ErrorCode::not_found,
                        fmt::format("no row {} in quarantine; `hsl quarantine list` shows those "
                                    "there are",
                                    id));
    return rows;
}

}  // namespace

const std::vector<std::string>& fixable_cells() {
    static const std::vector<std::string> cells{"date", "time",  "open",   "high",
                                                "low",  "close", "volume", "value"};
    return cells;
}

std::string quarantine_csv(const std::vector<QuarantinedRow>& rows,
                           const std::vector<store::SymbolSummary>& symbols) {
    const Known known{symbols};
    std::string out = "id,symbol," + header_line();
    out.pop_back();
    out += ",reason,file,line,detail,source\n";
    for (const QuarantinedRow& row : rows) {
        auto cells = cells_of(row, known.scale(row.symbol));
        out += fmt::format("{},{}", row.id, quoted(row.symbol));
        for (const std::string& name : fixable_cells()) out += "," + quoted(cells[name]);
        out += fmt::format(",{},{},{},{},{}\n", row.reason, quoted(valid_utf8(row.file)), row.line,
                           quoted(valid_utf8(row.detail)), quoted(valid_utf8(row.source)));
    }
    return out;
}

Result<std::map<std::string, std::string>> read_cells(std::string_view text) {
    std::map<std::string, std::string> cells;
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find(','));
        text.remove_prefix(std::min(one.size() + 1, text.size()));
        const std::size_t equals = one.find('=');
        const std::string name = trim(one.substr(0, equals));
        if (equals == std::string_view::npos ||
            std::ranges::find(fixable_cells(), name) == fixable_cells().end())
            return fail(ErrorCode::bad_usage,
                        fmt::format("'{}' is no cell like close=123; there are {}", one,
                                    fmt::join(fixable_cells(), ", ")));
        cells[name] = trim(one.substr(equals + 1));
    }
    return cells;
}

Result<std::vector<QuarantineFix>> read_fixes(const std::string& file, std::string_view text) {
    const std::vector<Record> records = records_of(text);
    const auto fault = [&](long line, std::string message) {
        return std::unexpected(Error{.code = ErrorCode::bad_data,
                                     .message = std::move(message),
                                     .file = file,
                                     .line = line});
    };
    const auto& header = records.empty() ? std::vector<std::string>{} : records.front().cells;
    const auto column = [&](std::string_view name) -> std::optional<std::size_t> {
        const auto at =
            std::ranges::find(header, name, [](const auto& cell) { return trim(cell); });
        if (at == header.end()) return std::nullopt;
        return static_cast<std::size_t>(at - header.begin());
    };
    const auto id_column = column("id");
    if (!id_column)
        return fault(1, "no column 'id': make the table with `hsl quarantine list --csv`");
    std::vector<QuarantineFix> fixes;
    std::set<std::int64_t> seen;
    for (std::size_t i = 1; i < records.size(); ++i) {
        const auto& cells = records[i].cells;
        const std::string id = *id_column < cells.size() ? trim(cells[*id_column]) : "";
        QuarantineFix fix;
        const auto [end, failure] = std::from_chars(id.data(), id.data() + id.size(), fix.id);
        if (failure != std::errc{} || end != id.data() + id.size() || fix.id <= 0)
            return fault(records[i].line, fmt::format("'{}' is no id of a quarantined row", id));
        if (!seen.insert(fix.id).second)
            return fault(records[i].line, fmt::format("id {} stands twice", fix.id));
        for (const std::string& name : fixable_cells())
            if (const auto at = column(name); at && *at < cells.size())
                fix.cells[name] = trim(cells[*at]);
        fixes.push_back(std::move(fix));
    }
    if (fixes.empty()) return fault(0, "no row below the header");
    return fixes;
}

Result<QuarantineReport> accept_quarantined(store::BarStore& store,
                                            const store::MarketFileParser& parse,
                                            const std::vector<QuarantineFix>& fixes,
                                            const std::string& note, const Progress& progress) {
    HSL_TRY(const auto writer, store.open_writer());
    std::vector<std::int64_t> ids;
    for (const QuarantineFix& fix : fixes) ids.push_back(fix.id);
    HSL_TRY(const auto rows, rows_of(store, ids));
    HSL_TRY(std::vector<store::SymbolSummary> symbols, store.symbols());
    const Known known{std::move(symbols)};

    std::map<std::tuple<std::string, std::string, bool>, Batch> batches;
    for (const QuarantineFix& fix : fixes) {
        const QuarantinedRow& row = rows.at(fix.id);
        if (row.symbol.empty() || row.line <= 0)
            return fail(ErrorCode::bad_usage,
                        fmt::format("row {} ({}) is no bar of a symbol and can only be dropped: "
                                    "hsl quarantine drop {}",
                                    fix.id, row.reason, fix.id));
        const auto time = fix.cells.find("time");
        const bool with_time =
            (row.bar && row.bar->minute > 0) || (time != fix.cells.end() && !time->second.empty());
        Batch& batch = batches[{row.symbol, row.series, with_time}];
        if (batch.text.empty()) {
            batch.text = header_line();
            if (!with_time) batch.text.erase(batch.text.find("time,"), 5);
            batch.hints.symbol = row.symbol;
            batch.hints.source = row.series;
            if (const store::SymbolSummary* series = known.series(row.symbol, row.series)) {
                batch.hints.market = series->instrument.market;
                batch.hints.basis = series->basis;
                batch.hints.definition = series->definition;
            }
        }
        HSL_TRY(const std::string line, text_of(row, fix, known.scale(row.symbol), with_time));
        batch.text += line;
        batch.ids.push_back(fix.id);
    }

    QuarantineReport report;
    store::Incoming incoming;
    for (auto& [key, batch] : batches) {
        const std::string& symbol = std::get<0>(key);
        HSL_TRY(const auto files, parse(symbol + ".csv", batch.text, batch.hints));
        std::set<std::int64_t> lines_in;
        for (const store::MarketFile& file : files) {
            if (file.error) return std::unexpected(*file.error);
            for (const store::PriceSeries& series : file.prices) {
                lines_in.insert(series.lines.begin(), series.lines.end());
                incoming.symbols.push_back(
                    {.instrument = series.instrument,
                     .bars = series.bars,
                     .lines = series.lines,
                     .file = "quarantine",
                     .source = batch.hints.source,
                     .interval = series.interval,
                     .basis = batch.hints.basis.value_or(series.basis),
                     .definition = batch.hints.definition.value_or(series.definition)});
            }
            for (const QuarantinedRow& row : file.quarantined)
                if (row.line >= 2 && static_cast<std::size_t>(row.line - 2) < batch.ids.size())
                    report.refused.push_back({batch.ids[static_cast<std::size_t>(row.line - 2)],
                                              row.reason, row.detail});
        }
        for (std::size_t i = 0; i < batch.ids.size(); ++i) {
            const auto line = static_cast<std::int64_t>(i + 2);
            const bool refused = std::ranges::any_of(
                report.refused, [&](const auto& one) { return one.id == batch.ids[i]; });
            if (lines_in.contains(line)) {
                incoming.settled.push_back(batch.ids[i]);
                ++report.accepted;
            } else if (!refused) {
                report.refused.push_back({batch.ids[i], "filler",
                                          "it says nothing, or what "
                                          "another row of this call says"});
            }
        }
    }
    if (report.accepted == 0) {
        HSL_TRY(report.version, store.data_version());
        return report;
    }
    HSL_TRY(const store::WriteSummary summary,
            writer->write(std::move(incoming), {.replace = true, .note = note}, progress));
    report.version = summary.version;
    report.replaced = summary.replaced;
    return report;
}

Result<QuarantineReport> drop_quarantined(store::BarStore& store,
                                          const std::vector<std::int64_t>& ids,
                                          const std::string& note, const Progress& progress) {
    HSL_TRY(const auto writer, store.open_writer());
    HSL_TRY(const auto rows, rows_of(store, ids));
    HSL_TRY(const store::WriteSummary summary,
            writer->write({.settled = ids}, {.note = note}, progress));
    return QuarantineReport{.version = summary.version,
                            .dropped = static_cast<std::int64_t>(rows.size())};
}

}  // namespace hsl::service
