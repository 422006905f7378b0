// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/verify.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "adapters/parquet/detail/folder.hpp"
#include "adapters/parquet/detail/load.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "store/content_hash.hpp"

namespace hsl::adapters {
namespace {

using store::Damage;

// What is wrong with a file; "" when it is as it was written.
std::string fault_of(const std::filesystem::path& path, const CataloguedFile& file) {
    const FileHandle handle{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!handle.is_open())
        return errno == ENOENT ? "missing" : "cannot be read: " + std::string{::strerror(errno)};
    Hasher hasher;
    std::int64_t bytes = 0;
    std::vector<std::byte> block(1 << 20);
    while (true) {
        const ssize_t count = ::read(handle.get(), block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return "cannot be read: " + std::string{::strerror(errno)};
        if (count == 0) break;
        hasher.add(std::span{block}.first(static_cast<std::size_t>(count)));
        bytes += count;
    }
    if (bytes != file.bytes)
        return fmt::format("has {} bytes where {} were written", bytes, file.bytes);
    return hasher.hex() == file.sha256 ? "" : "checksum differs";
}

Damage damage_of(const std::filesystem::path& path, const KnownFile& known, std::string what) {
    Damage damage{.file = path.string(), .what = std::move(what), .symbols = {}};
    if (const auto symbols = decode_ranges(known.ranges))
        for (const FileSymbol& each : *symbols) damage.symbols.push_back(each.symbol);
    return damage;
}

// The hash of a series, and where the hash of its rows stands: the next write goes on from there.
struct Hashed {
    std::string hash;
    BlockHasher::State chain;
};

Hashed hash_of(const Stack& stack, const SeriesState& state, const std::vector<market::Bar>& bars) {
    BlockHasher hasher;
    if (stack.kind != StackKind::column) {
        store::add_bars(hasher, bars);
        return {store::series_hash({.instrument = state.instrument,
                                    .source = stack.name,
                                    .interval = interval_of(stack.kind),
                                    .basis = state.basis,
                                    .definition = state.definition},
                                   hasher),
                hasher.state()};
    }
    std::vector<market::ColumnRow> rows;
    for (const market::Bar& bar : bars) rows.push_back(as_row(bar));
    store::add_rows(hasher, rows);
    return {store::column_hash(stack.name, state.instrument.symbol, hasher), hasher.state()};
}

// What the catalogue has of a series beside its hash: a write relies on it.
bool is_as_hashed(const Series& series, const SeriesState& state, const Hashed& hashed) {
    return series.hash == hashed.hash && series.chain == hashed.chain &&
           series.state.first == state.first && series.state.last == state.last &&
           series.state.rows == state.rows;
}

// The newest rows of a stack against the hashes of its series.
Result<void> verify_stack(const Room& room, const Stack& stack, std::int64_t version,
                          Damage& catalogue) {
    HSL_TRY(const Snapshot snapshot, room.catalogue->snapshot(stack, version));
    HSL_TRY(const auto series, room.catalogue->series(stack));
    HSL_TRY(const market::BarTable table, load(room.folder, snapshot, Columns::all, 0));
    std::vector<Hashed> hashes(table.symbols.size());
    parallel_for(hashes.size(), 0, [&](std::size_t i, unsigned) {
        hashes[i] = hash_of(stack, snapshot.symbols[i].state, bars_of(table, table.symbols[i]));
    });
    std::size_t next = 0;
    for (const Series& each : series) {
        const std::string& symbol = each.state.instrument.symbol;
        while (next < hashes.size() && table.symbols[next].instrument.symbol < symbol)
            catalogue.symbols.push_back(table.symbols[next++].instrument.symbol);
        const bool is_there =
            next < hashes.size() && table.symbols[next].instrument.symbol == symbol;
        if (!is_there || !is_as_hashed(each, snapshot.symbols[next].state, hashes[next]))
            catalogue.symbols.push_back(symbol);
        if (is_there) ++next;
    }
    while (next < hashes.size())
        catalogue.symbols.push_back(table.symbols[next++].instrument.symbol);
    return {};
}

// The newest version against its own hashes.
Result<void> verify_content(const Room& room, store::VerifyReport& report,
                            const Progress& progress) {
    HSL_TRY(const auto newest, room.catalogue->find("newest"));
    if (!newest) return {};
    HSL_TRY(const auto stacks, room.catalogue->stacks(newest->number));
    for (std::size_t i = 0; i < stacks.size(); ++i) {
        if (progress.stopped()) return std::unexpected(stopped());
        Damage catalogue{
            .file = (room.folder / "catalogue.sqlite").string(),
            .what = fmt::format("does not fit the rows of the {}s{}{}", name_of(stacks[i].kind),
                                stacks[i].name.empty() ? "" : " ", stacks[i].name),
            .symbols = {}};
        HSL_CHECK(verify_stack(room, stacks[i], newest->number, catalogue));
        if (!catalogue.symbols.empty()) report.damage.push_back(std::move(catalogue));
        progress.done("hashing rows", i + 1, stacks.size());
    }
    HSL_TRY(const store::Facts tables, room.catalogue->tables(newest->number));
    HSL_TRY(const auto hashes, room.catalogue->hashes());
    Damage stackless{.file = (room.folder / "catalogue.sqlite").string(),
                     .what = "has series without files",
                     .symbols = {}};
    for (const auto& [symbol, name, kind, hash] : hashes.series)
        if (std::ranges::none_of(stacks, [&](const Stack& stack) {
                return stack.name == name && name_of(stack.kind) == kind;
            }))
            stackless.symbols.push_back(symbol);
    if (!stackless.symbols.empty()) report.damage.push_back(std::move(stackless));
    if (store::table_hash(tables) != hashes.tables)
        report.damage.push_back({.file = (room.folder / "catalogue.sqlite").string(),
                                 .what = "listings, states or actions differ from what was written",
                                 .symbols = {}});
    return {};
}

}  // namespace

Result<store::VerifyReport> verify_store(const Room& room, const Progress& progress) {
    store::VerifyReport report;
    const std::string catalogue = (room.folder / "catalogue.sqlite").string();
    HSL_TRY(const std::string fault, room.catalogue->integrity());
    if (!fault.empty()) report.damage.push_back({.file = catalogue, .what = fault, .symbols = {}});
    HSL_TRY(const auto versions, room.catalogue->versions());
    HSL_TRY(const auto files, room.catalogue->files());
    report.versions = static_cast<std::int64_t>(versions.size());
    report.files = static_cast<std::int64_t>(files.size());
    std::mutex lock;
    std::size_t done = 0;
    parallel_for(files.size(), 0, [&](std::size_t i, unsigned) {
        if (progress.stopped()) return;
        const std::filesystem::path path = room.folder / files[i].file.path();
        std::string what = fault_of(path, files[i].file);
        const std::lock_guard guard{lock};
        report.bytes += files[i].file.bytes;
        if (!what.empty()) report.damage.push_back(damage_of(path, files[i], std::move(what)));
        progress.done("checking files", ++done, files.size());
    });
    if (progress.stopped()) return std::unexpected(stopped());
    // Rows are hashed only where the files are sound: what is wrong with them is said already.
    if (!report.damage.empty()) return report;
    if (auto content = verify_content(room, report, progress); !content) {
        if (content.error().code != ErrorCode::corrupt) return std::unexpected(content.error());
        report.damage.push_back(
            {.file = catalogue, .what = content.error().message, .symbols = {}});
    }
    return report;
}

}  // namespace hsl::adapters
