// SPDX-License-Identifier: Apache-2.0
#pragma once

// Market files into a store: prices of one symbol or of a whole market, further columns, listings,
// corporate actions. Each file, or member of an archive, is understood or refused on its own;
// repeats are settled across the files of one import and against the store; then everything becomes
// one version. A file's bytes are let go once they were understood, and its bars join those of the
// other files, so that memory grows with the bars, some 100 bytes each, and neither with the text
// nor with the number of files.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "service/agreement.hpp"
#include "store/bar_store.hpp"
#include "store/market_file.hpp"

namespace hsl::service {

// One document to import: a file, what came in on a pipe, the body of an answer.
struct ImportSource {
    std::string path = {};  // as messages name it
    std::function<Result<std::string>(const Progress&)> read = {};
    store::ReadHints hints = {};
    bool again = true;  // `read` can be called twice; otherwise its bytes are kept
};

// "-" is standard input.
[[nodiscard]] std::vector<ImportSource> import_sources(
    const std::vector<std::filesystem::path>& paths, const store::ReadHints& hints);

struct ImportOptions {
    bool replace = false;  // rows that differ from stored ones replace them
    bool dry_run = false;  // say what would become of each line, and write nothing
    unsigned threads = 0;
    std::string note = {};  // kept with the version
};

struct ImportedFile {
    std::string path = {};
    std::string symbol = {};  // where it speaks of one alone
    std::int64_t symbols = 0;
    std::int64_t data_lines = 0;
    std::int64_t accepted = 0;                             // in the store now, repaired ones too
    std::map<std::string, std::int64_t> repaired = {};     // rule -> rows
    std::map<std::string, std::int64_t> quarantined = {};  // reason -> rows
    std::map<std::string, std::int64_t> dropped = {};      // reason -> rows
    std::map<std::string, std::int64_t> found = {};        // finding -> how many
    std::optional<Date> from = {}, to = {};                // of the accepted rows
    // A price file with a column of names: as a table of listings it would bring them in.
    bool names_left = false;
    std::optional<Error> error = {};  // the file was refused
};

struct ImportFinding {
    std::string file = {};
    store::Finding finding = {};
};

struct ImportReport {
    std::string version = {};  // data version after the import; "" of a dry run
    bool changed = false;
    std::int64_t added = 0, replaced = 0, unchanged = 0, facts_changed = 0;
    std::vector<ImportedFile> files = {};                 // in the order of the sources
    std::vector<store::QuarantinedRow> quarantined = {};  // by file, then line
    std::vector<ImportFinding> findings = {};  // by file, then line; as many as the parsers kept
    std::vector<Agreement> agreements = {};    // of symbols that two to eight files have in common
};

[[nodiscard]] Result<ImportReport> import_files(store::BarStore& store,
                                                const store::MarketFileParser& parse,
                                                const std::vector<ImportSource>& sources,
                                                const ImportOptions& options,
                                                const Progress& progress = {});

}  // namespace hsl::service
