// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/parquet_store.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <parquet/exception.h>

#include "adapters/parquet/detail/bar_file.hpp"
#include "adapters/parquet/detail/catalogue.hpp"
#include "adapters/parquet/detail/folder.hpp"
#include "adapters/parquet/detail/ranges.hpp"
#include "store/bar_store_contract.hpp"
#include "store/content_hash.hpp"
#include "store/lookup.hpp"

namespace hsl::store {

// A folder of its own, removed when the last user of the store is gone.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "hsl-store-XXXXXX").string();
        if (::mkdtemp(name.data()) != nullptr) path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

INSTANTIATE_TEST_SUITE_P(Parquet, BarStoreContract,
                         testing::Values(StoreCase{
                             "parquet", [] {
                                 const auto folder = std::make_shared<TemporaryFolder>();
                                 return [folder]() -> std::shared_ptr<BarStore> {
                                     auto store = adapters::open_parquet_store(
                                         folder->path() / "store", true);
                                     if (store) return std::move(*store);
                                     ADD_FAILURE() << store.error().text();
                                     return nullptr;
                                 };
                             }}));

}  // namespace hsl::store

namespace hsl::adapters {

using store::bars_for_test;
using store::BarStore;
using store::incoming_for_test;
using store::IncomingSymbol;
using store::TemporaryFolder;
using testing::AllOf;
using testing::HasSubstr;

// ThreadSanitizer cannot follow a fork of a process that ever had threads.
#ifdef __SANITIZE_THREAD__
#define SKIP_WITHOUT_FORK() GTEST_SKIP() << "forks, which this sanitizer cannot follow"
#else
#define SKIP_WITHOUT_FORK() static_cast<void>(0)
#endif

class ParquetStore : public testing::Test {
protected:
    [[nodiscard]] std::filesystem::path folder() const { return folder_.path() / "store"; }
    std::unique_ptr<BarStore> open() const {
        auto store = open_parquet_store(folder(), true);
        if (!store) ADD_FAILURE() << store.error().text();
        return std::move(*store);
    }
    static Result<store::WriteSummary> write(BarStore& store, std::vector<IncomingSymbol> symbols,
                                             const store::WriteOptions& options = {}) {
        HSL_TRY(const auto writer, store.open_writer());
        return writer->write({.symbols = std::move(symbols)}, options, {});
    }
    [[nodiscard]] std::vector<std::filesystem::path> bar_files() const {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator{folder() / "bars"})
            files.push_back(entry.path());
        std::ranges::sort(files);
        return files;
    }
    static void expect_error(const Result<market::BarTable>& read, ErrorCode code,
                             const std::string& part) {
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().code, code) << read.error().message;
        EXPECT_THAT(read.error().message, HasSubstr(part));
    }
    void survive_kills(int kills);
    // Runs `work` in a child process and returns its exit status; work returns 0 when content.
    static int in_child(const std::function<int()>& work) {
        const pid_t child = ::fork();
        if (child == 0) ::_exit(work());
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    }

private:
    TemporaryFolder folder_;
};

TEST_F(ParquetStore, IsNotMadeByReaders) {
    const auto store = open_parquet_store(folder(), false);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::not_found);
    EXPECT_THAT(store.error().message, AllOf(HasSubstr("no store at"), HasSubstr("hsl import")));
    EXPECT_FALSE(std::filesystem::exists(folder()));
}

TEST_F(ParquetStore, IsOneStoreWhoeverOpensItFirst) {
    std::vector<std::jthread> openers;
    openers.reserve(8);
    for (int i = 0; i < 8; ++i)
        openers.emplace_back([&] {
            const auto store = open_parquet_store(folder(), true);
            ASSERT_TRUE(store) << store.error().text();
            EXPECT_EQ((*store)->data_version().value(), "");
        });
}

TEST_F(ParquetStore, KeepsEverythingBetweenProcesses) {
    SKIP_WITHOUT_FORK();
    const auto bars = incoming_for_test("005930", bars_for_test(1250, 1), market::Market::kospi);
    EXPECT_EQ(in_child([&] { return write(*open(), {bars}) ? 0 : 1; }), 0);
    const auto store = open_parquet_store(folder(), false);
    ASSERT_TRUE(store) << store.error().text();
    const auto table = (*store)->read({.symbols = {"005930"}, .threads = 2});
    ASSERT_TRUE(table) << table.error().text();
    EXPECT_EQ(store::bars_of(*table, 0), bars.bars);
    EXPECT_EQ(bar_files().size(), 1u);
}

// More rows than a row group holds, symbols across its edge, several files over one another.
TEST_F(ParquetStore, ReadsAnySymbolsOfManyRowGroupsAndFiles) {
    constexpr std::uint64_t seed = 7;
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng{seed};
    const auto held = store::in_memory_store();
    const auto store = open();
    std::vector<std::string> names;
    std::vector<IncomingSymbol> all;
    for (int i = 0; i < 60; ++i) {
        names.push_back(std::to_string(100'000 + i * 10));
        all.push_back(incoming_for_test(names.back(), bars_for_test(4000 + rng.below(2000), 100)));
    }
    for (int round = 0; round < 6; ++round) {
        std::vector<IncomingSymbol> some;
        for (const auto& symbol : all) {
            if (round > 0 && rng.below(3) == 0) continue;
            auto part = symbol;
            std::erase_if(part.bars,
                          [&](const market::Bar&) { return rng.below(round == 0 ? 10 : 2) == 0; });
            if (round > 2) part.bars.resize(std::min<std::size_t>(part.bars.size(), 20));
            for (auto& bar : part.bars)
                if (rng.below(50) == 0) bar.close += round;
            part.lines.clear();
            some.push_back(std::move(part));
        }
        const auto expected = write(*held, some, {.replace = true});
        const auto summary = write(*store, some, {.replace = true});
        ASSERT_TRUE(summary) << summary.error().text();
        EXPECT_EQ(summary->version, expected->version);
        EXPECT_EQ(summary->replaced, expected->replaced);
    }
    for (int round = 0; round < 12; ++round) {
        std::vector<std::string> wanted;
        for (const auto& name : names)
            if (round > 0 && rng.below(6) == 0) wanted.push_back(name);
        const auto expected = held->read({.symbols = wanted}).value();
        const auto table =
            store->read({.symbols = wanted, .threads = 1 + static_cast<unsigned>(round) % 3});
        ASSERT_TRUE(table) << table.error().text();
        ASSERT_EQ(table->symbols.size(), expected.symbols.size());
        EXPECT_EQ(table->date, expected.date);
        EXPECT_EQ(table->open, expected.open);
        EXPECT_EQ(table->high, expected.high);
        EXPECT_EQ(table->low, expected.low);
        EXPECT_EQ(table->close, expected.close);
        EXPECT_EQ(table->volume, expected.volume);
        EXPECT_EQ(table->value, expected.value);
    }
}

// What superseded files hold stays on disk for older versions; what a reader opens stays little.
TEST_F(ParquetStore, StaysAFewFilesWhenFedDaily) {
    const auto store = open();
    std::vector<IncomingSymbol> whole;
    whole.reserve(5);
    for (int i = 0; i < 5; ++i)
        whole.push_back(incoming_for_test(std::to_string(100'000 + i), bars_for_test(300, 3)));
    const auto days = [&](std::size_t first, std::size_t end) {
        auto part = whole;
        for (auto& symbol : part) {
            symbol.bars = {symbol.bars.begin() + static_cast<std::ptrdiff_t>(first),
                           symbol.bars.begin() + static_cast<std::ptrdiff_t>(end)};
            symbol.lines.clear();
        }
        return part;
    };
    ASSERT_TRUE(write(*store, days(0, 250)));
    for (std::size_t day = 250; day < 300; ++day) ASSERT_TRUE(write(*store, days(day, day + 1)));
    EXPECT_EQ(store->versions()->size(), 51u);
    EXPECT_EQ(bar_files().size(), 51u);
    const auto table = store->read({.threads = 2}).value();
    for (std::size_t i = 0; i < whole.size(); ++i)
        EXPECT_EQ(store::bars_of(table, i), whole[i].bars);

    // 250 + (32 + 16 + 2) days: four files are read, the other 47 are not missed.
    std::size_t needed = 0;
    for (const auto& path : bar_files()) {
        const auto away = path.string() + ".away";
        std::filesystem::rename(path, away);
        if (!store->read({.threads = 1})) ++needed;
        std::filesystem::rename(away, path);
    }
    EXPECT_EQ(needed, 4u);
}

TEST_F(ParquetStore, NamesTheProcessThatHoldsIt) {
    SKIP_WITHOUT_FORK();
    const auto store = open();
    std::array<int, 2> ready{}, finish{};
    ASSERT_EQ(::pipe(ready.data()) | ::pipe(finish.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto mine = open_parquet_store(folder(), false);
        const auto writer = (*mine)->open_writer();
        char byte = writer ? 'y' : 'n';
        (void)!::write(ready[1], &byte, 1);
        (void)!::read(finish[0], &byte, 1);
        ::_exit(0);
    }
    char byte = 0;
    ASSERT_EQ(::read(ready[0], &byte, 1), 1);
    ASSERT_EQ(byte, 'y');
    const auto writer = store->open_writer();
    ASSERT_FALSE(writer);
    EXPECT_EQ(writer.error().code, ErrorCode::busy);
    EXPECT_THAT(writer.error().message,
                AllOf(HasSubstr("process " + std::to_string(child)), HasSubstr(folder().string())));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_TRUE(store->open_writer()) << "a killed writer gives up its lock";
    for (const int end : {ready[0], ready[1], finish[0], finish[1]}) ::close(end);
}

TEST_F(ParquetStore, RefusesANewerFormat) {
    open();
    // The format is SQLite's user_version, bytes 60 to 63 of the file.
    std::fstream file{folder() / "catalogue.sqlite",
                      std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(63);
    file.put(store_format + 1);
    file.close();
    const auto store = open_parquet_store(folder(), true);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::unsupported);
    EXPECT_THAT(store.error().message, AllOf(HasSubstr(fmt::format("format {}", store_format + 1)),
                                             HasSubstr("newer hsl")));
}

TEST_F(ParquetStore, TellsAForeignCatalogue) {
    std::filesystem::create_directories(folder());
    std::ofstream{folder() / "catalogue.sqlite"} << "this is no database, it only looks like one\n";
    for (const bool create : {false, true}) {
        const auto store = open_parquet_store(folder(), create);
        ASSERT_FALSE(store);
        EXPECT_EQ(store.error().code, ErrorCode::corrupt);
        EXPECT_THAT(store.error().message, HasSubstr("catalogue.sqlite"));
    }
}

TEST_F(ParquetStore, NamesAMissingFile) {
    const auto store = open();
    ASSERT_TRUE(write(*store, {incoming_for_test("005930", bars_for_test(100, 1))}));
    const auto file = bar_files().at(0);
    std::filesystem::remove(file);
    expect_error(store->read({.threads = 2}), ErrorCode::corrupt, file.string() + " is missing");
}

TEST_F(ParquetStore, NamesAFileOfTheWrongSize) {
    const auto store = open();
    ASSERT_TRUE(write(*store, {incoming_for_test("005930", bars_for_test(100, 1))}));
    const auto file = bar_files().at(0);
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
    expect_error(store->read({.threads = 2}), ErrorCode::corrupt, file.string() + " has ");
}

// A changed byte is either seen, or was in what is not read: never a wrong number.
TEST_F(ParquetStore, SeesEveryChangedByteThatMatters) {
    const auto store = open();
    const auto written = incoming_for_test("005930", bars_for_test(300, 1));
    ASSERT_TRUE(write(*store, {written}));
    const auto path = bar_files().at(0);
    std::string bytes;
    {
        std::ifstream file{path, std::ios::binary};
        bytes.assign(std::istreambuf_iterator<char>{file}, {});
    }
    std::size_t seen = 0;
    constexpr std::size_t stride = 13;
    for (std::size_t at = 0; at < bytes.size(); at += stride) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
        std::ofstream{path, std::ios::binary} << changed;
        const auto table = store->read({.threads = 1});
        if (!table) {
            EXPECT_EQ(table.error().code, ErrorCode::corrupt);
            EXPECT_THAT(table.error().message, HasSubstr(path.string()));
            ++seen;
        } else {
            ASSERT_EQ(store::bars_of(*table, 0), written.bars) << "byte " << at;
        }
    }
    EXPECT_GT(seen, bytes.size() / stride * 3 / 4);
}

TEST_F(ParquetStore, ExplainsAFileWhereTheFolderShouldBe) {
    std::ofstream{folder()} << "a file";
    for (const bool create : {false, true}) {
        const auto store = open_parquet_store(folder(), create);
        ASSERT_FALSE(store);
        EXPECT_THAT(store.error().message, HasSubstr(folder().string()));
        if (create) {
            EXPECT_EQ(store.error().code, ErrorCode::io);
            EXPECT_THAT(store.error().message, HasSubstr("--store names a folder"));
        }
    }
}

TEST_F(ParquetStore, IsReadableAndSaysSoWhereItMayNotWrite) {
    SKIP_WITHOUT_FORK();
    const auto bars = incoming_for_test("005930", bars_for_test(100, 1));
    ASSERT_TRUE(write(*open(), {bars}));
    // Root may write anywhere, so a child becomes somebody who may only read.
    ASSERT_EQ(::chmod(folder().parent_path().c_str(), 0755), 0);
    const int status = in_child([&] {
        if (::geteuid() == 0) {
            if (::setgid(65534) != 0 || ::setuid(65534) != 0) return 77;
        } else {
            ::chmod(folder().c_str(), 0555);
            ::chmod((folder() / "bars").c_str(), 0555);
            ::chmod((folder() / "lock").c_str(), 0444);
        }
        const auto store = open_parquet_store(folder(), false);
        if (!store) return 1;
        const auto table = (*store)->read({.threads = 1});
        if (!table || store::bars_of(*table, 0) != bars.bars) return 2;
        const auto writer = (*store)->open_writer();
        if (writer || writer.error().code != ErrorCode::io ||
            writer.error().message.find("right to write") == std::string::npos)
            return 3;
        const auto elsewhere = open_parquet_store(folder() / "new", true);
        return !elsewhere && elsewhere.error().code == ErrorCode::io ? 0 : 4;
    });
    ASSERT_EQ(::chmod(folder().c_str(), 0755), 0);
    ASSERT_EQ(::chmod((folder() / "bars").c_str(), 0755), 0);
    EXPECT_EQ(status, 0);
}

// A limit on file sizes stands for a disk that is full, at many sizes: before, in and after the
// bars.
TEST_F(ParquetStore, IsAsItWasWhenTheDiskIsFull) {
    SKIP_WITHOUT_FORK();
    const auto small = incoming_for_test("005930", bars_for_test(500, 1));
    const auto large = incoming_for_test("000660", bars_for_test(5000, 2));
    ASSERT_TRUE(write(*open(), {small}));
    const std::string version = open()->data_version().value();
    int failures = 0;
    for (rlim_t limit = 2'000; limit < 120'000; limit = limit * 3 / 2) {
        const int status = in_child([&] {
            ::signal(SIGXFSZ, SIG_IGN);
            const rlimit size{limit, limit};
            ::setrlimit(RLIMIT_FSIZE, &size);
            const auto store = open_parquet_store(folder(), false);
            if (!store) return store.error().code == ErrorCode::io ? 1 : 10;
            const auto summary = write(**store, {large});
            if (summary) return 0;
            return summary.error().code == ErrorCode::io ? 1 : 11;
        });
        if (status == 0) break;
        ASSERT_EQ(status, 1) << "limit " << limit;
        ++failures;
        const auto store = open();
        ASSERT_EQ(store->data_version().value(), version);
        ASSERT_EQ(store::bars_of(store->read({.threads = 1}).value(), 0), small.bars);
    }
    EXPECT_GE(failures, 3);
    const auto store = open();
    ASSERT_TRUE(write(*store, {large}));
    EXPECT_EQ(store->symbols()->size(), 2u);
    EXPECT_EQ(bar_files().size(), 2u) << "nothing of the failed writes is left";
}

TEST_F(ParquetStore, LeavesForeignFilesAloneWhenItTidies) {
    const auto store = open();
    ASSERT_TRUE(write(*store, {incoming_for_test("005930", bars_for_test(10, 1))}));
    const auto bars = folder() / "bars";
    for (const char* name : {"notes.txt", "000009-0123456789abcdef.parquet",
                             "000009-0000000000000000.parquet.new", "my-bars.parquet"})
        std::ofstream{bars / name} << "x";
    ASSERT_TRUE(store->open_writer());
    EXPECT_TRUE(std::filesystem::exists(bars / "notes.txt"));
    EXPECT_TRUE(std::filesystem::exists(bars / "my-bars.parquet"));
    EXPECT_EQ(bar_files().size(), 3u);
}

// A store whose catalogue somebody changed by hand.
class ParquetStoreCatalogue : public ParquetStore {
protected:
    [[nodiscard]] std::filesystem::path catalogue() const { return folder() / "catalogue.sqlite"; }
    // Two symbols of the same length in one file.
    void SetUp() override {
        const auto store = open();
        ASSERT_NE(store, nullptr);
        ASSERT_TRUE(write(*store, {incoming_for_test("000660", bars_for_test(100, 1)),
                                   incoming_for_test("005930", bars_for_test(100, 2))}));
    }
    void change(const char* statement) const {
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open(catalogue().c_str(), &database), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(database, statement, nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(database);
        sqlite3_close(database);
    }
    void expect_lost(std::size_t files) const {
        for (const bool create : {true, false, true}) {
            const auto store = open_parquet_store(folder(), create);
            ASSERT_FALSE(store) << "create " << create;
            EXPECT_EQ(store.error().code, ErrorCode::corrupt);
            EXPECT_THAT(store.error().message,
                        AllOf(HasSubstr(folder().string()),
                              HasSubstr("bars/ holds " + std::to_string(files) + " file"),
                              HasSubstr("restore catalogue.sqlite"), HasSubstr("import again")));
            EXPECT_EQ(bar_files().size(), files);
        }
    }
};

TEST_F(ParquetStoreCatalogue, IsNotMadeAnewBesideBars) {
    std::filesystem::remove(catalogue());
    expect_lost(1);
    EXPECT_FALSE(std::filesystem::exists(catalogue())) << "a refusal leaves nothing behind";
}

TEST_F(ParquetStoreCatalogue, OfNoBytesIsNotFilledBesideBars) {
    ASSERT_TRUE(
        write(*open(), {incoming_for_test("035720", bars_for_test(300, 3))}));  // a second file
    std::filesystem::resize_file(catalogue(), 0);
    expect_lost(2);
    EXPECT_EQ(std::filesystem::file_size(catalogue()), 0u);
}

TEST_F(ParquetStoreCatalogue, WithoutTablesIsNotFilledBesideBars) {
    std::filesystem::remove(catalogue());
    change("PRAGMA journal_mode = WAL");  // as its maker leaves it when killed at that moment
    ASSERT_GT(std::filesystem::file_size(catalogue()), 0u);
    expect_lost(1);
}

TEST_F(ParquetStoreCatalogue, IsMadeAnewWhereNoBarsAre) {
    for (const auto& file : bar_files()) std::filesystem::remove(file);
    std::filesystem::remove(catalogue());
    const auto reader = open_parquet_store(folder(), false);
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, ErrorCode::not_found);
    EXPECT_EQ(open()->data_version().value(), "");
    std::filesystem::remove_all(folder() / "bars");
    std::filesystem::remove(catalogue());
    EXPECT_EQ(open()->data_version().value(), "");
}

// The catalogue is made on opening, so bars of a first import that was killed lie beside one.
TEST_F(ParquetStore, TidiesUpAfterAFirstImportThatWasKilled) {
    open();
    std::ofstream{folder() / "bars" / "000001-0123456789abcdef.parquet"} << "x";
    const auto store = open();
    ASSERT_TRUE(write(*store, {incoming_for_test("005930", bars_for_test(10, 1))}));
    EXPECT_EQ(bar_files().size(), 1u);
    EXPECT_EQ(store->read({.threads = 1})->rows(), 10u);
}

TEST_F(ParquetStoreCatalogue, ThatIsAFolderIsNamed) {
    std::filesystem::remove(catalogue());
    std::filesystem::create_directory(catalogue());
    for (const bool create : {true, false}) {
        const auto store = open_parquet_store(folder(), create);
        ASSERT_FALSE(store);
        EXPECT_EQ(store.error().code, ErrorCode::corrupt);
        EXPECT_THAT(store.error().message, AllOf(HasSubstr(catalogue().string() + " is a folder"),
                                                 HasSubstr("restore catalogue.sqlite")));
    }
}

// Never another symbol's rows, whatever the catalogue says.
TEST_F(ParquetStoreCatalogue, MustAgreeWithTheRows) {
    // Every symbol has dates of its own, and 005930 has rows in two files.
    auto kakao = incoming_for_test("035720", bars_for_test(100, 3, Date::from_civil(2001, 1, 1)));
    auto later = incoming_for_test("005930", bars_for_test(5, 4, Date::from_civil(2022, 1, 3)));
    ASSERT_TRUE(write(*open(), {kakao}));
    ASSERT_TRUE(write(*open(), {later}));
    ASSERT_EQ(open()->read({})->rows(), 305u);
    const std::string original = folder().string() + ".original";
    std::filesystem::copy(folder(), original, std::filesystem::copy_options::recursive);

    // The first file has both symbols' 100 rows, the second takes it in and adds 035720, the third
    // is the later days.
    const std::vector<FileSymbol> two{
        {"000660", 100, 100, kakao.bars[0].date, kakao.bars[99].date},
        {"005930", 100, 105, Date::from_civil(2020, 1, 2), later.bars[4].date}};
    const auto set_ranges = [](int id, const std::vector<FileSymbol>& symbols) {
        std::string hex;
        for (const char byte : encode(symbols))
            hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
        return fmt::format("UPDATE files SET ranges = X'{}' WHERE id = {}", hex, id);
    };
    struct Change {
        std::string statement;
        std::string part;  // of the message
    };
    for (const auto& [statement, part] : std::vector<Change>{
             {"UPDATE files SET ranges = X'00'", "whose rows"},
             {"UPDATE files SET ranges = CAST(substr(ranges, 1, 40) || 'x' || substr(ranges, 42) "
              "AS BLOB)",
              "whose rows"},
             {"UPDATE files SET ranges = (SELECT ranges FROM files WHERE id = 3)",
              "has symbols for"},
             {set_ranges(1, two), "000660"},
             {"UPDATE files SET last_version = 1 WHERE id = 1", "rows of"},
             {"UPDATE files SET rows = 4000000000000000 WHERE id = 3", "4000000000000000"},
             {"UPDATE labels SET scale = 9 WHERE symbol = '005930'", "005930"},
             {"UPDATE labels SET scale = -1 WHERE symbol = '005930'", "005930"},
             {"UPDATE labels SET scale = 4294967296 WHERE symbol = '005930'", "005930"},
             {"UPDATE labels SET market = 'MOON' WHERE symbol = '005930'", "MOON"},
             {"UPDATE labels SET basis = 'wet' WHERE symbol = '005930'", "wet"},
             {"DELETE FROM labels WHERE symbol = '005930'", "005930"}}) {
        SCOPED_TRACE(statement);
        std::filesystem::remove_all(folder());
        std::filesystem::copy(original, folder(), std::filesystem::copy_options::recursive);
        change(statement.c_str());
        const std::size_t files = bar_files().size();
        expect_error(open()->read({}), ErrorCode::corrupt, part);
        expect_error(open()->read({}), ErrorCode::corrupt, "restore ");
        if (part != "000660") {
            EXPECT_FALSE(open()->read({.symbols = {"005930"}}));
        }
        EXPECT_FALSE(open()->verify({}).value().damage.empty());
        // A write that takes the symbols in does not spread it either.
        auto all =
            incoming_for_test("005930", bars_for_test(2000, 5, Date::from_civil(2020, 1, 2)));
        EXPECT_FALSE(write(*open(), {all}));
        EXPECT_EQ(bar_files().size(), files);
    }
    std::filesystem::remove_all(original);
}

// Two symbols of one length and the same days that change places look right to a read; their hashes
// tell.
TEST_F(ParquetStoreCatalogue, VerifyFindsSwappedSymbols) {
    const auto clean = open()->verify({});
    ASSERT_TRUE(clean) << clean.error().text();
    EXPECT_TRUE(clean->damage.empty());
    EXPECT_EQ(clean->files, 1);
    EXPECT_EQ(clean->versions, 1);
    change(
        "UPDATE series SET hash = (SELECT hash FROM series AS other WHERE "
        "other.symbol <> series.symbol)");
    auto damage = open()->verify({}).value().damage;
    ASSERT_EQ(damage.size(), 1u);
    EXPECT_THAT(damage[0].file, HasSubstr("catalogue.sqlite"));
    EXPECT_THAT(damage[0].symbols, testing::Not(testing::IsEmpty()));
}

TEST_F(ParquetStoreCatalogue, VerifyFindsAChangedLabel) {
    change("UPDATE labels SET market = 'KOSDAQ' WHERE symbol = '005930'");
    const auto damage = open()->verify({}).value().damage;
    ASSERT_EQ(damage.size(), 1u);
    EXPECT_THAT(damage[0].symbols, testing::ElementsAre("005930"));
}

// Several versions: what an older one needs is looked at as closely as the newest.
class ParquetStoreVersions : public ParquetStore {
protected:
    void SetUp() override {
        const auto store = open();
        const auto bars = bars_for_test(40, 1);
        for (const std::size_t count : {20u, 30u, 40u}) {
            auto part = incoming_for_test("005930", {bars.begin(), bars.begin() + count});
            auto other = incoming_for_test("000660", bars_for_test(count == 40 ? 9 : 8, 2));
            if (count == 30u) part.bars[3].volume += 1;  // a correction: files lie over one another
            store::Facts facts;
            facts.listings = {{.symbol = "005930", .name = "name " + std::to_string(count)}};
            ASSERT_TRUE(store->open_writer().value()->write(
                {.symbols = {part, other}, .facts = facts}, {.replace = count == 30u}, {}));
        }
        ASSERT_TRUE(store->put_run({.id = "abc",
                                    .command = "hsl sweep x.toml",
                                    .data_version = store->versions()->at(0).version,
                                    .summary = "one",
                                    .document = "{}"}));
    }
    void change(const char* statement) const {
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open((folder() / "catalogue.sqlite").c_str(), &database), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(database, statement, nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(database);
        sqlite3_close(database);
    }
    [[nodiscard]] std::vector<store::Damage> damage() const {
        return open()->verify({}).value().damage;
    }
};

TEST_F(ParquetStoreVersions, VerifyHashesEveryVersion) {
    const auto clean = open()->verify({}).value();
    EXPECT_TRUE(clean.damage.empty()) << clean.damage[0].what;
    EXPECT_EQ(clean.versions, 3);
    EXPECT_EQ(clean.runs, 1);
    EXPECT_TRUE(clean.notes.empty());
    ASSERT_TRUE(open()->open_writer().value()->compact(false, {}));
    EXPECT_TRUE(damage().empty());
}

TEST_F(ParquetStoreVersions, VerifyTellsAnOlderVersionThatIsNotWhatItWas) {
    change("UPDATE labels SET market = 'KOSDAQ' WHERE symbol = '000660'");
    change(
        "INSERT INTO labels SELECT stack, symbol, 3, 'unknown', scale, basis, definition, origin "
        "FROM labels WHERE symbol = '000660'");
    auto found = damage();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_THAT(found[0].what, AllOf(HasSubstr("versions 1 ("), HasSubstr("to 2 (")));
    EXPECT_THAT(found[0].symbols, testing::Contains("000660"));
    EXPECT_THAT(found[0].remedy, HasSubstr("backup"));
}

TEST_F(ParquetStoreVersions, VerifyTellsFactsOfAnOlderVersion) {
    change("UPDATE listings SET name = 'x' WHERE first_version = 2");
    const auto found = damage();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_THAT(found[0].what, AllOf(HasSubstr("version 2 ("), HasSubstr("listings")));
}

TEST_F(ParquetStoreVersions, VerifySaysWhichVersionsADamagedFileBelongsTo) {
    std::set<std::string> remedies;
    for (const auto& path : bar_files()) {
        std::filesystem::rename(path, path.string() + ".away");
        const auto found = damage();
        ASSERT_EQ(found.size(), 1u);
        EXPECT_EQ(found[0].what, "missing");
        EXPECT_THAT(found[0].symbols, testing::Contains("005930"));
        remedies.insert(found[0].remedy);
        std::filesystem::rename(path.string() + ".away", path);
    }
    EXPECT_THAT(fmt::format("{}", fmt::join(remedies, "\n")), HasSubstr("version"));
}

TEST_F(ParquetStoreVersions, VerifyReadsTheRecordsOfRuns) {
    change("UPDATE runs SET summary = 'two'");
    auto found = damage();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_THAT(found[0].what, AllOf(HasSubstr("run abc"), HasSubstr("differs")));
    EXPECT_THAT(found[0].remedy, HasSubstr("hsl sweep x.toml"));
    EXPECT_EQ(open()->run("abc").error().code, ErrorCode::corrupt);
    ASSERT_TRUE(open()->put_run(
        {.id = "abc", .command = "c", .data_version = "0123456789abcdef", .document = "{}"}));
    found = damage();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_THAT(found[0].what, HasSubstr("0123456789abcdef"));
}

// A version that was let go on purpose is no damage, but its runs cannot be repeated.
TEST_F(ParquetStoreVersions, VerifyKnowsWhatWasForgotten) {
    ASSERT_TRUE(open()->open_writer().value()->compact(true, {}));
    const auto report = open()->verify({}).value();
    EXPECT_TRUE(report.damage.empty()) << report.damage[0].what;
    ASSERT_EQ(report.notes.size(), 1u);
    EXPECT_THAT(report.notes[0], HasSubstr("1 run cannot be repeated"));
}

// Twenty-seven years of daily imports and more: nothing that is done every day grows with them.
using LongParquetStore = ParquetStore;
TEST_F(LongParquetStore, StaysQuickWithTenThousandVersions) {
    constexpr std::size_t count = 10'000;
    const auto bars = bars_for_test(count, 1);
    const auto day = [&](std::size_t k) {
        std::vector<IncomingSymbol> symbols;
        for (const char* symbol : {"000660", "005930", "035720"})
            symbols.push_back(incoming_for_test(symbol, {bars[k]}));
        return symbols;
    };
    using Clock = std::chrono::steady_clock;
    const auto ms_of = [](const char* what, const auto& work) {
        const auto begin = Clock::now();
        work();
        const std::chrono::duration<double, std::milli> took = Clock::now() - begin;
        std::printf("%s: %.1f ms\n", what, took.count());
        return took.count();
    };
    {
        const auto store = open();
        const auto writer = store->open_writer().value();
        for (std::size_t k = 0; k + 1 < count; ++k)
            ASSERT_TRUE(writer->write({.symbols = day(k)}, {}, {}));
    }
    EXPECT_LT(ms_of("open and append a day", [&] { ASSERT_TRUE(write(*open(), day(count - 1))); }),
              1000);
    EXPECT_LT(ms_of("open and read", [&] { EXPECT_EQ(open()->read({})->rows(), 3 * count); }),
              1000);
    EXPECT_LT(ms_of("read version 5000",
                    [&] { EXPECT_EQ(open()->read({.at = "5000"})->rows(), 15'000u); }),
              1000);
    EXPECT_LT(ms_of("list the versions", [&] { EXPECT_EQ(open()->versions()->size(), count); }),
              1000);
    ms_of("verify", [&] { EXPECT_TRUE(open()->verify({})->damage.empty()); });
    ms_of("compact", [&] { EXPECT_TRUE(open()->open_writer().value()->compact(true, {})); });
}

// The whole file, wherever the bit is: what a read never looks at too.
TEST_F(ParquetStore, VerifyFindsAFlippedBitAnywhereAndNamesFileAndSymbols) {
    const auto store = open();
    ASSERT_TRUE(write(*store, {incoming_for_test("005930", bars_for_test(300, 1)),
                               incoming_for_test("000660", bars_for_test(50, 2))}));
    const auto path = bar_files().at(0);
    std::string bytes;
    {
        std::ifstream file{path, std::ios::binary};
        bytes.assign(std::istreambuf_iterator<char>{file}, {});
    }
    for (std::size_t at = 0; at < bytes.size(); at += 41) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
        std::ofstream{path, std::ios::binary} << changed;
        const auto damage = store->verify({}).value().damage;
        ASSERT_EQ(damage.size(), 1u) << "byte " << at;
        EXPECT_EQ(damage[0].file, path.string());
        EXPECT_EQ(damage[0].what, "checksum differs");
        EXPECT_THAT(damage[0].symbols, testing::ElementsAre("000660", "005930"));
    }
    std::filesystem::remove(path);
    EXPECT_EQ(store->verify({}).value().damage.at(0).what, "missing");
}

// Bars, minutes, a named column, a listing and a row in quarantine, by two writes.
class ParquetStoreOfAllKinds : public ParquetStore {
protected:
    static store::Incoming incoming_number(int k) {
        const Date day = Date::from_civil(2020, 1, 2) + k * 300;
        store::Incoming incoming;
        for (const char* symbol : {"000660", "005930"}) {
            incoming.symbols.push_back(incoming_for_test(
                symbol, bars_for_test(k == 0 ? 200 : 20, static_cast<std::uint64_t>(k), day)));
            auto minutes = incoming_for_test(symbol, bars_for_test(k == 0 ? 100 : 10, 7, day));
            minutes.interval = market::Interval::minute;
            for (auto& bar : minutes.bars) bar.minute = 540;
            incoming.symbols.push_back(std::move(minutes));
        }
        market::ColumnSeries per{"005930", "per", {}, "per.csv"};
        for (int i = 0; i < (k == 0 ? 100 : 10); ++i)
            per.rows.push_back({day + i, day + i, 10 + i / 8.0});
        incoming.facts.columns = {per};
        incoming.facts.listings = {{.symbol = "005930", .name = "name " + std::to_string(k)}};
        incoming.quarantined.push_back({.symbol = "005930",
                                        .date = day.iso(),
                                        .file = "a.csv",
                                        .line = k,
                                        .reason = "zero_close",
                                        .source = "2020-01-02,0"});
        return incoming;
    }
    void SetUp() override {
        const auto writer = open()->open_writer().value();
        for (int k = 0; k < 2; ++k) ASSERT_TRUE(writer->write(incoming_number(k), {}, {}));
    }
    // Everything of the newest version as text; an error where something cannot be read.
    static Result<std::string> content_of(BarStore& store) {
        std::string text;
        for (const auto interval : {market::Interval::day, market::Interval::minute}) {
            HSL_TRY(const auto table, store.read({.interval = interval, .threads = 1}));
            text += store::version_of(table);
        }
        HSL_TRY(const auto facts, store.facts({.columns = {"*"}}));
        text += store::table_hash(facts);
        for (const auto& column : facts.columns) {
            text += column.symbol + column.column;
            for (const auto& row : column.rows)
                text += fmt::format(" {} {} {}", row.date.days, row.known.days, row.value);
        }
        HSL_TRY(const auto quarantine, store.quarantine({}));
        for (const auto& row : quarantine) text += store::quarantine_key(row);
        return text;
    }
    void flip_the_catalogue(int flips);
    static std::string bytes_of(const std::filesystem::path& path) {
        std::ifstream file{path, std::ios::binary};
        return {std::istreambuf_iterator<char>{file}, {}};
    }
};

TEST_F(ParquetStoreOfAllKinds, VerifyFindsEveryFlippedBitOfAFile) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng{seed};
    const auto store = open();
    const std::string content = content_of(*store).value();
    int files = 0;
    for (const char* kind : {"bars", "minutes", "columns"})
        for (const auto& entry : std::filesystem::directory_iterator{folder() / kind}) {
            const std::string bytes = bytes_of(entry.path());
            for (int flip = 0; flip < 60; ++flip) {
                const std::size_t at = rng.below(bytes.size());
                std::string changed = bytes;
                changed[at] = static_cast<char>(changed[at] ^ (1 << rng.below(8)));
                std::ofstream{entry.path(), std::ios::binary} << changed;
                const auto damage = store->verify({}).value().damage;
                ASSERT_EQ(damage.size(), 1u) << entry.path() << " byte " << at;
                EXPECT_EQ(damage[0].file, entry.path().string());
                EXPECT_THAT(damage[0].symbols, testing::Contains("005930"));
                const auto read = content_of(*store);
                if (read) {
                    ASSERT_EQ(*read, content) << entry.path() << " byte " << at;
                } else {
                    EXPECT_EQ(read.error().code, ErrorCode::corrupt);
                }
            }
            std::ofstream{entry.path(), std::ios::binary} << bytes;
            ++files;
        }
    EXPECT_EQ(files, 6);
    EXPECT_TRUE(store->verify({})->damage.empty());
}

void ParquetStoreOfAllKinds::flip_the_catalogue(int flips) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng{seed};
    const std::string content = content_of(*open()).value();
    const auto path = folder() / "catalogue.sqlite";
    const std::string bytes = bytes_of(path);
    std::vector<std::size_t> used;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        if (bytes[i] != 0) used.push_back(i);
    int found = 0;
    for (int flip = 0; flip < flips; ++flip) {
        const std::size_t at = used[rng.below(used.size())];
        const int bit = static_cast<int>(rng.below(8));
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
        for (const char* beside : {"-wal", "-shm"}) std::filesystem::remove(path.string() + beside);
        std::ofstream{path, std::ios::binary} << changed;
        const auto store = open_parquet_store(folder(), false);
        const auto report = store ? (*store)->verify({}) : std::unexpected(store.error());
        if (!report || !report->damage.empty()) {
            ++found;
            continue;
        }
        const auto read = content_of(**store);
        ASSERT_TRUE(read) << "byte " << at << " bit " << bit << ": " << read.error().message;
        ASSERT_EQ(*read, content) << "byte " << at << " bit " << bit;
    }
    EXPECT_GT(found, flips / 4);
}

TEST_F(ParquetStoreOfAllKinds, VerifyFindsAFlippedBitOfTheCatalogueThatChangesTheContent) {
    flip_the_catalogue(400);
}
using LongParquetStoreOfAllKinds = ParquetStoreOfAllKinds;
TEST_F(LongParquetStoreOfAllKinds, VerifyFindsTenThousandFlippedBitsOfTheCatalogue) {
    flip_the_catalogue(10'000);
}

// A folder of one kind that lost its rights refuses the whole write.
TEST_F(ParquetStoreOfAllKinds, IsAsItWasWhereTheFolderOfOneKindMayNotBeWritten) {
    SKIP_WITHOUT_FORK();
    const std::string content = content_of(*open()).value();
    ASSERT_EQ(::chmod(folder().parent_path().c_str(), 0755), 0);
    for (const auto& entry : std::filesystem::recursive_directory_iterator{folder()})
        ::chmod(entry.path().c_str(), entry.is_directory() ? 0777 : 0666);
    ::chmod(folder().c_str(), 0777);
    for (const char* kind : {"bars", "minutes", "columns"}) {
        const auto locked = folder() / kind;
        ASSERT_EQ(::chmod(locked.c_str(), 0555), 0);
        const int status = in_child([&] {
            // Root may write anywhere, so the child becomes somebody who may not.
            if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) return 77;
            const auto store = open_parquet_store(folder(), false);
            if (!store) return 1;
            const auto writer = (*store)->open_writer();
            if (!writer) return 2;
            const auto summary = (*writer)->write(incoming_number(2), {}, {});
            if (summary || summary.error().code != ErrorCode::io) return 3;
            const std::string& message = summary.error().message;
            if (message.find("right to write") == std::string::npos ||
                message.find(locked.string()) == std::string::npos)
                return 4;
            const auto read = content_of(**store);
            return read && *read == content ? 0 : 5;
        });
        EXPECT_EQ(status, 0) << kind;
        ASSERT_EQ(::chmod(locked.c_str(), 0777), 0);
    }
    EXPECT_TRUE(open()->verify({})->damage.empty());
}

TEST_F(ParquetStoreOfAllKinds, IsAsItWasWhenTheDiskIsFullAnywhere) {
    SKIP_WITHOUT_FORK();
    const std::string content = content_of(*open()).value();
    auto large = incoming_number(2);
    Rng rng{5};
    for (int i = 0; i < 3000; ++i)
        large.facts.columns[0].rows.push_back({Date::from_civil(2030, 1, 1) + i,
                                               Date::from_civil(2030, 1, 1) + i,
                                               static_cast<double>(rng.below(1'000'000))});
    int failures = 0;
    for (rlim_t limit = 1'000; limit < 400'000; limit = limit * 5 / 4) {
        const int status = in_child([&] {
            ::signal(SIGXFSZ, SIG_IGN);
            const rlimit size{limit, limit};
            ::setrlimit(RLIMIT_FSIZE, &size);
            const auto store = open_parquet_store(folder(), false);
            if (!store) return store.error().code == ErrorCode::io ? 1 : 10;
            const auto writer = (*store)->open_writer();
            if (!writer) return writer.error().code == ErrorCode::io ? 1 : 11;
            const auto summary = (*writer)->write(large, {}, {});
            if (summary) return 0;
            return summary.error().code == ErrorCode::io ? 1 : 12;
        });
        if (status == 0) break;
        ASSERT_EQ(status, 1) << "limit " << limit;
        ++failures;
        ASSERT_EQ(content_of(*open()).value(), content) << "limit " << limit;
    }
    EXPECT_GE(failures, 5);
    EXPECT_TRUE(open()->open_writer().value()->write(large, {}, {}));
    EXPECT_TRUE(open()->verify({})->damage.empty());
}

TEST_F(ParquetStore, TellsAnOlderCataloguePutBackAlone) {
    ASSERT_TRUE(write(*open(), {incoming_for_test("005930", bars_for_test(300, 1))}));
    const auto catalogue = folder() / "catalogue.sqlite";
    const auto backup = folder().parent_path() / "backup.sqlite";
    std::filesystem::copy(catalogue, backup);
    ASSERT_TRUE(write(*open(), {incoming_for_test("000660", bars_for_test(10, 2))}));
    std::filesystem::copy(backup, catalogue, std::filesystem::copy_options::overwrite_existing);
    const auto store = open_parquet_store(folder(), false);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::corrupt);
    EXPECT_THAT(store.error().message, HasSubstr("older than the bars beside it"));
    EXPECT_EQ(bar_files().size(), 2u) << "nothing is tidied away";
}

TEST_F(ParquetStoreCatalogue, WithoutATableOrAColumnIsCorrupt) {
    const std::string kept = catalogue().string() + ".kept";
    std::filesystem::copy(catalogue(), kept);
    for (const char* statement :
         {"DROP TABLE versions", "DROP TABLE files", "DROP TABLE labels", "DROP TABLE series",
          "DROP TABLE stacks", "DROP TABLE settings", "DROP TABLE listings",
          "DROP TABLE quarantine", "DROP TABLE runs", "ALTER TABLE versions DROP COLUMN note",
          "ALTER TABLE files DROP COLUMN sha256", "ALTER TABLE series RENAME COLUMN last TO l",
          "ALTER TABLE runs DROP COLUMN rules", "ALTER TABLE quarantine DROP COLUMN line"}) {
        SCOPED_TRACE(statement);
        std::filesystem::copy(kept, catalogue(), std::filesystem::copy_options::overwrite_existing);
        change(statement);
        std::filesystem::remove(folder() / "newest");
        std::vector<Error> errors;
        const auto note = [&](const auto& result) {
            if (!result) errors.push_back(result.error());
        };
        const auto opened = open_parquet_store(folder(), true);
        note(opened);
        const auto other = store::in_memory_store();
        const auto& store = opened ? *opened : other;
        note(store->read({.threads = 1}));
        note(store->symbols());
        note(store->facts({}));
        note(store->versions());
        note(store->quarantine({.limit = 10}));
        note(store->quarantine_count());
        note(store->runs());
        note(store->put_run({.id = "abc", .summary = "a run", .document = "{}"}));
        note(write(*store, {incoming_for_test("035720", bars_for_test(10, 3))}));
        EXPECT_FALSE(errors.empty());
        for (const Error& error : errors) {
            EXPECT_EQ(error.code, ErrorCode::corrupt) << error.message;
            EXPECT_THAT(error.message, AllOf(HasSubstr(catalogue().string()),
                                             HasSubstr("restore catalogue.sqlite")));
        }
    }
}

TEST(BarFile, BlamesTheMemoryThatRanOutAndNotTheFile) {
    const std::bad_alloc own;
    const parquet::ParquetStatusException arrows{arrow::Status::OutOfMemory("malloc of 64 failed")};
    for (const std::exception* failure :
         {static_cast<const std::exception*>(&own), static_cast<const std::exception*>(&arrows)}) {
        const Error error = read_failure("DIR/bars/a.parquet", "is damaged", *failure);
        EXPECT_EQ(error.code, ErrorCode::io);
        EXPECT_THAT(error.message,
                    AllOf(HasSubstr("out of memory"), HasSubstr("DIR/bars/a.parquet")));
    }
    const parquet::ParquetStatusException other{arrow::Status::IOError("CRC check failed")};
    const Error error = read_failure("DIR/bars/a.parquet", "is damaged", other);
    EXPECT_EQ(error.code, ErrorCode::corrupt);
    EXPECT_THAT(error.message, HasSubstr("DIR/bars/a.parquet is damaged"));
}

// kept_stores/ has a small store of every format there ever was, and each hsl reads them all.
class KeptStore : public ParquetStore {
protected:
    static std::filesystem::path kept(int format) {
        const char* source = std::getenv("HSL_SOURCE_DIR");
        return std::filesystem::path{source != nullptr ? source : "."} /
               fmt::format("src/adapters/parquet/kept_stores/format-{}", format);
    }
    // What went into it: two versions, the second with a later and a corrected row, a conflict.
    static void fill(BarStore& store) {
        auto samsung = incoming_for_test("005930", bars_for_test(20, 1), market::Market::kospi);
        auto kakao = incoming_for_test("035720", bars_for_test(5, 2));
        auto later = samsung;
        samsung.bars.pop_back();
        samsung.lines.pop_back();
        ASSERT_TRUE(write(store, {samsung, kakao}, {.generated = true, .note = "first"}));
        later.bars[2].volume += 1;
        ASSERT_TRUE(write(store, {later}, {.replace = true, .note = "second"}));
        kakao.bars[0].close += 1;
        ASSERT_TRUE(write(store, {kakao}));
        ASSERT_TRUE(store.put_run({.id = "abc",
                                   .data_version = store.data_version().value(),
                                   .summary = "a run",
                                   .document = "{}"}));
    }
    // And what format 2 added: a source, minutes, facts and their revision.
    static void fill_more(BarStore& store) {
        auto naver = incoming_for_test("005930", bars_for_test(7, 4), market::Market::kospi);
        naver.source = "naver";
        naver.basis = market::Basis::adjusted;
        auto minutes = incoming_for_test("005930", bars_for_test(3, 5));
        minutes.interval = market::Interval::minute;
        for (market::Bar& bar : minutes.bars) bar.minute = 541;
        store::Facts facts = store::facts_for_test();
        {
            const auto writer = store.open_writer().value();
            ASSERT_TRUE(writer->write({.symbols = {naver, minutes}, .facts = facts}, {}, {}));
            facts.listings[0].name = "another name";
            facts.columns.resize(1);
            facts.columns[0].rows[0].value += 1;
            ASSERT_TRUE(writer->write({.facts = facts}, {}, {}));
        }
    }
    static void expect_same(BarStore& store, BarStore& model) {
        ASSERT_EQ(store.versions()->size(), model.versions()->size());
        for (std::size_t i = 0; i < model.versions()->size(); ++i) {
            const std::string at = store.versions()->at(i).version;
            const std::string model_at = model.versions()->at(i).version;
            EXPECT_EQ(store.versions()->at(i).note, model.versions()->at(i).note);
            for (const auto interval : {market::Interval::day, market::Interval::minute}) {
                const auto table =
                    store.read({.at = at, .every_source = true, .interval = interval});
                ASSERT_TRUE(table) << table.error().text();
                const auto expected =
                    model.read({.at = model_at, .every_source = true, .interval = interval})
                        .value();
                ASSERT_EQ(table->symbols.size(), expected.symbols.size());
                for (std::size_t k = 0; k < expected.symbols.size(); ++k) {
                    EXPECT_EQ(table->symbols[k].instrument, expected.symbols[k].instrument);
                    EXPECT_EQ(table->symbols[k].source, expected.symbols[k].source);
                    EXPECT_EQ(table->symbols[k].basis, expected.symbols[k].basis);
                    EXPECT_EQ(store::bars_of(*table, k), store::bars_of(expected, k));
                }
            }
            const auto facts = store.facts({.at = at, .columns = {"*"}}).value();
            const auto expected = model.facts({.at = model_at, .columns = {"*"}}).value();
            EXPECT_EQ(facts.listings, expected.listings);
            EXPECT_EQ(facts.states, expected.states);
            EXPECT_EQ(facts.actions, expected.actions);
            EXPECT_EQ(facts.columns, expected.columns);
        }
        EXPECT_TRUE(store.holds_generated().value());
        EXPECT_EQ(store.quarantine_count().value(), 1);
        EXPECT_EQ(store.run("a")->summary, "a run");
        EXPECT_TRUE(store.verify({})->damage.empty());
    }
};

TEST_F(KeptStore, OfFormat1IsMigratedAndItsVersionsKeepTheirNames) {
    ASSERT_TRUE(std::filesystem::exists(kept(1))) << "HSL_SOURCE_DIR names the repository";
    std::filesystem::copy(kept(1), folder(), std::filesystem::copy_options::recursive);
    const auto store = open();
    EXPECT_EQ(store->data_version().value(), "91690814ca63ed3e");
    const auto model = store::in_memory_store();
    fill(*model);
    expect_same(*store, *model);
    // And it can be written on, under names of the new rule.
    const auto more = incoming_for_test("000660", bars_for_test(5, 3));
    const auto summary = write(*store, {more});
    ASSERT_TRUE(summary) << summary.error().text();
    EXPECT_EQ(summary->version, write(*model, {more})->version);
    EXPECT_EQ(store->read({.at = "91690814ca63ed3e"})->symbols.size(), 2u);
    expect_same(*open(), *model);
}

TEST_F(KeptStore, OfFormat1IsNotMigratedByWhoMayNotWrite) {
    SKIP_WITHOUT_FORK();
    std::filesystem::copy(kept(1), folder(), std::filesystem::copy_options::recursive);
    ASSERT_EQ(::chmod(folder().parent_path().c_str(), 0755), 0);
    EXPECT_EQ(in_child([&] {
                  if (::geteuid() == 0) {
                      if (::setgid(65534) != 0 || ::setuid(65534) != 0) return 77;
                  } else {
                      ::chmod(folder().c_str(), 0555);
                  }
                  const auto store = open_parquet_store(folder(), false);
                  return !store && store.error().code == ErrorCode::unsupported &&
                                 store.error().message.find("format 1") != std::string::npos
                             ? 0
                             : 1;
              }),
              0);
    ASSERT_EQ(::chmod(folder().c_str(), 0755), 0);
}

TEST_F(KeptStore, OfFormat2IsRead) {
    ASSERT_TRUE(std::filesystem::exists(kept(2))) << "HSL_SOURCE_DIR names the repository";
    std::filesystem::copy(kept(2), folder(), std::filesystem::copy_options::recursive);
    const auto store = open();
    const auto model = store::in_memory_store();
    fill(*model);
    fill_more(*model);
    EXPECT_EQ(store->data_version().value(), "0a3b3419d8dd569c");
    EXPECT_EQ(store->data_version().value(), model->data_version().value());
    expect_same(*store, *model);
}

TEST_F(KeptStore, OfFormat3IsRead) {
    ASSERT_TRUE(std::filesystem::exists(kept(3))) << "HSL_SOURCE_DIR names the repository";
    std::filesystem::copy(kept(3), folder(), std::filesystem::copy_options::recursive);
    const auto store = open();
    EXPECT_EQ(store->format(), "format 3");
    const auto model = store::in_memory_store();
    fill(*model);
    fill_more(*model);
    EXPECT_EQ(store->data_version().value(), "0a3b3419d8dd569c");
    expect_same(*store, *model);
}

// How the kept store was made; run it once for a new format, into a folder of its own name:
//   adapters_parquet_test --gtest_also_run_disabled_tests --gtest_filter='*MakesOne'
TEST_F(KeptStore, DISABLED_MakesOne) {
    ASSERT_FALSE(std::filesystem::exists(kept(store_format)));
    const auto store = open_parquet_store(kept(store_format), true).value();
    fill(*store);
    fill_more(*store);
}

// A child imports over and over, compacts now and then, and says so after each import; it is killed
// at any moment. Whatever it was doing, the store holds every version it spoke of, or the one it
// was about to speak of, with exactly the rows of that version, and verify is content.
void ParquetStore::survive_kills(int kills) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    Rng rng{seed};

    // Version k + 1 adds ten days to every symbol and corrects a row of each.
    const auto import_number = [](std::size_t k) {
        std::vector<IncomingSymbol> symbols;
        for (int i = 0; i < 12; ++i) {
            auto bars = bars_for_test(10, k * 100 + static_cast<std::uint64_t>(i),
                                      Date::from_civil(2000, 1, 1) + static_cast<int>(k) * 10);
            if (k > 0) {
                auto corrected =
                    bars_for_test(10, (k - 1) * 100 + static_cast<std::uint64_t>(i),
                                  Date::from_civil(2000, 1, 1) + static_cast<int>(k - 1) * 10)[3];
                corrected.volume += 1;
                bars.insert(bars.begin(), corrected);
            }
            symbols.push_back(incoming_for_test(std::to_string(100'000 + i), std::move(bars)));
        }
        return symbols;
    };
    const auto facts_number = [](std::size_t k) {
        const Date day = Date::from_civil(2000, 1, 1) + static_cast<int>(k);
        store::Facts facts;
        facts.columns = {{"100000", "per", {{day, day, static_cast<double>(k)}}, "f"}};
        facts.listings = {{.symbol = "100000", .name = std::to_string(k)}};
        return facts;
    };
    // The same imports into the store in memory say what each version is.
    const auto model = store::in_memory_store();
    std::vector<std::string> expected{""};
    const auto expected_version = [&](std::size_t number) {
        while (expected.size() <= number)
            expected.push_back(model->open_writer()
                                   .value()
                                   ->write({.symbols = import_number(expected.size() - 1),
                                            .facts = facts_number(expected.size() - 1)},
                                           {.replace = true}, {})
                                   ->version);
        return expected[number];
    };

    open();
    std::size_t acknowledged = 0;
    std::size_t kills_in_a_write = 0;
    for (int round = 0; round < kills; ++round) {
        std::array<int, 2> pipe{};
        ASSERT_EQ(::pipe(pipe.data()), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(pipe[0]);
            const auto store = open_parquet_store(folder(), false);
            if (!store) ::_exit(1);
            const auto versions = (*store)->versions();
            auto number = versions->empty() ? 0 : static_cast<std::size_t>(versions->back().number);
            while (true) {
                {
                    const auto writer = (*store)->open_writer();
                    if (!writer) ::_exit(4);
                    if (!(*writer)->write(
                            {.symbols = import_number(number), .facts = facts_number(number)},
                            {.replace = true}, {}))
                        ::_exit(2);
                    if (number % 3 == 0 && !(*writer)->compact(false, {})) ::_exit(5);
                    if (number % 7 == 6 && !(*writer)->compact(true, {})) ::_exit(6);
                }
                ++number;
                if (::write(pipe[1], &number, sizeof number) != sizeof number) ::_exit(3);
            }
        }
        ::close(pipe[1]);
        ::usleep(static_cast<useconds_t>(rng.below(50'000)));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the importer ended by itself: " << WEXITSTATUS(status);
        for (std::size_t number; ::read(pipe[0], &number, sizeof number) == sizeof number;)
            acknowledged = number;
        ::close(pipe[0]);

        const auto store = open_parquet_store(folder(), false);
        ASSERT_TRUE(store) << store.error().text();
        const auto versions = (*store)->versions().value();
        const auto newest = versions.empty() ? 0 : static_cast<std::size_t>(versions.back().number);
        ASSERT_GE(newest, acknowledged);
        ASSERT_LE(newest, acknowledged + 1);
        acknowledged = newest;
        // Every version from the first, or from a seventh one, after which older ones are
        // forgotten.
        for (std::size_t i = 0; i < versions.size(); ++i) {
            const std::size_t number = newest - versions.size() + 1 + i;
            ASSERT_EQ(static_cast<std::size_t>(versions[i].number), number);
            ASSERT_EQ(versions[i].version, expected_version(number));
        }
        if (newest > 0) {
            ASSERT_TRUE(versions[0].number == 1 || versions[0].number % 7 == 0)
                << versions[0].number;
        }

        // The rows themselves, not only what the catalogue says of them.
        const auto checked = (*store)->verify({});
        ASSERT_TRUE(checked) << checked.error().text();
        ASSERT_TRUE(checked->damage.empty())
            << checked->damage[0].file << ' ' << checked->damage[0].what;
        std::int64_t files = 0;
        for (const char* kind : {"bars", "columns"})
            if (std::filesystem::exists(folder() / kind))
                files += std::distance(std::filesystem::directory_iterator{folder() / kind}, {});
        if (files != checked->files) ++kills_in_a_write;
        if (acknowledged == 0) continue;
        const std::string& some = versions[rng.below(versions.size())].version;
        const auto table = (*store)->read({.at = some, .threads = 1});
        ASSERT_TRUE(table) << table.error().text();
        ASSERT_EQ(table->rows(), model->read({.at = some})->rows());
    }
    EXPECT_GT(acknowledged, static_cast<std::size_t>(kills) / 20);
    EXPECT_GT(kills_in_a_write, 0u) << "no kill came between a new file and its commit";

    const auto store = open();
    ASSERT_TRUE(store->open_writer());
    EXPECT_EQ(
        static_cast<std::size_t>(store->verify({})->files),
        bar_files().size() + static_cast<std::size_t>(std::distance(
                                 std::filesystem::directory_iterator{folder() / "columns"}, {})))
        << "the next writer tidies up";
}

TEST_F(ParquetStore, SurvivesAHundredKills) {
    SKIP_WITHOUT_FORK();
    survive_kills(100);
}
TEST_F(LongParquetStore, SurvivesAThousandKills) {
    SKIP_WITHOUT_FORK();
    survive_kills(1000);
}

}  // namespace hsl::adapters
