// SPDX-License-Identifier: Apache-2.0
#pragma once

// A sweep from a store: bars to a frame, every set of a strategy file over it, the result with its
// identity, kept as a run.

#include <optional>
#include <string>
#include <vector>

#include "backtest/sweep.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "store/bar_store.hpp"

namespace hsl::service {

struct SweepRequest {
    std::string strategy_path = {};
    std::string strategies = {};  // the text of that file; "": it is read
    market::FrameOptions frame = {};
    backtest::SweepOptions sweep = {};
    std::string universe = {};              // strategy/universe.hpp; "": the frame's symbols
    std::string at = {};                    // data version to read; "": the newest
    std::vector<std::string> sources = {};  // of several with the same symbol the first is read
    std::string command = {};               // as the user typed it
    std::string calendar = {};              // days that were changed in it, as the user gave them
    std::vector<std::string> notes = {};    // for the result, beside its own
    bool keep = true;                       // write the run record
};

struct SweepAnswer {
    analytics::SweepResult result;
    // Why the run record could not be written: a store that may only be read, a full disk. The
    // result is good nevertheless.
    std::optional<Error> not_kept;
};

// Listings and actions are taken as they were known on frame.as_of, where it is given. The run id
// hashes code version, strategy text, data version, rules and the options that change a
// number (threads do not).
[[nodiscard]] Result<SweepAnswer> run_sweep(store::BarStore& store, const SweepRequest& request,
                                            const Progress& progress = {});

}  // namespace hsl::service
