// SPDX-License-Identifier: Apache-2.0
#pragma once

// A folder as a feed: each file in it and below is an errand, known by the hash of its content, so
// that a file is taken once whatever it is called. Files that are still being written wait: those
// that changed within the last two seconds and those with the names of downloads under way.

#include <chrono>
#include <filesystem>
#include <memory>

#include "service/feed.hpp"

namespace hsl::service {

struct WatchedFolderOptions {
    std::filesystem::path folder = {};
    store::ReadHints hints = {};
    std::chrono::milliseconds settled{2000};  // without a change, before a file counts as whole
};
[[nodiscard]] Result<std::unique_ptr<Feed>> watch_folder(WatchedFolderOptions options);

}  // namespace hsl::service
