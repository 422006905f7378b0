// SPDX-License-Identifier: Apache-2.0
#include "service/collect_state.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/date.hpp"
#include "service/read_file.hpp"

namespace hsl::service {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view header = "feed\tsubject\tfrom\tto\toutcome\trows\tmade_at\tversion\n";

std::unexpected<Error> refused_by_system(const fs::path& file, int error_number) {
    return std::unexpected(Error{.code = ErrorCode::io,
                                 .message = std::generic_category().message(error_number),
                                 .file = file.string()});
}

// The whole file or the old one: written beside it, flushed, then renamed.
Result<void> write_file(const fs::path& file, std::string_view bytes) {
    const fs::path beside = file.string() + ".part";
    const int descriptor = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) return refused_by_system(beside, errno);
    int failed = 0;
    while (!bytes.empty() && failed == 0) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0)
            failed = errno == EINTR ? 0 : errno;
        else
            bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    if (failed == 0 && ::fsync(descriptor) != 0) failed = errno;
    ::close(descriptor);
    if (failed == 0 && ::rename(beside.c_str(), file.c_str()) != 0) failed = errno;
    if (failed == 0) return {};
    ::unlink(beside.c_str());
    return refused_by_system(beside, failed);
}

Result<void> make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return refused_by_system(folder, error.value());
    return {};
}

// A name that is one on every file system, whatever a feed calls its bodies.
std::string file_name(std::string_view name) {
    std::string out;
    for (const char c : name) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                           (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_' ||
                           static_cast<unsigned char>(c) >= 0x80;
        out += plain ? c : '_';
    }
    return out.empty() || out.front() == '.' ? "_" + out : out;
}

std::string text_of(const std::optional<Date>& date) { return date ? date->iso() : "-"; }

std::optional<JournalRow> parse_row(std::string_view line) {
    std::vector<std::string> cells;
    for (std::size_t at = 0;;) {
        const std::size_t end = line.find('\t', at);
        cells.emplace_back(line.substr(at, end - at));
        if (end == std::string_view::npos) break;
        at = end + 1;
    }
    if (cells.size() != 8) return {};
    JournalRow row{.feed = cells[0],
                   .subject = cells[1],
                   .from = parse_date(cells[2]),
                   .to = parse_date(cells[3]),
                   .outcome = cells[4],
                   .made_at = cells[6],
                   .version = cells[7]};
    const auto [end, error] =
        std::from_chars(cells[5].data(), cells[5].data() + cells[5].size(), row.rows);
    if (error != std::errc{} || end != cells[5].data() + cells[5].size()) return {};
    return row;
}

}  // namespace

std::string Errand::text() const {
    if (!path.empty()) return path;
    return from == to ? fmt::format("{} {}", subject, from.iso())
                      : fmt::format("{} {}..{}", subject, from.iso(), to.iso());
}

CollectState::CollectState(CollectState&& other) noexcept
    : folder_(std::move(other.folder_)),
      lock_(std::exchange(other.lock_, -1)),
      journal_(std::move(other.journal_)),
      days_(std::move(other.days_)) {}

CollectState::~CollectState() {
    if (lock_ >= 0) ::close(lock_);
}

Result<CollectState> CollectState::open(const fs::path& folder) {
    HSL_CHECK(make_folder(folder));
    const fs::path lock = folder / "lock";
    const int descriptor = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return refused_by_system(lock, errno);
    CollectState state{folder, descriptor};
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
        return fail(ErrorCode::busy,
                    fmt::format("another collection is running in {}", folder.string()));
    HSL_CHECK(state.load());
    return state;
}

Result<void> CollectState::load() {
    const fs::path file = folder_ / "journal.tsv";
    if (!fs::exists(file)) return {};
    HSL_TRY(const std::string text, read_bytes(file));
    long line = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        const std::string_view row = std::string_view{text}.substr(at, end - at);
        at = end == std::string::npos ? text.size() : end + 1;
        if (++line == 1) continue;
        auto parsed = parse_row(row);
        if (!parsed)
            return std::unexpected(Error{
                .code = ErrorCode::corrupt,
                .message = "this is no line of the journal of collections: take the line out, "
                           "what it spoke of is then asked for once more",
                .file = file.string(),
                .line = line});
        index(*parsed);
        journal_.push_back(std::move(*parsed));
    }
    return {};
}

void CollectState::index(const JournalRow& row) {
    days_[{row.feed, row.subject}].insert({row.from.value_or(Date{}), row.to.value_or(Date{})});
}

bool CollectState::published(const std::string& feed, const Errand& errand) const {
    const auto found = days_.find({feed, errand.subject});
    if (found == days_.end()) return false;
    if (!errand.path.empty()) return true;
    Date missing = errand.from;
    for (const auto& [from, to] : found->second)
        if (from <= missing) missing = std::max(missing, to + 1);
    return missing > errand.to;
}

Result<void> CollectState::add(std::vector<JournalRow> rows) {
    if (rows.empty()) return {};
    std::string text{header};
    const auto write = [&](const JournalRow& row) {
        text += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", row.feed, row.subject,
                            text_of(row.from), text_of(row.to), row.outcome, row.rows, row.made_at,
                            row.version);
    };
    for (const JournalRow& row : journal_) write(row);
    for (const JournalRow& row : rows) write(row);
    HSL_CHECK(write_file(folder_ / "journal.tsv", text));
    for (JournalRow& row : rows) {
        index(row);
        journal_.push_back(std::move(row));
    }
    return {};
}

fs::path CollectState::place(const std::string& feed, const Errand& errand) const {
    return folder_ / "kept" / feed /
           file_name(fmt::format("{}_{}_{}", errand.subject, errand.from.iso(), errand.to.iso()));
}

bool CollectState::kept(const std::string& feed, const Errand& errand) const {
    std::error_code error;
    return fs::is_directory(place(feed, errand), error);
}

Result<void> CollectState::keep(const std::string& feed, const Errand& errand,
                                const std::vector<FeedBody>& bodies) const {
    const fs::path target = place(feed, errand);
    const fs::path beside = target.string() + ".part";
    std::error_code error;
    fs::remove_all(beside, error);
    HSL_CHECK(make_folder(beside));
    for (const FeedBody& body : bodies)
        HSL_CHECK(write_file(beside / file_name(body.name), body.bytes));
    fs::rename(beside, target, error);
    if (error) return refused_by_system(target, error.value());
    return {};
}

Result<std::vector<FeedBody>> CollectState::bodies(const std::string& feed,
                                                   const Errand& errand) const {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{place(feed, errand), error})
        files.push_back(entry.path());
    if (error) return refused_by_system(place(feed, errand), error.value());
    std::ranges::sort(files);
    std::vector<FeedBody> bodies;
    for (const fs::path& file : files) {
        HSL_TRY(std::string bytes, read_bytes(file));
        bodies.push_back({file.filename().string(), std::move(bytes)});
    }
    return bodies;
}

void CollectState::forget(const std::string& feed, const Errand& errand) const {
    std::error_code ignored;  // what stays is told from the journal that it was published
    fs::remove_all(place(feed, errand), ignored);
}

Result<fs::path> CollectState::reject(const std::string& feed, const FeedBody& body) const {
    const fs::path folder = folder_ / "rejected" / feed;
    HSL_CHECK(make_folder(folder));
    const fs::path file = folder / file_name(body.name);
    HSL_CHECK(write_file(file, body.bytes));
    return file;
}

}  // namespace hsl::service
