// SPDX-License-Identifier: Apache-2.0
#pragma once

// A kept run once more: the same strategies and options on the data version that it saw, whatever
// was imported since.

#include <string>

#include "analytics/sweep_result.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "store/bar_store.hpp"

namespace hsl::service {

struct RepeatedRun {
    store::RunRecord then;
    analytics::SweepResult now;
    bool same_code = false;
    bool identical = false;       // every number, name and note, to the last bit
    std::string difference = {};  // where the two documents part, in words; "" when identical
};

// Writes nothing. `calendar` is what this process changed in the exchange's calendar: where it
// changed nothing, what the run changed is changed again. `not_found` where the version was let go,
// `unsupported` where the record does not say enough.
[[nodiscard]] Result<RepeatedRun> repeat_run(store::BarStore& store, const std::string& id,
                                             const std::string& calendar,
                                             const Progress& progress = {});

}  // namespace hsl::service
