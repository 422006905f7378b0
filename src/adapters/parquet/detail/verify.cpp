// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/verify.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <optional>
#include <ranges>
#include <set>
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
#include "base/text.hpp"
#include "store/content_hash.hpp"

namespace hsl::adapters {
namespace {

using store::Damage;

constexpr const char* restore_remedy =
    "restore catalogue.sqlite from a backup, or import into a new store";

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

// "versions 1 to 3 need it".
std::string needed_by(const KnownFile& known, std::int64_t newest) {
    const std::int64_t last = known.last_version.value_or(newest);
    return known.first_version == last
               ? fmt::format("version {} needs it", last)
               : fmt::format("versions {} to {} need it", known.first_version, last);
}

Damage damage_of(const std::filesystem::path& path, const KnownFile& known, std::int64_t newest,
                 std::string what) {
    Damage damage{.file = path.string(), .what = std::move(what), .symbols = {}, .remedy = {}};
    if (const auto symbols = decode_ranges(known.ranges))
        for (const FileSymbol& each : *symbols) damage.symbols.push_back(each.symbol);
    damage.remedy = fmt::format("{}{}: restore it from a backup, or {}",
                                known.last_version ? "only " : "", needed_by(known, newest),
                                known.last_version
                                    ? "let the older versions go with `hsl data compact --forget`"
                                    : "import these symbols again into a new store");
    return damage;
}

// The hash of a series, and where the hash of its rows stands: the next write goes on from there.
struct Hashed {
    std::string hash;
    BlockHasher::State chain;
};

Hashed hash_of(const Stack& stack, const SeriesState& state, const BlockHasher& rows) {
    if (stack.kind == StackKind::column)
        return {store::column_hash(stack.name, state.instrument.symbol, rows), rows.state()};
    return {store::series_hash({.instrument = state.instrument,
                                .source = stack.name,
                                .interval = interval_of(stack.kind),
                                .basis = state.basis,
                                .definition = state.definition},
                               rows),
            rows.state()};
}

void add_to(BlockHasher& hasher, const Stack& stack, const std::vector<market::Bar>& bars) {
    if (stack.kind != StackKind::column) return store::add_bars(hasher, bars);
    std::vector<market::ColumnRow> rows;
    for (const market::Bar& bar : bars) rows.push_back(as_row(bar));
    store::add_rows(hasher, rows);
}

// What the catalogue has of a series beside its hash: a write relies on it.
bool is_as_hashed(const Series& series, const SeriesState& state, const Hashed& hashed) {
    return series.hash == hashed.hash && series.chain == hashed.chain &&
           series.state.first == state.first && series.state.last == state.last &&
           series.state.rows == state.rows;
}

bool same_labels(const SeriesState& a, const SeriesState& b) {
    return a.instrument == b.instrument && a.basis == b.basis && a.definition == b.definition;
}

// Hashes the series of one stack from version to version. Most versions add rows behind those of
// the version before in a file of their own: then only these are read, and the hash goes on from
// where it stood, so that all the versions of a store that is fed daily cost little more than one.
class StackHasher {
public:
    StackHasher(const Room& room, Stack stack) : room_(room), stack_(std::move(stack)) {}

    struct Seen {
        SeriesState state;
        Hashed hashed;
        bool changed = false;  // in the version that was seen last
    };

    // Every series as of a version in which the stack changed.
    Result<void> see(std::int64_t version) {
        HSL_TRY(const Snapshot snapshot, room_.catalogue->snapshot(stack_, version));
        std::map<std::string, Known, std::less<>> known;
        std::vector<std::size_t> some;  // symbols whose rows are to be read
        std::size_t rows = 0;
        for (std::size_t i = 0; i < snapshot.symbols.size(); ++i) {
            const Snapshot::Symbol& symbol = snapshot.symbols[i];
            const std::string& name = symbol.state.instrument.symbol;
            Known& now = known[name];
            if (const auto before = known_.find(name); before != known_.end())
                now = std::move(before->second);
            now.seen.changed = !same_labels(now.seen.state, symbol.state);
            now.seen.state = symbol.state;
            now.first_new = shared_places(now, snapshot, symbol);
            if (now.first_new == symbol.ranges.size() && now.points.size() == now.first_new) {
                if (now.seen.changed)
                    now.seen.hashed = hash_of(stack_, symbol.state, now.points.back().rows);
                continue;
            }
            now.seen.changed = true;
            some.push_back(i);
            for (std::size_t k = now.first_new; k < symbol.ranges.size(); ++k)
                rows += static_cast<std::size_t>(symbol.ranges[k].rows);
            if (rows < rows_at_once) continue;
            HSL_CHECK(read(snapshot, some, known));
            some.clear();
            rows = 0;
        }
        HSL_CHECK(read(snapshot, some, known));
        known_ = std::move(known);
        return {};
    }
    void see_nothing_new() {
        for (auto& [name, known] : known_) known.seen.changed = false;
    }
    [[nodiscard]] const Stack& stack() const { return stack_; }
    [[nodiscard]] auto series() const {
        return std::views::values(known_) | std::views::transform(&Known::seen);
    }

private:
    static constexpr std::size_t rows_at_once = 2'000'000;

    // Where the hash stood after the rows of a file, and those of the files below it.
    struct Point {
        std::array<std::int64_t, 3> place{};  // file, first row, rows
        BlockHasher rows;
        std::pair<Date, std::int32_t> last;
        bool known = true;  // false: files above it changed its rows before they were hashed
    };
    struct Known {
        Seen seen;
        std::vector<Point> points;
        std::size_t first_new = 0;
    };

    static std::array<std::int64_t, 3> place_of(const Snapshot& snapshot, const FileRange& range) {
        return {snapshot.files[range.file].id, range.first_row, range.rows};
    }

    static std::size_t shared_places(const Known& known, const Snapshot& snapshot,
                                     const Snapshot::Symbol& symbol) {
        std::size_t count = 0;
        while (count < known.points.size() && count < symbol.ranges.size() &&
               known.points[count].place == place_of(snapshot, symbol.ranges[count]))
            ++count;
        while (count > 0 && !known.points[count - 1].known) --count;
        return count;
    }

    // The rows of `some` that are new, one file after the other.
    Result<void> read(const Snapshot& snapshot, std::span<const std::size_t> some,
                      std::map<std::string, Known, std::less<>>& known) {
        if (some.empty()) return {};
        Snapshot part{.stack = stack_, .files = snapshot.files, .symbols = {}};
        for (const std::size_t i : some) {
            Snapshot::Symbol symbol = snapshot.symbols[i];
            const std::size_t first = known.at(symbol.state.instrument.symbol).first_new;
            symbol.ranges.erase(symbol.ranges.begin(),
                                symbol.ranges.begin() + static_cast<std::ptrdiff_t>(first));
            part.symbols.push_back(std::move(symbol));
        }
        HSL_TRY(const auto tables, load_files(room_.folder, part, 0));
        // Of each symbol, where in the tables its rows are.
        std::vector<std::vector<std::pair<std::size_t, std::size_t>>> at(some.size());
        std::vector<std::size_t> next(tables.size());
        for (std::size_t k = 0; k < some.size(); ++k)
            for (const FileRange& range : part.symbols[k].ranges)
                at[k].emplace_back(range.file, next[range.file]++);
        std::vector<char> over(some.size());  // rows lie over earlier ones
        parallel_for(some.size(), 0, [&](std::size_t k, unsigned) {
            const Snapshot::Symbol& symbol = part.symbols[k];
            Known& now = known.at(symbol.state.instrument.symbol);
            now.points.resize(now.first_new);
            for (std::size_t r = 0; r < symbol.ranges.size(); ++r) {
                const market::BarTable& table = tables[at[k][r].first];
                const auto bars = bars_of(table, table.symbols[at[k][r].second]);
                Point point;
                if (!now.points.empty()) point = now.points.back();
                if (!now.points.empty() &&
                    std::pair{bars.front().date, bars.front().minute} <= point.last) {
                    over[k] = 1;
                    return;
                }
                point.place = place_of(part, symbol.ranges[r]);
                add_to(point.rows, stack_, bars);
                point.last = {bars.back().date, bars.back().minute};
                now.points.push_back(std::move(point));
            }
            now.seen.hashed = hash_of(stack_, symbol.state, now.points.back().rows);
        });
        Snapshot whole{.stack = stack_, .files = snapshot.files, .symbols = {}};
        for (std::size_t k = 0; k < some.size(); ++k)
            if (over[k] != 0) whole.symbols.push_back(snapshot.symbols[some[k]]);
        return read_whole(whole, known);
    }

    // Symbols whose later files change earlier rows.
    Result<void> read_whole(const Snapshot& whole,
                            std::map<std::string, Known, std::less<>>& known) {
        if (whole.symbols.empty()) return {};
        HSL_TRY(const market::BarTable table, load(room_.folder, whole, Columns::all, 0));
        parallel_for(table.symbols.size(), 0, [&](std::size_t i, unsigned) {
            Known& now = known.at(table.symbols[i].instrument.symbol);
            const auto bars = bars_of(table, table.symbols[i]);
            now.points.clear();
            for (const FileRange& range : whole.symbols[i].ranges)
                now.points.push_back(
                    {.place = place_of(whole, range), .rows = {}, .last = {}, .known = false});
            Point& top = now.points.back();
            add_to(top.rows, stack_, bars);
            top.last = {bars.back().date, bars.back().minute};
            top.known = true;
            now.seen.hashed = hash_of(stack_, whole.symbols[i].state, top.rows);
        });
        return {};
    }

    const Room& room_;
    Stack stack_;
    std::map<std::string, Known, std::less<>> known_;
};

// The newest rows of a stack against the hashes of its series.
Result<void> compare_newest(const Room& room, const StackHasher& hasher,
                            store::VerifyReport& report) {
    const Stack& stack = hasher.stack();
    HSL_TRY(const auto series, room.catalogue->series(stack));
    std::map<std::string_view, const StackHasher::Seen*> seen;
    for (const StackHasher::Seen& each : hasher.series())
        seen.emplace(each.state.instrument.symbol, &each);
    Damage catalogue{
        .file = (room.folder / "catalogue.sqlite").string(),
        .what = fmt::format("does not fit the rows of the {}s{}{}", name_of(stack.kind),
                            stack.name.empty() ? "" : " ", stack.name),
        .symbols = {},
        .remedy = restore_remedy};
    for (const Series& each : series) {
        const auto found = seen.find(each.state.instrument.symbol);
        if (found == seen.end() || !is_as_hashed(each, found->second->state, found->second->hashed))
            catalogue.symbols.push_back(each.state.instrument.symbol);
        if (found != seen.end()) seen.erase(found);
    }
    for (const auto& [symbol, each] : seen) catalogue.symbols.emplace_back(symbol);
    if (!catalogue.symbols.empty()) report.damage.push_back(std::move(catalogue));
    return {};
}

// Every version's rows, labels and facts against its name.
class VersionCheck {
public:
    VersionCheck(const Room& room, store::VerifyReport& report) : room_(room), report_(report) {}

    Result<void> run(const std::vector<store::VersionSummary>& versions, const Progress& progress) {
        if (versions.empty()) return {};
        HSL_TRY(const auto naming, room_.catalogue->naming());
        HSL_TRY(const auto table_changes, room_.catalogue->changes_of_tables());
        std::int64_t first_rule = 0;
        for (std::size_t i = 0; i < versions.size(); ++i) {
            if (progress.stopped()) return std::unexpected(stopped());
            const std::int64_t number = versions[i].number;
            HSL_CHECK(see(number, i == 0));
            const bool tables_changed = i == 0 || table_changes.contains(number);
            if (tables_changed) {
                HSL_TRY(const store::Facts tables, room_.catalogue->tables(number));
                table_hash_ = store::table_hash(tables);
            }
            const bool is_newest = i + 1 == versions.size();
            const std::size_t damage = report_.damage.size();
            if (is_newest) HSL_CHECK(compare());
            if (naming[i].rule == 1) {
                ++first_rule;
                tell_misnamed();
            } else if (table_hash_ == naming[i].table_hash && name() == versions[i].version) {
                tell_misnamed();
            } else if (report_.damage.size() == damage) {
                note_misnamed(versions[i], tables_changed);
            }
            progress.done("hashing versions", i + 1, versions.size());
        }
        tell_misnamed();
        if (first_rule > 0)
            report_.notes.push_back(
                fmt::format("{} of format 1 have names that cannot be computed again: their files "
                            "were checked, not their names",
                            counted(first_rule, "version")));
        return {};
    }

private:
    Result<void> see(std::int64_t number, bool is_first) {
        HSL_TRY(const auto stacks, room_.catalogue->stacks(number));
        for (const Stack& stack : stacks) {
            auto held = stacks_.find(stack);
            if (held == stacks_.end()) {
                held = stacks_.emplace(stack, StackHasher{room_, stack}).first;
                HSL_TRY(changes_[stack], room_.catalogue->changes_of(stack));
                HSL_CHECK(held->second.see(number));
            } else if (is_first || changes_.at(stack).contains(number)) {
                HSL_CHECK(held->second.see(number));
            } else {
                held->second.see_nothing_new();
            }
        }
        return {};
    }

    [[nodiscard]] std::string name() const {
        std::vector<store::NamedHash> named;
        for (const auto& [stack, hasher] : stacks_)
            for (const StackHasher::Seen& each : hasher.series())
                named.push_back({each.state.instrument.symbol, stack.name, name_of(stack.kind),
                                 each.hashed.hash});
        return store::data_version(std::move(named), table_hash_);
    }

    // What is wrong in one version is wrong in those after it: they are told together. The version
    // before the first had its name, so that it is what changed with the first.
    struct Misnamed {
        store::VersionSummary first, last;
        bool tables_changed = false;
        std::set<std::string> symbols = {};
    };
    void note_misnamed(const store::VersionSummary& version, bool tables_changed) {
        if (misnamed_) {
            misnamed_->last = version;
            return;
        }
        misnamed_ = {.first = version, .last = version, .tables_changed = tables_changed};
        for (const auto& [stack, hasher] : stacks_)
            for (const StackHasher::Seen& each : hasher.series())
                if (each.changed) misnamed_->symbols.insert(each.state.instrument.symbol);
    }
    void tell_misnamed() {
        if (!misnamed_) return;
        const auto& [first, last, tables_changed, symbols] = *misnamed_;
        const std::string which =
            first.number == last.number
                ? fmt::format("version {} ({}) does", first.number, first.version)
                : fmt::format("versions {} ({}) to {} ({}) do", first.number, first.version,
                              last.number, last.version);
        report_.damage.push_back(
            {.file = (room_.folder / "catalogue.sqlite").string(),
             .what = fmt::format("{} not hold what the name says: rows or labels{}{}", which,
                                 tables_changed ? ", or listings, states and actions," : "",
                                 symbols.empty() ? "" : ", of what changed with it"),
             .symbols = {symbols.begin(), symbols.end()},
             .remedy = restore_remedy});
        misnamed_.reset();
    }

    Result<void> compare() {
        for (const auto& [stack, hasher] : stacks_)
            HSL_CHECK(compare_newest(room_, hasher, report_));
        HSL_TRY(const auto hashes, room_.catalogue->hashes());
        Damage stackless{.file = (room_.folder / "catalogue.sqlite").string(),
                         .what = "has series without files",
                         .symbols = {},
                         .remedy = restore_remedy};
        for (const auto& [symbol, name, kind, hash] : hashes.series)
            if (std::ranges::none_of(stacks_, [&](const auto& held) {
                    return held.first.name == name && name_of(held.first.kind) == kind;
                }))
                stackless.symbols.push_back(symbol);
        if (!stackless.symbols.empty()) report_.damage.push_back(std::move(stackless));
        return {};
    }

    const Room& room_;
    store::VerifyReport& report_;
    std::map<Stack, StackHasher> stacks_;
    std::map<Stack, std::set<std::int64_t>> changes_;
    std::string table_hash_;
    std::optional<Misnamed> misnamed_;
};

Result<void> verify_runs(const Room& room, store::VerifyReport& report) {
    HSL_TRY(const auto check, room.catalogue->check_runs());
    report.runs = check.runs;
    for (const RunFault& fault : check.faults)
        report.damage.push_back({.file = (room.folder / "catalogue.sqlite").string(),
                                 .what = fmt::format("run {}: {}", fault.id, fault.what),
                                 .symbols = {},
                                 .remedy = "run it again: " + fault.command});
    if (check.forgotten > 0)
        report.notes.push_back(
            fmt::format("{} cannot be repeated: the versions they saw were let go by `hsl data "
                        "compact --forget`",
                        counted(check.forgotten, "run")));
    return {};
}

}  // namespace

Result<store::VerifyReport> verify_store(const Room& room, const Progress& progress) {
    store::VerifyReport report;
    const std::string catalogue = (room.folder / "catalogue.sqlite").string();
    HSL_TRY(const std::string fault, room.catalogue->integrity());
    if (!fault.empty())
        report.damage.push_back(
            {.file = catalogue, .what = fault, .symbols = {}, .remedy = restore_remedy});
    HSL_TRY(const auto versions, room.catalogue->versions());
    HSL_TRY(const auto files, room.catalogue->files());
    report.versions = static_cast<std::int64_t>(versions.size());
    report.files = static_cast<std::int64_t>(files.size());
    const std::int64_t newest = versions.empty() ? 0 : versions.back().number;
    std::mutex lock;
    std::size_t done = 0;
    parallel_for(files.size(), 0, [&](std::size_t i, unsigned) {
        if (progress.stopped()) return;
        const std::filesystem::path path = room.folder / files[i].file.path();
        std::string what = fault_of(path, files[i].file);
        const std::lock_guard guard{lock};
        report.bytes += files[i].file.bytes;
        if (!what.empty())
            report.damage.push_back(damage_of(path, files[i], newest, std::move(what)));
        progress.done("checking files", ++done, files.size());
    });
    if (progress.stopped()) return std::unexpected(stopped());
    // By file name, whichever was read first.
    std::ranges::sort(report.damage, {}, &Damage::file);
    if (fault.empty()) HSL_CHECK(verify_runs(room, report));
    // Rows are hashed only where the files are sound: what is wrong with them is said already.
    const bool files_are_sound = std::ranges::none_of(
        report.damage, [&](const Damage& damage) { return damage.file != catalogue; });
    if (!fault.empty() || !files_are_sound) return report;
    if (auto content = VersionCheck{room, report}.run(versions, progress); !content) {
        if (content.error().code != ErrorCode::corrupt) return std::unexpected(content.error());
        report.damage.push_back({.file = catalogue,
                                 .what = content.error().message,
                                 .symbols = {},
                                 .remedy = restore_remedy});
    }
    return report;
}

}  // namespace hsl::adapters
