// SPDX-License-Identifier: Apache-2.0
#pragma once

// The folder of a store as the operating system sees it: the writer's lock, and writes that are on
// the disk when they say so.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace hsl::adapters {

// `io` with what was tried, the system's words for `error_number`, and the remedy where one is
// known.
[[nodiscard]] Error io_error(std::string_view tried, const std::filesystem::path& path,
                             int error_number);

// An open file, closed when destroyed.
class FileHandle {
public:
    FileHandle() = default;
    explicit FileHandle(int descriptor) : descriptor_(descriptor) {}
    FileHandle(FileHandle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FileHandle& operator=(FileHandle&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~FileHandle();
    [[nodiscard]] int get() const { return descriptor_; }
    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    // Hands the descriptor to somebody else who closes it.
    [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }

private:
    int descriptor_ = -1;
};

// The store's one right to write: an flock on DIR/lock, which the kernel gives up with the process.
// The file holds the pid, for the message of whoever comes second (`busy`).
[[nodiscard]] Result<FileHandle> lock_for_writing(const std::filesystem::path& folder);

// All of `bytes`, or an errno.
[[nodiscard]] int write_all(int descriptor, std::string_view bytes);

// Makes names in `folder` (new, renamed, removed) survive a loss of power.
[[nodiscard]] Result<void> sync_folder(const std::filesystem::path& folder);

// How many files of ours a folder holds; none where there is no such folder.
[[nodiscard]] Result<std::size_t> count_row_files(const std::filesystem::path& folder);

// Removes what killed writers left in a folder of row files: names of ours that are not in `known`
// (ascending). Anything else is somebody else's and stays.
[[nodiscard]] Result<void> remove_litter(const std::filesystem::path& folder,
                                         std::span<const std::string> known);

// The newest version that was committed, as DIR/newest has it: written after the catalogue, so that
// an older catalogue put back alone is told.
struct Committed {
    std::int64_t number = 0;
    std::string version;
};
[[nodiscard]] Result<std::optional<Committed>> read_newest(const std::filesystem::path& folder);
[[nodiscard]] Result<void> write_newest(const std::filesystem::path& folder,
                                        const Committed& committed);

}  // namespace hsl::adapters
