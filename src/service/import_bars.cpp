// SPDX-License-Identifier: Apache-2.0
#include "service/import_bars.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include <span>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/parallel.hpp"
#include "base/text.hpp"

namespace hsl::service {
namespace {

namespace fs = std::filesystem;
using market::Bar;
using store::PriceFile;
using store::QuarantinedRow;

bool looks_like_prices(const fs::path& path) {
    const std::string extension = lower(path.extension().string());
    return extension == ".csv" || extension == ".tsv" || extension == ".txt";
}

// A bar with the place it came from.
struct Placed {
    Bar bar;
    std::size_t file;
    std::int64_t line;
};

// Two sources may differ in whether they know the traded value; that alone is no conflict.
bool same_prices(const Bar& a, const Bar& b) {
    Bar c = b;
    if (a.value == Bar::value_missing || b.value == Bar::value_missing) c.value = a.value;
    return a == c;
}

class Merge {
public:
    explicit Merge(std::vector<PriceFile>& parsed) : parsed_(parsed) {}

    // The bars of one symbol from all its files: equal repeats dropped, conflicting ones
    // quarantined.
    store::IncomingSymbol symbol(const std::vector<std::size_t>& files) {
        store::IncomingSymbol merged;
        merged.instrument = parsed_[files.front()].instrument;
        merged.file = parsed_[files.front()].path;
        if (files.size() == 1) {
            PriceFile& only = parsed_[files.front()];
            merged.bars = std::move(only.bars);
            merged.lines = std::move(only.lines);
            return merged;
        }
        std::vector<Placed> all;
        for (const std::size_t file : files)
            for (std::size_t i = 0; i < parsed_[file].bars.size(); ++i)
                all.push_back({parsed_[file].bars[i], file, parsed_[file].lines[i]});
        std::ranges::stable_sort(all, {}, [](const Placed& p) { return p.bar.date; });
        for (std::size_t first = 0; first < all.size();) {
            std::size_t last = first + 1;
            while (last < all.size() && all[last].bar.date == all[first].bar.date) ++last;
            day(merged, {all.data() + first, last - first});
            first = last;
        }
        return merged;
    }

private:
    void day(store::IncomingSymbol& merged, std::span<const Placed> rows) {
        const bool agree = std::ranges::all_of(
            rows, [&](const Placed& p) { return same_prices(p.bar, rows.front().bar); });
        if (!agree) {
            for (const Placed& row : rows) quarantine(merged, row, rows);
            return;
        }
        // Of equal rows the one that knows the traded value stays.
        const auto kept = std::ranges::find_if(
            rows, [](const Placed& p) { return p.bar.value != Bar::value_missing; });
        const Placed& stays = kept == rows.end() ? rows.front() : *kept;
        merged.bars.push_back(stays.bar);
        merged.lines.push_back(stays.line);
        for (const Placed& row : rows)
            if (&row != &stays) ++parsed_[row.file].dropped["equal_repeat"];
    }

    // The source line is filled in later, for all conflicts at once.
    void quarantine(const store::IncomingSymbol& merged, const Placed& row,
                    std::span<const Placed> rows) {
        const Placed& other = &row == &rows.front() ? rows.back() : rows.front();
        QuarantinedRow kept;
        kept.symbol = merged.instrument.symbol;
        kept.date = row.bar.date.iso();
        kept.file = parsed_[row.file].path;
        kept.line = row.line;
        kept.reason = "conflicting_repeat";
        kept.detail = fmt::format("close {} here, {} at {}:{}", row.bar.close, other.bar.close,
                                  parsed_[other.file].path, other.line);
        parsed_[row.file].quarantined.push_back(std::move(kept));
    }

    std::vector<PriceFile>& parsed_;
};

}  // namespace

namespace {

// Conflicts are found after the bytes were let go: their lines are read once more, a file at a
// time.
void fill_source_lines(std::span<QuarantinedRow> rows) {
    std::map<std::string, std::map<std::int64_t, QuarantinedRow*>> wanted;
    for (QuarantinedRow& row : rows)
        if (row.source.empty() && row.line > 0) wanted[row.file][row.line] = &row;
    for (const auto& [file, lines] : wanted) {
        const auto bytes = read_bytes(file);
        if (!bytes) continue;
        // As the parser counts lines: an old Mac's file has carriage returns alone.
        const char end = bytes->find('\n') == std::string::npos ? '\r' : '\n';
        std::int64_t line = 1;
        std::size_t at = 0;
        for (const auto& [number, row] : lines) {
            for (; line < number && at < bytes->size(); ++line)
                at = std::min(bytes->find(end, at), bytes->size() - 1) + 1;
            row->source = trim(std::string_view{*bytes}.substr(at, bytes->find(end, at) - at));
        }
    }
}

}  // namespace

Result<std::vector<fs::path>> expand_paths(const std::vector<std::string>& paths) {
    std::vector<fs::path> files;
    for (const std::string& text : paths) {
        std::error_code failure;
        const fs::path path{text};
        const fs::file_status status = fs::status(path, failure);
        if (!fs::exists(status))
            return fail(ErrorCode::not_found,
                        fmt::format("{}: no such file or folder: give price files or folders of "
                                    "them",
                                    text));
        if (!fs::is_directory(status)) {
            files.push_back(path);
            continue;
        }
        const std::size_t before = files.size();
        for (fs::recursive_directory_iterator at{
                 path, fs::directory_options::skip_permission_denied, failure};
             !failure && at != fs::recursive_directory_iterator{}; at.increment(failure))
            if (at->is_regular_file(failure) && looks_like_prices(at->path()))
                files.push_back(at->path());
        if (failure) return fail(ErrorCode::io, fmt::format("{}: {}", text, failure.message()));
        if (files.size() == before)
            return fail(ErrorCode::not_found,
                        fmt::format("{}: no .csv, .tsv or .txt file in this folder", text));
        std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
    }
    return files;
}

Result<std::string> read_bytes(const fs::path& path) {
    const auto refused = [&] {
        Error error{.code = ErrorCode::io, .message = std::strerror(errno)};
        error.file = path.string();
        return std::unexpected(std::move(error));
    };
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return refused();
    std::string bytes;
    struct stat status{};
    if (::fstat(file, &status) == 0 && status.st_size > 0)
        bytes.reserve(static_cast<std::size_t>(status.st_size));
    char block[1 << 16];
    for (ssize_t got; (got = ::read(file, block, sizeof block)) != 0;) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            const auto error = refused();
            ::close(file);
            return error;
        }
        bytes.append(block, static_cast<std::size_t>(got));
    }
    ::close(file);
    return bytes;
}

Result<ImportReport> import_bars(store::BarStore& store, const store::PriceFileParser& parse,
                                 const std::vector<fs::path>& files, const ImportOptions& options,
                                 const Progress& progress) {
    HSL_TRY(const bool generated, store.holds_generated());
    if (generated)
        return fail(ErrorCode::bad_usage,
                    "this store holds a generated market: real prices need a store of their own "
                    "(--store DIR)");
    HSL_TRY(auto writer, store.open_writer());

    ImportReport report;
    report.files.resize(files.size());
    std::vector<PriceFile> parsed(files.size());
    std::atomic<std::size_t> finished{0};
    parallel_for(files.size(), options.threads, [&](std::size_t index, unsigned) {
        if (progress.stopped()) return;
        ImportedFile& file = report.files[index];
        file.path = files[index].string();
        auto bytes = read_bytes(files[index]);
        auto understood =
            bytes ? parse(file.path, *bytes) : Result<PriceFile>{std::unexpected(bytes.error())};
        if (understood) {
            parsed[index] = std::move(*understood);
            if (options.market != market::Market::unknown &&
                market::is_krx_code(parsed[index].instrument.symbol))
                parsed[index].instrument.market = options.market;
            file.symbol = parsed[index].instrument.symbol;
        } else {
            file.error = std::move(understood).error();
        }
        progress.done("reading price files", ++finished, files.size());
    });
    if (progress.stopped())
        return fail(ErrorCode::cancelled, "stopped; the store is as it was before");

    std::map<std::string, std::vector<std::size_t>> by_symbol;
    for (std::size_t index = 0; index < files.size(); ++index)
        if (!report.files[index].error) by_symbol[parsed[index].instrument.symbol].push_back(index);

    for (std::size_t index = 0; index < files.size(); ++index) {
        ImportedFile& file = report.files[index];
        file.data_lines = parsed[index].data_lines;
        if (parsed[index].bars.empty()) continue;
        file.from = parsed[index].bars.front().date;
        file.to = parsed[index].bars.back().date;
    }

    Merge merge{parsed};
    std::vector<store::IncomingSymbol> incoming;
    incoming.reserve(by_symbol.size());
    for (const auto& [symbol, indices] : by_symbol) {
        store::IncomingSymbol merged = merge.symbol(indices);
        if (!merged.bars.empty()) incoming.push_back(std::move(merged));
    }
    std::vector<QuarantinedRow> quarantined;
    for (const PriceFile& file : parsed)
        quarantined.insert(quarantined.end(), file.quarantined.begin(), file.quarantined.end());
    fill_source_lines(quarantined);

    HSL_TRY(store::WriteSummary summary,
            writer->write(std::move(incoming), quarantined,
                          {.replace = options.replace, .generated = false, .note = options.note},
                          progress));
    quarantined.insert(quarantined.end(), summary.conflicts.begin(), summary.conflicts.end());

    std::map<std::string, std::size_t> file_of;
    for (std::size_t index = 0; index < files.size(); ++index)
        file_of.emplace(report.files[index].path, index);
    std::vector<std::int64_t> in_quarantine(files.size());
    for (const QuarantinedRow& row : quarantined) {
        const auto at = file_of.find(row.file);
        if (at == file_of.end()) continue;
        ++report.files[at->second].quarantined[row.reason];
        ++in_quarantine[at->second];
    }
    for (std::size_t index = 0; index < files.size(); ++index) {
        ImportedFile& file = report.files[index];
        file.repaired = parsed[index].repaired;
        file.dropped = parsed[index].dropped;
        file.accepted = file.data_lines - in_quarantine[index];
        for (const auto& [reason, count] : file.dropped) file.accepted -= count;
    }
    std::ranges::stable_sort(quarantined, {}, [&](const QuarantinedRow& row) {
        return std::pair{file_of[row.file], row.line};
    });
    report.quarantined = std::move(quarantined);
    report.version = summary.version;
    report.changed = summary.changed;
    report.added = summary.added;
    report.replaced = summary.replaced;
    report.unchanged = summary.unchanged;
    return report;
}

}  // namespace hsl::service
