// SPDX-License-Identifier: Apache-2.0
#pragma once

// The port to whoever publishes market data. A feed says what to ask for (errands) and brings
// bodies: whole documents with a name, which the parser of market files understands like files. It
// keeps its host's manners (rates, pauses, retries) by itself. Any thread may fetch.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "base/date.hpp"
#include "base/error.hpp"
#include "base/progress.hpp"
#include "market/instrument.hpp"
#include "store/market_file.hpp"

namespace hsl::service {

// What one errand brings: a market on a day, a symbol over some days, a file.
enum class FeedUnit : std::uint8_t { market_day, symbol, file };

// One thing to ask for. `subject` ("KOSPI", "KOSPI valuation", "005930", a file's hash) and the
// days name it for good.
struct Errand {
    std::string subject = {};
    std::string what = {};               // "valuation", "flows", "short"; prices without one
    Date from = {}, to = {};             // both included; of a file none
    market::Instrument instrument = {};  // of a symbol's errand; of a market's, the market alone
    std::string path = {};               // of a file's

    [[nodiscard]] std::string text() const;  // "KOSPI 2024-01-04"
};

struct FeedQuery {
    Date from = {}, to = {};                       // both included
    std::vector<market::Market> markets = {};      // of market days
    std::vector<market::Instrument> symbols = {};  // none: a whole market where the feed can
    std::vector<std::string> columns = {};         // Errand::what of what is wanted beside prices
};

struct FeedBody {
    std::string name = {};  // fit for a file: "stk_bydd_trd_20240104.json"
    std::string bytes = {};
};

struct Fetched {
    std::vector<FeedBody> bodies = {};  // none: there is nothing to tell, and there never will be
    bool empty = false;                 // a right answer without a row where there should be some
};

struct FeedFailure {
    Error error = {};
    // An answer that looks unlike what the host documents: kept so that one can look at it.
    std::optional<FeedBody> body = {};
};

class Feed {
public:
    virtual ~Feed() = default;
    [[nodiscard]] virtual std::string name() const = 0;  // also the source of its bars
    // Errands in the order in which they are to be run. Market days are sessions only.
    [[nodiscard]] virtual Result<std::vector<Errand>> errands(const FeedQuery& query) = 0;
    [[nodiscard]] virtual FeedUnit unit(const FeedQuery& query) const = 0;
    [[nodiscard]] virtual std::expected<Fetched, FeedFailure> fetch(const Errand& errand,
                                                                    const Progress& progress) = 0;
    // How the bodies of an errand are to be read.
    [[nodiscard]] virtual store::ReadHints hints(const Errand& errand) const = 0;
    [[nodiscard]] virtual std::int64_t requests() const = 0;  // sent so far
    // What its user should know: files that wait, and the like.
    [[nodiscard]] virtual std::vector<std::string> notes() const { return {}; }
};

}  // namespace hsl::service
