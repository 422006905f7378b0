// SPDX-License-Identifier: Apache-2.0
#pragma once

// The spec of every indicator, each defined in the file of its name; catalogue.cpp lists them.

#include "indicators/catalogue.hpp"

namespace hsl::indicators {

extern const Spec sma, ema, wma, macd, bbands, rsi, stoch, cci, roc, mom, adx, plus_di, minus_di,
    atr, trange, obv, min, max, stddev;

}  // namespace hsl::indicators
