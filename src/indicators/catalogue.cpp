// SPDX-License-Identifier: Apache-2.0
#include "indicators/catalogue.hpp"

#include "indicators/specs.hpp"

namespace hsl::indicators {

std::span<const Spec* const> all_specs() {
    static constexpr const Spec* table[] = {
        &sma, &ema,     &wma,      &macd, &bbands, &rsi, &stoch, &cci, &roc,    &mom,
        &adx, &plus_di, &minus_di, &atr,  &trange, &obv, &min,   &max, &stddev,
    };
    return table;
}

const Spec* find_spec(std::string_view name) {
    for (const Spec* spec : all_specs())
        if (spec->name == name) return spec;
    return nullptr;
}

}  // namespace hsl::indicators
