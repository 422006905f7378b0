// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/folder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "adapters/parquet/detail/disk.hpp"

namespace hsl::adapters {
namespace {

// 000012-0123456789abcdef.parquet, with a word between the two for all but the bars without a
// source, and with .new behind while it is written.
bool is_row_file(std::string_view name) {
    if (name.ends_with(".new")) name.remove_suffix(4);
    if (!name.ends_with(".parquet")) return false;
    name.remove_suffix(8);
    const std::size_t dash = name.find('-');
    const std::size_t last_dash = name.rfind('-');
    if (dash == std::string_view::npos || dash < 6 || name.size() - last_dash != 17) return false;
    return std::ranges::all_of(name.substr(0, dash), [](char c) { return c >= '0' && c <= '9'; }) &&
           std::ranges::all_of(name.substr(last_dash + 1), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

}  // namespace

Error io_error(std::string_view tried, const std::filesystem::path& path, int error_number) {
    std::string_view remedy;
    switch (error_number) {
        case ENOSPC:
        case EDQUOT:
            remedy = "; make room, then try again: the store is as it was";
            break;
        case EFBIG:
            remedy = "; the limit is `ulimit -f` or the file system's: the store is as it was";
            break;
        case EACCES:
        case EPERM:
        case EROFS:
            remedy = "; give this user the right to write there, or use --store DIR";
            break;
        case ENOTDIR:
        case EEXIST:
            remedy = "; --store names a folder";
            break;
        default:
            break;
    }
    return {.code = ErrorCode::io,
            .message = fmt::format("cannot {} {}: {}{}", tried, path.string(),
                                   std::generic_category().message(error_number), remedy)};
}

FileHandle::~FileHandle() {
    if (is_open()) ::close(descriptor_);
}

Result<FileHandle> lock_for_writing(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / "lock";
    FileHandle file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)};
    if (!file.is_open()) return std::unexpected(io_error("open the store's lock", path, errno));
    while (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) return std::unexpected(io_error("lock", path, errno));
        std::array<char, 32> text{};
        const long pid =
            ::pread(file.get(), text.data(), text.size() - 1, 0) > 0 ? std::atol(text.data()) : 0;
        return fail(ErrorCode::busy,
                    fmt::format("the store {} is being written by {}; wait until that ends",
                                folder.string(),
                                pid > 0 ? fmt::format("process {}", pid) : "another process"));
    }
    const std::string pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(file.get(), 0) != 0) return std::unexpected(io_error("write", path, errno));
    if (const int error = write_all(file.get(), pid); error != 0)
        return std::unexpected(io_error("write", path, error));
    return file;
}

int write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) return errno;
        if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return 0;
}

Result<void> sync_folder(const std::filesystem::path& folder) {
    if (const int error = disk().sync_folder(folder); error != 0)
        return std::unexpected(io_error("sync", folder, error));
    return {};
}

Result<std::size_t> count_row_files(const std::filesystem::path& folder) {
    std::error_code error;
    std::size_t count = 0;
    std::filesystem::directory_iterator entry{folder, error};
    for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (is_row_file(name) && !name.ends_with(".new")) ++count;
    }
    if (error && error.value() != ENOENT && error.value() != ENOTDIR)
        return std::unexpected(io_error("list", folder, error.value()));
    return count;
}

Result<void> remove_litter(const std::filesystem::path& folder,
                           std::span<const std::string> known) {
    std::error_code error;
    std::filesystem::directory_iterator entry{folder, error};
    for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (!is_row_file(name) || std::ranges::binary_search(known, name)) continue;
        if (const int failed = disk().remove(entry->path()); failed != 0 && failed != ENOENT)
            return std::unexpected(io_error("remove", entry->path(), failed));
    }
    if (error && error.value() != ENOENT)
        return std::unexpected(io_error("list", folder, error.value()));
    return {};
}

Result<std::optional<Committed>> read_newest(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / "newest";
    const FileHandle file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.is_open()) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        return std::unexpected(io_error("read", path, errno));
    }
    std::array<char, 128> text{};
    const ssize_t count = ::pread(file.get(), text.data(), text.size(), 0);
    if (count < 0) return std::unexpected(io_error("read", path, errno));
    const std::string_view line{text.data(), static_cast<std::size_t>(count)};
    const std::size_t space = line.find(' ');
    Committed committed;
    const auto number = std::from_chars(line.data(), line.data() + line.size(), committed.number);
    if (number.ec != std::errc{} || space == std::string_view::npos || !line.ends_with('\n'))
        return fail(ErrorCode::corrupt,
                    fmt::format("{} does not say which version is the newest; remove it if "
                                "`hsl data verify` finds nothing else",
                                path.string()));
    committed.version = line.substr(space + 1, line.size() - space - 2);
    return committed;
}

Result<void> write_newest(const std::filesystem::path& folder, const Committed& committed) {
    const std::filesystem::path path = folder / "newest";
    const std::filesystem::path draft = folder / "newest.new";
    {
        FileHandle file;
        if (const int error = disk().make(draft, file); error != 0)
            return std::unexpected(io_error("make", draft, error));
        const std::string line = fmt::format("{} {}\n", committed.number, committed.version);
        if (const int error = disk().write(file, line); error != 0)
            return std::unexpected(io_error("write", draft, error));
        if (const int error = disk().sync(file); error != 0)
            return std::unexpected(io_error("sync", draft, error));
    }
    if (const int error = disk().rename(draft, path); error != 0)
        return std::unexpected(io_error("rename", draft, error));
    return sync_folder(folder);
}

}  // namespace hsl::adapters
