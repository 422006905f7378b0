// SPDX-License-Identifier: Apache-2.0
#include "service/watched_folder.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "base/hash.hpp"
#include "base/text.hpp"
#include "service/read_file.hpp"

namespace hsl::service {
namespace {

namespace fs = std::filesystem;

bool is_under_way(const fs::path& file) {
    static constexpr std::array<std::string_view, 6> endings{
        ".part", ".tmp", ".temp", ".crdownload", ".download", ".partial"};
    const std::string name = lower(file.filename().string());
    return std::ranges::any_of(endings,
                               [&](std::string_view ending) { return name.ends_with(ending); });
}

bool is_hidden(const fs::path& file) { return file.filename().string().starts_with('.'); }

class WatchedFolder final : public Feed {
public:
    explicit WatchedFolder(WatchedFolderOptions options) : options_(std::move(options)) {}
    std::string name() const override { return "folder"; }
    FeedUnit unit(const FeedQuery&) const override { return FeedUnit::file; }

    Result<std::vector<Errand>> errands(const FeedQuery&) override {
        std::vector<fs::path> files;
        HSL_TRY(files, list());
        waiting_ = 0;
        std::vector<Errand> errands;
        for (const fs::path& file : files) {
            std::error_code error;
            const auto changed = fs::last_write_time(file, error);
            const auto age = fs::file_time_type::clock::now() - changed;
            if (error || is_under_way(file) || age < options_.settled) {
                ++waiting_;
                continue;
            }
            HSL_TRY(const std::string bytes, read_bytes(file));
            errands.push_back({.subject = Hasher{}.add_text(bytes).hex(32), .path = file.string()});
        }
        return errands;
    }

    std::expected<Fetched, FeedFailure> fetch(const Errand& errand,
                                              const Progress& progress) override {
        auto bytes = read_bytes(errand.path, progress);
        if (!bytes) return std::unexpected(FeedFailure{.error = std::move(bytes).error()});
        if (Hasher{}.add_text(*bytes).hex(32) != errand.subject)
            return std::unexpected(
                FeedFailure{.error = {.code = ErrorCode::io,
                                      .message = "it is being written: it is taken next time",
                                      .file = errand.path}});
        Fetched fetched;
        fetched.bodies.push_back({errand.path, std::move(*bytes)});
        return fetched;
    }

    store::ReadHints hints(const Errand&) const override { return options_.hints; }
    std::int64_t requests() const override { return 0; }
    std::vector<std::string> notes() const override {
        if (waiting_ == 0) return {};
        return {fmt::format("{} still being written: taken next time",
                            waiting_ == 1 ? "1 file is" : fmt::format("{} files are", waiting_))};
    }

private:
    Result<std::vector<fs::path>> list() const {
        std::vector<fs::path> files;
        std::error_code error;
        auto entry = fs::recursive_directory_iterator{
            options_.folder, fs::directory_options::skip_permission_denied, error};
        for (; !error && entry != fs::recursive_directory_iterator{}; entry.increment(error)) {
            if (is_hidden(entry->path())) {
                entry.disable_recursion_pending();
                continue;
            }
            std::error_code unknown;
            if (entry->is_regular_file(unknown)) files.push_back(entry->path());
        }
        if (error)
            return std::unexpected(Error{.code = ErrorCode::io,
                                         .message = error.message(),
                                         .file = options_.folder.string()});
        std::ranges::sort(files);
        return files;
    }

    WatchedFolderOptions options_;
    std::size_t waiting_ = 0;
};

}  // namespace

Result<std::unique_ptr<Feed>> watch_folder(WatchedFolderOptions options) {
    std::error_code error;
    if (!fs::is_directory(options.folder, error))
        return std::unexpected(Error{.code = ErrorCode::not_found,
                                     .message = "there is no such folder to watch",
                                     .file = options.folder.string()});
    return std::make_unique<WatchedFolder>(std::move(options));
}

}  // namespace hsl::service
