// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a collection leaves in a folder beside the store: a journal of what was published, the
// bodies that came but are not published yet, and bodies that were not understood. A collection
// that was killed goes on from there. One process at a time.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "service/feed.hpp"

namespace hsl::service {

struct JournalRow {
    std::string feed = {};
    std::string subject = {};  // of the errand: "KOSPI", "005930", a file's hash
    std::optional<Date> from = {}, to = {};
    // "rows"; "none": there was nothing to tell; "refused": a file that was not understood
    std::string outcome = {};
    std::int64_t rows = 0;
    std::string made_at = {};  // UTC, ISO
    std::string version = {};
};

class CollectState {
public:
    CollectState(CollectState&& other) noexcept;
    CollectState& operator=(CollectState&&) = delete;
    ~CollectState();

    // Makes the folder where it is missing. `busy` while another collection has it.
    [[nodiscard]] static Result<CollectState> open(const std::filesystem::path& folder);

    [[nodiscard]] const std::vector<JournalRow>& journal() const { return journal_; }
    // Whether every day of an errand (or the file) is in the journal.
    [[nodiscard]] bool published(const std::string& feed, const Errand& errand) const;
    [[nodiscard]] Result<void> add(std::vector<JournalRow> rows);

    [[nodiscard]] bool kept(const std::string& feed, const Errand& errand) const;
    [[nodiscard]] Result<void> keep(const std::string& feed, const Errand& errand,
                                    const std::vector<FeedBody>& bodies) const;
    [[nodiscard]] Result<std::vector<FeedBody>> bodies(const std::string& feed,
                                                       const Errand& errand) const;
    void forget(const std::string& feed, const Errand& errand) const;

    // Puts a body aside for inspection; returns where.
    [[nodiscard]] Result<std::filesystem::path> reject(const std::string& feed,
                                                       const FeedBody& body) const;

private:
    CollectState(std::filesystem::path folder, int lock)
        : folder_(std::move(folder)), lock_(lock) {}
    [[nodiscard]] Result<void> load();
    void index(const JournalRow& row);
    [[nodiscard]] std::filesystem::path place(const std::string& feed, const Errand& errand) const;

    std::filesystem::path folder_;
    int lock_;
    std::vector<JournalRow> journal_;
    // feed and subject -> first and last days, ascending; of a file one pair without meaning
    std::map<std::pair<std::string, std::string>, std::set<std::pair<Date, Date>>> days_;
};

}  // namespace hsl::service
