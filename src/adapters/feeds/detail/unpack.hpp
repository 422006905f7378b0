// SPDX-License-Identifier: Apache-2.0
#pragma once

// Containers: what lies inside gzip files and zip archives, one of them inside another at most.
// Bounded: an archive that would unpack to more than it may is refused at that byte. Pure
// functions; any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hsl::adapters::detail {

struct UnpackLimits {
    std::size_t bytes_max = std::size_t{1} << 30;  // unpacked, all members together
    std::size_t members_max = 20'000;
};

struct Unpacked {
    std::string path = {};       // "a.zip:b.csv"; of a gzip file its own path
    std::string container = {};  // "zip", "gzip", "gzip in zip"
    std::string bytes = {};
    std::optional<Error> error = {};  // this member could not be unpacked
};

[[nodiscard]] bool is_container(std::string_view bytes);
// The documents inside, in their order. An error means that the container itself is broken.
[[nodiscard]] Result<std::vector<Unpacked>> unpack(std::string_view path, std::string_view bytes,
                                                   const UnpackLimits& limits = {});

}  // namespace hsl::adapters::detail
