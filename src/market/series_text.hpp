// SPDX-License-Identifier: Apache-2.0
#pragma once

// Small series written as text, for tests: one word a session.
//   100    traded, closed at 100 (high 101, low 99, volume 10)
//   130!   traded at one price
//   h      halted row: O=H=L=0, the close carried
//   v      halted row: four equal prices, no volume
//   .      no row
//   h*21   the same word 21 times

#include <cstdint>
#include <sstream>
#include <string>
#include <utility>

#include "market/bar.hpp"
#include "market/calendar.hpp"

namespace hsl::market {

// Adds a symbol whose first word falls on session `first` of the calendar.
inline void add_series(BarTable& bars, Instrument instrument, std::size_t first,
                       const std::string& text) {
    bars.begin_symbol(std::move(instrument));
    std::istringstream words{text};
    std::size_t session = first;
    std::int64_t carried = 0;
    for (std::string word; words >> word;) {
        int times = 1;
        if (const std::size_t star = word.find('*'); star != std::string::npos) {
            times = std::stoi(word.substr(star + 1));
            word.resize(star);
        }
        for (; times > 0; --times, ++session) {
            if (word == ".") continue;
            const Date date = Calendar::krx().all()[session];
            if (word == "h") {
                bars.append({date, 0, 0, 0, carried, 0});
            } else if (word == "v") {
                bars.append({date, carried, carried, carried, carried, 0});
            } else {
                carried = std::stoll(word);
                const std::int64_t room = word.ends_with('!') ? 0 : 1;
                bars.append({date, carried, carried + room, carried - room, carried, 10});
            }
        }
    }
}

}  // namespace hsl::market
