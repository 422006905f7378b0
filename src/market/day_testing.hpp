// SPDX-License-Identifier: Apache-2.0
#pragma once

// Days as tests write them.

#include <gtest/gtest.h>

#include "base/date.hpp"

namespace hsl::market {

inline Date day(const char* iso) {
    const auto parsed = parse_date(iso);
    EXPECT_TRUE(parsed) << iso;
    return parsed.value_or(Date{});
}

}  // namespace hsl::market
