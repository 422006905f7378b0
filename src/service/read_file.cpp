// SPDX-License-Identifier: Apache-2.0
#include "service/read_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"

namespace hsl::service {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> refused(const std::string& file, ErrorCode code, std::string message) {
    return std::unexpected(Error{.code = code, .message = std::move(message), .file = file});
}

std::unexpected<Error> refused_by_system(const std::string& file, int error_number) {
    return refused(file, error_number == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                   std::generic_category().message(error_number));
}

std::unexpected<Error> too_large(const std::string& file, std::size_t bytes_max) {
    return refused(file, ErrorCode::bad_data,
                   fmt::format("more than {} bytes, the most that is read: split it by symbol or "
                               "by year",
                               with_commas(static_cast<std::int64_t>(bytes_max))));
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    [[nodiscard]] int get() const { return number_; }

private:
    int number_;
};

// Asks before each read whether there is something: a pipe may keep us waiting, and a stop must
// not.
Result<std::string> read_all(int descriptor, const std::string& file, const Progress& progress,
                             std::size_t bytes_max) {
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) return refused_by_system(file, errno);
    if (S_ISDIR(status.st_mode)) return refused_by_system(file, EISDIR);
    std::string bytes;
    if (S_ISREG(status.st_mode) && status.st_size > 0) {
        if (static_cast<std::size_t>(status.st_size) > bytes_max) return too_large(file, bytes_max);
        bytes.reserve(static_cast<std::size_t>(status.st_size));
    }
    constexpr int wait_ms = 50;
    std::array<char, 1 << 16> block;
    while (true) {
        if (progress.stopped()) return fail(ErrorCode::cancelled, "stopped while reading " + file);
        pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&wanted, 1, wait_ms);
        if (ready < 0 && errno != EINTR) return refused_by_system(file, errno);
        if (ready <= 0) continue;
        const ssize_t got = ::read(descriptor, block.data(), block.size());
        if (got == 0) return bytes;
        if (got < 0 && errno != EINTR && errno != EAGAIN) return refused_by_system(file, errno);
        if (got < 0) continue;
        bytes.append(block.data(), static_cast<std::size_t>(got));
        if (bytes.size() > bytes_max) return too_large(file, bytes_max);
    }
}

// What the parsers of market files understand.
bool looks_like_market_data(const fs::path& path) {
    static constexpr std::array<std::string_view, 9> endings{
        ".csv", ".tsv", ".txt", ".gz", ".zip", ".parquet", ".json", ".xml", ".mst"};
    const std::string extension = lower(path.extension().string());
    return std::ranges::find(endings, extension) != endings.end();
}

// Folders behind links are not entered: a link may lead back up.
void collect(const fs::path& folder, std::vector<fs::path>& files) {
    std::error_code failure;
    fs::directory_iterator at{folder, failure};
    for (; !failure && at != fs::directory_iterator{}; at.increment(failure)) {
        const fs::path path = at->path();
        // macOS leaves "._005930.csv" beside the file on foreign disks.
        if (path.filename().string().starts_with('.')) continue;
        std::error_code unknown;
        const fs::file_type own = at->symlink_status(unknown).type();
        if (own == fs::file_type::directory) {
            collect(path, files);
            continue;
        }
        const fs::file_type type = at->status(unknown).type();
        const bool readable = type == fs::file_type::regular || type == fs::file_type::not_found ||
                              type == fs::file_type::none;
        if (readable && looks_like_market_data(path)) files.push_back(path);
    }
    // Reading the folder as a file says what is wrong with it.
    if (failure) files.push_back(folder);
}

// The paths that a pattern (*, ?, [...]) matches, by name; none where it is no pattern.
std::vector<std::string> matches(const std::string& pattern) {
    std::vector<std::string> paths;
    if (pattern.find_first_of("*?[") == std::string::npos) return paths;
    glob_t found{};
    if (::glob(pattern.c_str(), GLOB_TILDE, nullptr, &found) == 0)
        paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    return paths;
}

// "; did you mean prices/005930.csv?", of what lies beside it; "" where nothing is called alike.
std::string nearest_path(const fs::path& path) {
    const bool folder_meant = !path.has_filename();
    const fs::path meant = folder_meant ? path.parent_path() : path;
    const fs::path folder = meant.has_parent_path() ? meant.parent_path() : fs::path{"."};
    std::vector<std::string> names;
    std::error_code failure;
    for (fs::directory_iterator at{folder, failure}; !failure && at != fs::directory_iterator{};
         at.increment(failure))
        names.push_back(at->path().filename().string());
    std::ranges::sort(names);
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string near = nearest_word(meant.filename().string(), views.data(), views.size());
    if (near.empty()) return {};
    return fmt::format("; did you mean {}?",
                       meant.has_parent_path() ? (meant.parent_path() / near).string() : near);
}

// What one word of a command line means, behind `files`.
Result<void> expand_path(const std::string& text, std::vector<fs::path>& files) {
    std::error_code failure;
    const fs::path path{text};
    const fs::file_type type = fs::status(path, failure).type();
    if (text.empty() || type == fs::file_type::not_found) {
        if (text == "-") {
            files.push_back(path);
            return {};
        }
        const std::vector<std::string> matched = matches(text);
        if (matched.empty())
            return fail(ErrorCode::not_found,
                        fmt::format("'{}': no such file or folder{}", text, nearest_path(path)));
        for (const std::string& one : matched) HSL_CHECK(expand_path(one, files));
        return {};
    }
    if (type == fs::file_type::none) return refused_by_system(text, failure.value());
    if (type != fs::file_type::directory) {
        files.push_back(path);
        return {};
    }
    const std::size_t before = files.size();
    collect(path, files);
    if (files.size() == before)
        return fail(ErrorCode::not_found,
                    fmt::format("'{}': no file of market data in this folder (.csv .tsv .txt .gz "
                                ".zip .parquet .json .xml .mst)",
                                text));
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
    return {};
}

}  // namespace

Result<std::vector<fs::path>> expand_paths(const std::vector<std::string>& paths) {
    std::vector<fs::path> files;
    for (const std::string& text : paths) HSL_CHECK(expand_path(text, files));
    std::set<fs::path> seen;
    std::erase_if(files, [&](const fs::path& path) {
        std::error_code failure;
        const fs::path whole = fs::absolute(path, failure).lexically_normal();
        return !seen.insert(failure ? path : whole).second;
    });
    return files;
}

Result<std::string> read_bytes(const fs::path& path, const Progress& progress,
                               std::size_t bytes_max) {
    // Without O_NONBLOCK a pipe that nobody writes to would keep us in open().
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (file.get() < 0) return refused_by_system(path.string(), errno);
    return read_all(file.get(), path.string(), progress, bytes_max);
}

Result<std::string> read_standard_input(const Progress& progress) {
    return read_all(STDIN_FILENO, "stdin", progress, file_bytes_max);
}

}  // namespace hsl::service
