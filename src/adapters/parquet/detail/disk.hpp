// SPDX-License-Identifier: Apache-2.0
#pragma once

// Every change that a store's writer makes to files of its own, beside SQLite's: what has to be in
// the right order for a loss of power goes through here, so that a test can record it and lay out
// the folder as any such loss may leave it. Every call returns 0 or an errno.

#include <filesystem>
#include <string_view>

#include "adapters/parquet/detail/folder.hpp"

namespace hsl::adapters {

class Disk {
public:
    Disk() = default;
    Disk(const Disk&) = delete;
    Disk& operator=(const Disk&) = delete;
    virtual ~Disk() = default;

    // A new and empty file, open for writing.
    [[nodiscard]] virtual int make(const std::filesystem::path& path, FileHandle& file);
    [[nodiscard]] virtual int write(const FileHandle& file, std::string_view bytes);
    [[nodiscard]] virtual int sync(const FileHandle& file);
    // Within one folder.
    [[nodiscard]] virtual int rename(const std::filesystem::path& from,
                                     const std::filesystem::path& to);
    [[nodiscard]] virtual int remove(const std::filesystem::path& path);
    // EEXIST where there is one already.
    [[nodiscard]] virtual int make_folder(const std::filesystem::path& path);
    // Makes names in `folder` (new, renamed, removed) survive a loss of power.
    [[nodiscard]] virtual int sync_folder(const std::filesystem::path& folder);
};

// The operating system's, unless a test put its own in its place.
[[nodiscard]] Disk& disk();
// `other` until the next call; null for the operating system's. While nobody writes.
void use_disk(Disk* other);

}  // namespace hsl::adapters
