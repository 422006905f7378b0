// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a user says once in hsl.toml instead of on every command line: a flat list of settings by
// their whole names ("data.sources"), each with its place. Which settings there are is listed in
// docs/reference/configuration.md. A plain value; any thread.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hsl::configuration {

struct Setting {
    std::vector<std::string> values = {};  // one, or those of a list
    bool list = false;
    long line = 0;
};

struct Configuration {
    std::string file = {};  // where it was read; "" when there is none
    std::map<std::string, Setting, std::less<>> settings = {};

    [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
    // Those below "collect.", without that beginning.
    [[nodiscard]] std::map<std::string, std::string> section(std::string_view name) const;
};

// The file that counts: `asked` (--config), HSL_CONFIG, ./hsl.toml, $XDG_CONFIG_HOME/hsl/hsl.toml
// or ~/.config/hsl/hsl.toml. One that was named must be there; "" when there is none.
[[nodiscard]] Result<std::string> find(const std::string& asked, const std::string& home);

// Understands the text of a file; a setting that nobody reads is an error with the nearest name.
[[nodiscard]] Result<Configuration> parse(const std::string& file, std::string_view text);

// find() and parse(); without a file a configuration without settings.
[[nodiscard]] Result<Configuration> read(const std::string& asked, const std::string& home);

}  // namespace hsl::configuration
