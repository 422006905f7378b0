// SPDX-License-Identifier: Apache-2.0
#pragma once

// A key that must not be seen: read from the environment or from a private file, and taken out of
// every text that might hold it. It never stands on a command line. Immutable; any thread.

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace hsl::adapters {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}

    [[nodiscard]] bool empty() const { return value_.empty(); }
    // For the wire alone.
    [[nodiscard]] const std::string& reveal() const { return value_; }
    // The text with the secret, as it is and percent-encoded, replaced by "***".
    [[nodiscard]] std::string masked(std::string text) const;

private:
    std::string value_;
};

// The variable's value, else the file's first line, else nothing. A file that others may read is
// refused, naming the remedy. A file "" or one that is not there holds nothing, unless `named`:
// then somebody asked for it and it must be there.
struct SecretSource {
    std::string variable = {};
    std::string file = {};
    bool named = false;
};
[[nodiscard]] Result<Secret> read_secret(const SecretSource& source);

}  // namespace hsl::adapters
