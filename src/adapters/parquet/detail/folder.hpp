// SPDX-License-Identifier: Apache-2.0
#pragma once

// The folder of a store as the operating system sees it: the writer's lock, and writes that are on
// the disk when they say so.

#include <cstddef>
#include <filesystem>
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

// How many bar files the folder holds; none where there is no such folder.
[[nodiscard]] Result<std::size_t> count_bar_files(const std::filesystem::path& bars);

// Removes what killed writers left in the folder of bar files: names of ours that are not in
// `known`. Anything else is somebody else's and stays.
[[nodiscard]] Result<void> remove_litter(const std::filesystem::path& bars,
                                         std::span<const std::string> known);

}  // namespace hsl::adapters
