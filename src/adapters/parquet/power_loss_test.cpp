// SPDX-License-Identifier: Apache-2.0

// What a loss of power leaves. Everything that a store changes on disk is recorded: its own files
// by a Disk, the catalogue and its write-ahead log by a VFS of SQLite. From the record, the folder
// is laid out as it may lie after the power went at any moment: what was not synced is missing,
// torn or there, in any order. docs/concepts/store.md says what the model covers.

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <sqlite3.h>

#include "adapters/parquet/detail/disk.hpp"
#include "adapters/parquet/parquet_store.hpp"
#include "base/rng.hpp"
#include "store/test_bars.hpp"

namespace hsl::adapters {
namespace {

using store::incoming_for_test;

enum class Did : std::uint8_t { write, truncate, sync, name, rename, unname, sync_folder };

// One thing that was done. Names are relative to the store's folder.
struct Step {
    Did did{};
    int file = 0;          // which file, whatever it is called; of a folder -1
    std::int64_t at = 0;   // where bytes went, or the new size
    std::string bytes{};   // what was written
    std::string name{};    // of the file, or the folder that was synced
    std::string before{};  // the name that it had
};

std::string folder_of_name(const std::string& name) {
    return std::filesystem::path{name}.parent_path().string();
}

class Record {
public:
    explicit Record(std::filesystem::path root) : root_(std::move(root)) {
        // What is there when the record begins is on the disk.
        for (const auto& entry : std::filesystem::recursive_directory_iterator{root_}) {
            const std::string name = name_of(entry.path());
            if (entry.is_directory()) {
                start_names_[name] = -1;
            } else if (!name.ends_with("-shm") && name != "lock") {
                std::ifstream stream{entry.path(), std::ios::binary};
                start_names_[name] = next_file_;
                start_bytes_[next_file_++].assign(std::istreambuf_iterator<char>{stream}, {});
            }
        }
        names_ = start_names_;
    }

    [[nodiscard]] bool covers(const std::filesystem::path& path) const {
        return path.string().starts_with(root_.string() + "/");
    }
    [[nodiscard]] std::string name_of(const std::filesystem::path& path) const {
        return path == root_ ? std::string{} : path.string().substr(root_.string().size() + 1);
    }
    [[nodiscard]] std::size_t size() {
        const std::lock_guard guard{lock_};
        return steps_.size();
    }

    // The file of that name, made if there is none.
    int open(const std::filesystem::path& path) {
        const std::lock_guard guard{lock_};
        const std::string name = name_of(path);
        const auto [at, is_new] = names_.try_emplace(name, next_file_);
        if (is_new) steps_.push_back({.did = Did::name, .file = next_file_++, .name = name});
        return at->second;
    }
    void make_folder(const std::filesystem::path& path) {
        const std::lock_guard guard{lock_};
        names_[name_of(path)] = -1;
        steps_.push_back({.did = Did::name, .file = -1, .name = name_of(path)});
    }
    void rename(const std::filesystem::path& from, const std::filesystem::path& to) {
        const std::lock_guard guard{lock_};
        const int file = names_.at(name_of(from));
        names_.erase(name_of(from));
        names_[name_of(to)] = file;
        steps_.push_back(
            {.did = Did::rename, .file = file, .name = name_of(to), .before = name_of(from)});
    }
    void remove(const std::filesystem::path& path) {
        const std::lock_guard guard{lock_};
        if (names_.erase(name_of(path)) > 0)
            steps_.push_back({.did = Did::unname, .name = name_of(path)});
    }
    void add(Step step) {
        const std::lock_guard guard{lock_};
        steps_.push_back(std::move(step));
    }

    // The folder as it may lie when the power goes after `end` steps.
    void lay_out(std::size_t end, Rng& rng, const std::filesystem::path& target) const {
        const auto names = names_after(end, rng);
        std::map<int, std::vector<std::size_t>> of_file;
        for (std::size_t i = 0; i < end; ++i)
            if (steps_[i].did <= Did::sync) of_file[steps_[i].file].push_back(i);
        std::filesystem::create_directories(target);
        for (const auto& [name, file] : names)
            if (file < 0) std::filesystem::create_directory(target / name);
        for (const auto& [name, file] : names) {
            const auto folder = names.find(folder_of_name(name));
            if (file < 0 || (name.contains('/') && folder == names.end())) continue;
            std::ofstream{target / name, std::ios::binary} << bytes_after(file, of_file[file], rng);
        }
    }

private:
    // Names that were synced, and any of the later changes.
    [[nodiscard]] std::map<std::string, int> names_after(std::size_t end, Rng& rng) const {
        std::map<std::string, std::size_t> synced;
        for (std::size_t i = 0; i < end; ++i)
            if (steps_[i].did == Did::sync_folder) synced[steps_[i].name] = i;
        const std::uint64_t kept_of_4 = rng.below(3) * 2;  // none, half, all
        std::map<std::string, int> names = start_names_;
        for (std::size_t i = 0; i < end; ++i) {
            const Step& step = steps_[i];
            if (step.did <= Did::sync || step.did == Did::sync_folder) continue;
            const auto sync = synced.find(folder_of_name(step.name));
            if ((sync == synced.end() || sync->second < i) && rng.below(4) >= kept_of_4) continue;
            if (step.did == Did::rename) names.erase(step.before);
            if (step.did == Did::unname)
                names.erase(step.name);
            else
                names[step.name] = step.file;
        }
        return names;
    }

    static void write(std::string& bytes, std::size_t at, std::string_view what) {
        if (bytes.size() < at + what.size()) bytes.resize(at + what.size());
        std::memcpy(bytes.data() + at, what.data(), what.size());
    }

    // What a file holds: all that was synced, and of what came later nothing, a beginning that ends
    // within a write, or of each block another moment's bytes.
    [[nodiscard]] std::string bytes_after(int file, const std::vector<std::size_t>& steps,
                                          Rng& rng) const {
        std::string bytes;
        if (const auto start = start_bytes_.find(file); start != start_bytes_.end())
            bytes = start->second;
        std::size_t synced = 0;  // steps before are on the disk
        for (std::size_t k = 0; k < steps.size(); ++k)
            if (steps_[steps[k]].did == Did::sync) synced = k;
        const auto apply = [&](std::size_t k, std::size_t most = SIZE_MAX) {
            const Step& step = steps_[steps[k]];
            if (step.did == Did::write)
                write(bytes, static_cast<std::size_t>(step.at),
                      std::string_view{step.bytes}.substr(0, most));
            if (step.did == Did::truncate) bytes.resize(static_cast<std::size_t>(step.at));
        };
        for (std::size_t k = 0; k < synced; ++k) apply(k);
        const std::size_t left = steps.size() - synced;
        switch (left == 0 ? 0 : rng.below(4)) {
            case 0:
                break;
            case 1:
                for (std::size_t k = synced; k < steps.size(); ++k) apply(k);
                break;
            case 2: {
                const std::size_t torn = synced + rng.below(left);
                for (std::size_t k = synced; k < torn; ++k) apply(k);
                apply(torn, rng.below(steps_[steps[torn]].bytes.size() + 1));
                break;
            }
            default:
                apply_blocks(bytes, steps, synced, rng);
        }
        return bytes;
    }

    void apply_blocks(std::string& bytes, const std::vector<std::size_t>& steps, std::size_t synced,
                      Rng& rng) const {
        const std::size_t block = rng.below(2) == 0 ? 512 : 4096;
        std::map<std::size_t, std::size_t> ends;  // of each block, how many of the steps it saw
        const auto end_of = [&](std::size_t number) {
            const auto [at, is_new] = ends.try_emplace(number, synced);
            if (is_new) {
                const std::uint64_t choice = rng.below(3);
                if (choice == 1) at->second = steps.size();
                if (choice == 2) at->second += rng.below(steps.size() - synced + 1);
            }
            return at->second;
        };
        std::size_t size = bytes.size();
        for (std::size_t k = synced; k < steps.size(); ++k) {
            const Step& step = steps_[steps[k]];
            const auto first = static_cast<std::size_t>(step.at);
            if (step.did == Did::truncate) size = first;
            if (step.did == Did::truncate && rng.below(2) == 0) bytes.resize(first);
            if (step.did != Did::write) continue;
            const std::size_t last = first + step.bytes.size();
            size = std::max(size, last);
            for (std::size_t at = first; at < last;) {
                const std::size_t next = std::min(last, (at / block + 1) * block);
                if (k < end_of(at / block))
                    write(bytes, at, std::string_view{step.bytes}.substr(at - first, next - at));
                at = next;
            }
        }
        // A new size may be on the disk before the bytes are.
        if (rng.below(2) == 0 && bytes.size() < size) bytes.resize(size);
    }

    std::filesystem::path root_;
    std::mutex lock_;
    int next_file_ = 0;
    std::map<std::string, int> start_names_;
    std::map<int, std::string> start_bytes_;
    std::map<std::string, int> names_;
    std::vector<Step> steps_;
};

// What a writer that is not ours forgets to sync.
enum class Forgets : std::uint8_t { nothing, files, folders, catalogue };

// The operating system's, recorded; it does not sync, for no power is lost here.
class RecordingDisk final : public Disk {
public:
    RecordingDisk(Record& record, Forgets forgets) : record_(&record), forgets_(forgets) {}

    int make(const std::filesystem::path& path, FileHandle& file) override {
        if (const int error = Disk::make(path, file); error != 0) return error;
        const int number = record_->open(path);
        open_[file.get()] = {number, 0};
        record_->add({.did = Did::truncate, .file = number, .at = 0});
        return 0;
    }
    int write(const FileHandle& file, std::string_view bytes) override {
        if (const int error = Disk::write(file, bytes); error != 0) return error;
        auto& [number, at] = open_.at(file.get());
        record_->add({.did = Did::write, .file = number, .at = at, .bytes = std::string{bytes}});
        at += static_cast<std::int64_t>(bytes.size());
        return 0;
    }
    int sync(const FileHandle& file) override {
        if (forgets_ != Forgets::files)
            record_->add({.did = Did::sync, .file = open_.at(file.get()).first});
        return 0;
    }
    int rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
        if (const int error = Disk::rename(from, to); error != 0) return error;
        record_->rename(from, to);
        return 0;
    }
    int remove(const std::filesystem::path& path) override {
        if (const int error = Disk::remove(path); error != 0) return error;
        record_->remove(path);
        return 0;
    }
    int make_folder(const std::filesystem::path& path) override {
        if (const int error = Disk::make_folder(path); error != 0) return error;
        record_->make_folder(path);
        return 0;
    }
    int sync_folder(const std::filesystem::path& folder) override {
        if (forgets_ != Forgets::folders)
            record_->add({.did = Did::sync_folder, .name = record_->name_of(folder)});
        return 0;
    }

private:
    Record* record_;
    Forgets forgets_;
    std::map<int, std::pair<int, std::int64_t>> open_;  // by descriptor: file, size
};

// What is done to a store that was laid out is lost with the next loss: waiting for the machine's
// disk shows nothing, and on a busy one it is most of the time.
class UnsyncedDisk final : public Disk {
public:
    int sync(const FileHandle&) override { return 0; }
    int sync_folder(const std::filesystem::path&) override { return 0; }
};

// SQLite's files, recorded while there is a record; their syncs are only recorded.
class RecordingVfs {
public:
    RecordingVfs() {
        below = sqlite3_vfs_find(nullptr);
        vfs_ = *below;
        vfs_.zName = "hsl-recording";
        vfs_.szOsFile = static_cast<int>(sizeof(File)) + below->szOsFile;
        vfs_.xOpen = open;
        vfs_.xDelete = remove;
        sqlite3_vfs_register(&vfs_, 1);
    }
    RecordingVfs(const RecordingVfs&) = delete;
    RecordingVfs& operator=(const RecordingVfs&) = delete;
    ~RecordingVfs() {
        record = nullptr;
        sqlite3_vfs_unregister(&vfs_);
        sqlite3_vfs_register(below, 1);
    }

    static inline Record* record = nullptr;
    static inline Forgets forgets = Forgets::nothing;

private:
    struct File {
        sqlite3_file base;
        int number;         // -1: not recorded
        bool syncs_folder;  // SQLite syncs the folder with a new log
        sqlite3_file* real;
        std::string* path;
    };
    static File& as_file(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
    static sqlite3_file* real(sqlite3_file* file) { return as_file(file).real; }

    static int open(sqlite3_vfs*, const char* name, sqlite3_file* handle, int flags, int* out) {
        File& file = as_file(handle);
        file = {.base = {},
                .number = -1,
                .syncs_folder = (flags & SQLITE_OPEN_WAL) != 0,
                .real = reinterpret_cast<sqlite3_file*>(&file + 1),
                .path = nullptr};
        const int status = below->xOpen(below, name, file.real, flags, out);
        if (status != SQLITE_OK) return status;
        file.base.pMethods = &methods;
        file.path = new std::string{name != nullptr ? name : ""};
        if (record != nullptr && record->covers(*file.path)) file.number = record->open(*file.path);
        return status;
    }
    static int remove(sqlite3_vfs*, const char* name, int sync) {
        const int status = below->xDelete(below, name, 0);
        if (status != SQLITE_OK || record == nullptr || !record->covers(name)) return status;
        record->remove(name);
        if (sync != 0)
            record->add({.did = Did::sync_folder, .name = folder_of_name(record->name_of(name))});
        return status;
    }
    static int close(sqlite3_file* file) {
        delete as_file(file).path;
        return real(file)->pMethods->xClose(real(file));
    }
    static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
        if (record != nullptr && as_file(file).number >= 0)
            record->add(
                {.did = Did::write,
                 .file = as_file(file).number,
                 .at = at,
                 .bytes = {static_cast<const char*>(bytes), static_cast<std::size_t>(count)}});
        return real(file)->pMethods->xWrite(real(file), bytes, count, at);
    }
    static int truncate(sqlite3_file* file, sqlite3_int64 size) {
        if (record != nullptr && as_file(file).number >= 0)
            record->add({.did = Did::truncate, .file = as_file(file).number, .at = size});
        return real(file)->pMethods->xTruncate(real(file), size);
    }
    static int sync(sqlite3_file* handle, int) {
        File& file = as_file(handle);
        if (record == nullptr || file.number < 0 || forgets == Forgets::catalogue) return SQLITE_OK;
        record->add({.did = Did::sync, .file = file.number});
        if (file.syncs_folder)
            record->add(
                {.did = Did::sync_folder, .name = folder_of_name(record->name_of(*file.path))});
        file.syncs_folder = false;
        return SQLITE_OK;
    }

    static inline sqlite3_vfs* below = nullptr;
    sqlite3_vfs vfs_{};
    static constexpr sqlite3_io_methods methods{
        .iVersion = 2,
        .xClose = close,
        .xRead = [](sqlite3_file* f, void* to, int count,
                    sqlite3_int64 at) { return real(f)->pMethods->xRead(real(f), to, count, at); },
        .xWrite = write,
        .xTruncate = truncate,
        .xSync = sync,
        .xFileSize =
            [](sqlite3_file* f, sqlite3_int64* size) {
                return real(f)->pMethods->xFileSize(real(f), size);
            },
        .xLock = [](sqlite3_file* f, int kind) { return real(f)->pMethods->xLock(real(f), kind); },
        .xUnlock = [](sqlite3_file* f,
                      int kind) { return real(f)->pMethods->xUnlock(real(f), kind); },
        .xCheckReservedLock =
            [](sqlite3_file* f, int* out) {
                return real(f)->pMethods->xCheckReservedLock(real(f), out);
            },
        // Hints of sizes would change files behind the record.
        .xFileControl =
            [](sqlite3_file* f, int what, void* value) {
                return what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE
                           ? SQLITE_NOTFOUND
                           : real(f)->pMethods->xFileControl(real(f), what, value);
            },
        .xSectorSize = [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
        .xDeviceCharacteristics =
            [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
        .xShmMap =
            [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
                return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
            },
        .xShmLock =
            [](sqlite3_file* f, int first, int count, int flags) {
                return real(f)->pMethods->xShmLock(real(f), first, count, flags);
            },
        .xShmBarrier = [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
        .xShmUnmap = [](sqlite3_file* f,
                        int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); },
        .xFetch = nullptr,
        .xUnfetch = nullptr,
    };
};

class PowerLoss : public testing::Test {
protected:
    PowerLoss() {
        std::string name = (std::filesystem::temp_directory_path() / "hsl-power-XXXXXX").string();
        if (::mkdtemp(name.data()) != nullptr) root_ = name;
    }
    ~PowerLoss() override {
        RecordingVfs::record = nullptr;
        use_disk(nullptr);
        std::filesystem::remove_all(root_);
    }

    // The names of the versions and the rows in quarantine, when they were acknowledged.
    struct State {
        std::vector<std::string> versions;
        std::int64_t quarantined = 0;
        std::size_t steps = 0;
    };

    static store::Incoming import_number(int k) {
        store::Incoming incoming;
        const Date day = Date::from_civil(2000, 1, 1) + k * 5;
        for (int i = 0; i < 4; ++i) {
            const std::string symbol = std::to_string(100'000 + i * 10);
            const auto seed = static_cast<std::uint64_t>(k * 100 + i);
            incoming.symbols.push_back(
                incoming_for_test(symbol, store::bars_for_test(k == 0 ? 60 : 5, seed, day)));
            auto minute = incoming_for_test(symbol, store::bars_for_test(3, seed, day));
            minute.interval = market::Interval::minute;
            for (auto& bar : minute.bars) bar.minute = 540;
            if (i == 0 && k % 2 == 0) incoming.symbols.push_back(minute);
        }
        incoming.facts.columns = {{"100000", "per", {{day, day, static_cast<double>(k)}}, "f"}};
        incoming.facts.listings = {{.symbol = "100000", .name = std::to_string(k)}};
        incoming.quarantined.push_back(
            {.symbol = "100000", .file = "f", .line = k, .reason = "zero_close"});
        return incoming;
    }

    static State state_of(store::BarStore& store) {
        State state;
        const auto versions = store.versions().value();
        for (const auto& version : versions) state.versions.push_back(version.version);
        state.quarantined = store.quarantine_count().value();
        return state;
    }

    // Imports and compactions, by several openings of the store; every state acknowledged.
    void record(Forgets forgets) {
        const std::filesystem::path folder = root_ / "store";
        ASSERT_TRUE(open_parquet_store(folder, true));
        record_.emplace(folder);
        disk_.emplace(*record_, forgets);
        RecordingVfs::forgets = forgets;
        use_disk(&*disk_);
        RecordingVfs::record = &*record_;
        states_.push_back({});
        for (int k = 0; k < 12;) {
            const auto store = open_parquet_store(folder, false).value();
            const auto acknowledge = [&] {
                states_.push_back(state_of(*store));
                states_.back().steps = record_->size();
            };
            for (const int end = k + 3; k < end; ++k) {
                const auto writer = store->open_writer().value();
                ASSERT_TRUE(writer->write(import_number(k), {.replace = true}, {}));
                acknowledge();
                if (k % 4 == 3) {
                    ASSERT_TRUE(writer->compact(k % 8 == 7, {}));
                    acknowledge();
                }
            }
        }
        RecordingVfs::record = nullptr;
        use_disk(nullptr);
    }

    // What is wrong with the store in `folder` after the power went at `steps`; "" for nothing.
    std::string fault_in(const std::filesystem::path& folder, std::size_t steps) const {
        const auto store = open_parquet_store(folder, false);
        if (!store) return "does not open: " + store.error().message;
        const State state = state_of(**store);
        const auto next = std::ranges::upper_bound(states_, steps, {}, &State::steps);
        const auto is = [&](const State& other) {
            return state.versions == other.versions && state.quarantined == other.quarantined;
        };
        if (!is(*(next - 1)) && (next == states_.end() || !is(*next)))
            return "holds " + std::to_string(state.versions.size()) +
                   " versions, neither the old state nor the new one";
        const auto report = (*store)->verify({});
        if (!report) return "is not verified: " + report.error().message;
        if (!report->damage.empty())
            return report->damage[0].file + " is damaged: " + report->damage[0].what;
        for (const std::string& version : state.versions)
            if (const auto table = (*store)->read({.at = version, .threads = 1}); !table)
                return "is not read: " + table.error().message;
        // The next writer finds its way, whatever lies about.
        const auto writer = (*store)->open_writer();
        if (!writer) return "is not written: " + writer.error().message;
        const auto more = (*writer)->write(import_number(50), {}, {});
        if (!more) return "is not written: " + more.error().message;
        const auto after = (*store)->verify({});
        return after && after->damage.empty() ? "" : "is damaged by the next write";
    }

    // How many of the losses leave a store that is not whole; fails for them if `must_be_whole`.
    int faults(int losses, bool must_be_whole) {
        const std::uint64_t seed = std::random_device{}();
        SCOPED_TRACE("seed " + std::to_string(seed));
        Rng rng{seed};
        UnsyncedDisk unsynced;
        use_disk(&unsynced);
        int count = 0;
        for (int loss = 0; loss < losses; ++loss) {
            const std::size_t steps = rng.below(record_->size() + 1);
            const std::filesystem::path folder = root_ / "after";
            std::filesystem::remove_all(folder);
            record_->lay_out(steps, rng, folder);
            const std::string fault = fault_in(folder, steps);
            if (fault.empty()) continue;
            ++count;
            if (must_be_whole)
                ADD_FAILURE() << "loss " << loss << " after step " << steps << ": " << fault;
            if (must_be_whole && count == 5) break;
        }
        use_disk(nullptr);
        return count;
    }

private:
    std::filesystem::path root_;
    RecordingVfs vfs_;
    std::optional<Record> record_;
    std::optional<RecordingDisk> disk_;
    std::vector<State> states_;
};

TEST_F(PowerLoss, LeavesTheOldVersionOrTheNewOne) {
    record(Forgets::nothing);
    EXPECT_EQ(faults(300, true), 0);
}

// The model finds a writer that leaves out any one kind of its syncs.
class PowerLossOfAWriterThatForgets : public PowerLoss,
                                      public testing::WithParamInterface<Forgets> {};
TEST_P(PowerLossOfAWriterThatForgets, IsFound) {
    record(GetParam());
    EXPECT_GT(faults(60, false), 0);
}
INSTANTIATE_TEST_SUITE_P(, PowerLossOfAWriterThatForgets,
                         testing::Values(Forgets::files, Forgets::folders, Forgets::catalogue));

using LongPowerLoss = PowerLoss;
TEST_F(LongPowerLoss, LeavesTheOldVersionOrTheNewOneFiveThousandTimes) {
    record(Forgets::nothing);
    EXPECT_EQ(faults(5000, true), 0);
}

}  // namespace
}  // namespace hsl::adapters
