// SPDX-License-Identifier: Apache-2.0
#include "service/read_file.hpp"

#include <fstream>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hsl::service {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class ReadFile : public testing::Test {
protected:
    ReadFile() : folder_(fs::temp_directory_path() / fmt::format("hsl-read-test-{}", ::getpid())) {
        fs::create_directories(folder_);
    }
    ~ReadFile() override { fs::remove_all(folder_); }

    fs::path write(const std::string& name, const std::string& text) {
        const fs::path path = folder_ / name;
        fs::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << text;
        return path;
    }
    // The paths below the folder, as one text.
    std::string expanded(const std::vector<std::string>& paths) {
        const auto files = expand_paths(paths);
        if (!files) return files.error().text();
        std::string text;
        for (const fs::path& file : *files)
            text += (text.empty() ? "" : " ") + file.lexically_relative(folder_).string();
        return text;
    }

    fs::path folder_;
};

TEST_F(ReadFile, AFolderStandsForThePriceFilesBelowIt) {
    for (const char* name : {"b.csv", "a.CSV", "c.txt", "d.tsv", "e.xlsx", "README", "sub/z.csv",
                             "f.csv.gz", "g.zip", "h.parquet", "i.json", "j.xml", "k.mst", "l.h5",
                             "._a.csv", ".hidden.csv", ".git/x.csv", "가격/005930.csv"})
        write(name, "");
    EXPECT_EQ(expanded({folder_}),
              "a.CSV b.csv c.txt d.tsv f.csv.gz g.zip h.parquet i.json j.xml k.mst sub/z.csv "
              "가격/005930.csv");
    EXPECT_EQ(expanded({folder_ / "e.xlsx"}), "e.xlsx");
}

TEST_F(ReadFile, APatternStandsForWhatItMatches) {
    for (const char* name : {"b1.csv", "b2.csv", "c.csv", "[x].csv", "sub/d.csv", "sub/e.csv"})
        write(name, "");
    EXPECT_EQ(expanded({folder_ / "b?.csv"}), "b1.csv b2.csv");
    EXPECT_EQ(expanded({folder_ / "s*"}), "sub/d.csv sub/e.csv");
    EXPECT_EQ(expanded({folder_ / "[x].csv"}), "[x].csv") << "a file's own name comes first";
    EXPECT_THAT(expanded({folder_ / "z*.csv"}), HasSubstr("z*.csv': no such file"));
    EXPECT_EQ(expand_paths({"-"}).value(), std::vector<fs::path>{"-"});
}

TEST_F(ReadFile, AFileNamedTwiceCountsOnce) {
    write("a.csv", "");
    write("b.csv", "");
    EXPECT_EQ(expanded({folder_ / "b.csv", folder_, folder_ / "." / "b.csv"}), "b.csv a.csv");
}

TEST_F(ReadFile, LinksInAFolderAreFilesAndNeverLeadIntoACircle) {
    write("a.csv", "");
    write("elsewhere/real", "");
    fs::create_symlink("a.csv", folder_ / "link.csv");
    fs::create_symlink("nowhere", folder_ / "lost.csv");
    fs::create_symlink("self.csv", folder_ / "self.csv");
    fs::create_directory_symlink(folder_, folder_ / "circle");
    fs::create_directory_symlink(folder_, folder_ / "circle.csv");
    ASSERT_EQ(::mkfifo((folder_ / "pipe.csv").c_str(), 0600), 0);
    // The lost ones stay: reading them says what is wrong.
    EXPECT_EQ(expanded({folder_}), "a.csv link.csv lost.csv self.csv");
    EXPECT_THAT(read_bytes(folder_ / "lost.csv").error().text(),
                HasSubstr("lost.csv: No such file"));
}

TEST_F(ReadFile, SaysWhatIsNotThere) {
    fs::create_directory(folder_ / "empty");
    for (const auto& [path, words] : {std::pair<std::string, const char*>{"", "'': no such file"},
                                      {folder_ / "gone", "gone': no such file or folder"},
                                      {folder_ / "empty", "no file of market data"},
                                      {std::string(5000, 'x'), "too long"}}) {
        const auto files = expand_paths({path});
        ASSERT_FALSE(files) << path;
        EXPECT_THAT(files.error().text(), HasSubstr(words));
    }
}

TEST_F(ReadFile, WhatCannotBeReadIsNamed) {
    EXPECT_EQ(read_bytes(folder_).error().text(), folder_.string() + ": Is a directory");
    EXPECT_EQ(read_bytes(folder_ / "gone").error().code, ErrorCode::not_found);
    const fs::path locked = write("locked.csv", "x");
    ASSERT_EQ(::chmod(locked.c_str(), 0), 0);
    if (::geteuid() != 0) {
        EXPECT_THAT(read_bytes(locked).error().text(), HasSubstr("locked.csv: Permission denied"));
    }
}

TEST_F(ReadFile, AnEndlessSourceIsRefused) {
    EXPECT_THAT(read_bytes("/dev/zero", {}, 100'000).error().text(),
                HasSubstr("/dev/zero: more than 100,000 bytes"));
    const fs::path sparse = write("sparse.csv", "");
    fs::resize_file(sparse, file_bytes_max + 1);
    EXPECT_EQ(read_bytes(sparse).error().code, ErrorCode::bad_data);
}

TEST_F(ReadFile, APipeIsReadToItsEnd) {
    const fs::path pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::jthread writer{[&] {
        std::ofstream out{pipe};
        for (int i = 0; i < 3; ++i) {
            out << "line " << i << '\n' << std::flush;
            std::this_thread::sleep_for(std::chrono::milliseconds{60});
        }
    }};
    EXPECT_EQ(read_bytes(pipe).value(), "line 0\nline 1\nline 2\n");
}

TEST_F(ReadFile, AStopEndsTheWaitForAPipe) {
    const fs::path pipe = folder_ / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    std::stop_source stop;
    std::jthread asker{[&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
        stop.request_stop();
    }};
    EXPECT_EQ(read_bytes(pipe, {.report = {}, .stop = stop.get_token()}).error().code,
              ErrorCode::cancelled);
}

}  // namespace
}  // namespace hsl::service
