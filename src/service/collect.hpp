// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a feed publishes into a store: asks for what is missing, keeps what came until everything is
// there, then publishes one version. Nothing is published when an answer is not understood; what
// came stays and is not asked for again. docs/guides/collect.md.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "service/collect_checks.hpp"
#include "service/feed.hpp"
#include "store/bar_store.hpp"
#include "store/market_file.hpp"

namespace hsl::service {

struct CollectOptions {
    std::filesystem::path state = {};  // folder for the journal and bodies on their way
    // Days asked for, both included. `to` unset: the last session before today, the youngest that
    // every host has published. `from` unset with `daily`: ten sessions before the one after the
    // last in store, since one market or column may be published later than another.
    std::optional<Date> from = {}, to = {};
    bool daily = false;
    Date today = {};  // in Seoul
    std::vector<market::Market> markets = {};
    std::vector<std::string> symbols = {};   // none: those of this source in the store
    std::vector<std::string> columns = {};   // beside prices: "valuation"
    std::optional<std::string> source = {};  // of the bars; unset: the feed's name
    bool replace = false;
    unsigned threads = 1;
    std::string made_at = {};  // UTC, ISO
    std::string note = {};
};

struct CollectReport {
    std::string version = {};
    bool changed = false;
    std::optional<Date> from = {}, to = {};
    std::int64_t errands = 0;  // asked for or kept from before
    std::int64_t already = 0;  // published by an earlier collection
    std::int64_t resumed = 0;  // kept from one that did not finish
    std::int64_t requests = 0;
    std::int64_t added = 0, replaced = 0, unchanged = 0, facts_changed = 0;
    std::map<std::string, std::int64_t> quarantined = {};  // reason -> rows
    std::map<std::string, std::int64_t> repaired = {}, dropped = {}, found = {};
    std::vector<std::string> empty = {};  // sessions that were answered without a row: ask again
    std::vector<Error> refused = {};      // files of a folder that were not understood
    std::vector<std::string> notes = {};
    // Read out of the new rows and kept as proposals: nothing applies them before they are
    // confirmed.
    std::vector<market::CorporateAction> proposed = {};
    std::optional<DayCheck> last_day = {};  // of a feed of market days, when something came
};

[[nodiscard]] Result<CollectReport> collect(store::BarStore& store, Feed& feed,
                                            const store::MarketFileParser& parse,
                                            const CollectOptions& options,
                                            const Progress& progress = {});

}  // namespace hsl::service
