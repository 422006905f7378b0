// SPDX-License-Identifier: Apache-2.0
#pragma once

// The writer of a store in a folder: merges what comes in with what is there, writes the new rows
// as files and commits them. Holds DIR/lock.

#include <memory>

#include "adapters/parquet/detail/folder.hpp"
#include "adapters/parquet/detail/room.hpp"
#include "base/error.hpp"
#include "store/bar_store.hpp"

namespace hsl::adapters {

// Takes the lock and removes what a killed writer left.
[[nodiscard]] Result<std::unique_ptr<store::Writer>> make_writer(std::shared_ptr<Room> room);

}  // namespace hsl::adapters
