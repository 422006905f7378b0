// SPDX-License-Identifier: Apache-2.0
#include "portfolio/fill.hpp"

#include <cmath>

namespace hsl::portfolio {

std::string_view name_of(Reason reason) {
    switch (reason) {
        case Reason::entry:
            return "entry";
        case Reason::exit:
            return "exit";
        case Reason::stop_loss:
            return "stop_loss";
        case Reason::take_profit:
            return "take_profit";
        case Reason::trailing_stop:
            return "trailing_stop";
        case Reason::max_hold:
            return "max_hold";
        case Reason::last_row:
            return "last_row";
        case Reason::cut:
            return "break";
        case Reason::delisting:
            return "delisting";
        case Reason::merger:
            return "merger";
    }
    return "";
}

std::string_view name_of(Side side) { return side == Side::buy ? "buy" : "sell"; }

double level_parts(double change) {
    const double parts = level_unit * change;
    const double whole = std::round(parts);
    return level_unit + (std::abs(parts - whole) < 1e-6 ? whole : parts);
}

}  // namespace hsl::portfolio
