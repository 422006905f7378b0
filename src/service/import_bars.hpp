// SPDX-License-Identifier: Apache-2.0
#pragma once

// Price files into a store. Each file is understood or refused on its own; repeats are settled
// across the files of one import and against the store; then everything becomes one version.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "service/read_file.hpp"
#include "store/bar_store.hpp"
#include "store/price_file.hpp"

namespace hsl::service {

struct ImportOptions {
    bool replace = false;  // rows that differ from stored ones replace them
    market::Market market = market::Market::unknown;  // of KRX shares in these files
    unsigned threads = 0;
    std::string note = {};  // kept with the version
};

struct ImportedFile {
    std::string path;
    std::string symbol;
    std::int64_t data_lines = 0;
    std::int64_t accepted = 0;                        // in the store now, repaired rows among them
    std::map<std::string, std::int64_t> repaired;     // rule -> rows
    std::map<std::string, std::int64_t> quarantined;  // reason -> rows
    std::map<std::string, std::int64_t> dropped;      // reason -> rows
    std::optional<Date> from, to;                     // of the accepted rows
    std::optional<Error> error;                       // the file was refused
};

struct ImportReport {
    std::string version;  // data version after the import
    bool changed = false;
    std::int64_t added = 0, replaced = 0, unchanged = 0;
    std::vector<ImportedFile> files;                 // in the order of the paths
    std::vector<store::QuarantinedRow> quarantined;  // by file, then line
};

// `files` may hold several of one symbol; each path once (expand_paths sees to that).
[[nodiscard]] Result<ImportReport> import_bars(store::BarStore& store,
                                               const store::PriceFileParser& parse,
                                               const std::vector<std::filesystem::path>& files,
                                               const ImportOptions& options,
                                               const Progress& progress = {});

}  // namespace hsl::service
