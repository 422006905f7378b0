// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "adapters/feeds/detail/codes.hpp"
#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/facts_tables.hpp"
#include "adapters/feeds/detail/scan.hpp"
#include "base/text.hpp"
#include "market/calendar.hpp"
#include "market/corporate_action.hpp"

namespace hsl::adapters::detail {
namespace {

using market::ActionKind;
using market::ActionState;
using market::CorporateAction;
using store::MarketFile;

enum class Part : std::uint8_t {
    code,
    kind,
    ex_date,
    ratio,
    after,
    before,
    new_per_old,
    issue_price,
    amount,
    announced,
    record_date,
    listing_date,
    payment_date,
    successor,
    note,
    state,
    face_before,
    face_after,
    stock_percent,
    new_percent,
    none,
};
constexpr std::size_t part_count = static_cast<std::size_t>(Part::none);

struct PartWord {
    std::string_view word;  // lower case, without blanks and underscores
    Part part;
};
// The second block: fields of the depository's events as the broker KIS passes them on.
constexpr PartWord part_words[] = {
    {"code", Part::code},
    {"symbol", Part::code},
    {"ticker", Part::code},
    {"종목코드", Part::code},
    {"단축코드", Part::code},
    {"kind", Part::kind},
    {"type", Part::kind},
    {"action", Part::kind},
    {"종류", Part::kind},
    {"사유", Part::kind},
    {"권리유형", Part::kind},
    {"exdate", Part::ex_date},
    {"권리락일", Part::ex_date},
    {"배당락일", Part::ex_date},
    {"락일", Part::ex_date},
    {"변경일", Part::ex_date},
    {"변경상장일", Part::ex_date},
    {"ratio", Part::ratio},
    {"비율", Part::ratio},
    {"sharesafter", Part::after},
    {"변경후주식수", Part::after},
    {"sharesbefore", Part::before},
    {"변경전주식수", Part::before},
    {"newperold", Part::new_per_old},
    {"배정비율", Part::new_per_old},
    {"주당배정주식수", Part::new_per_old},
    {"issueprice", Part::issue_price},
    {"발행가", Part::issue_price},
    {"발행가액", Part::issue_price},
    {"amount", Part::amount},
    {"dividend", Part::amount},
    {"주당배당금", Part::amount},
    {"배당금", Part::amount},
    {"announced", Part::announced},
    {"공시일", Part::announced},
    {"발표일", Part::announced},
    {"이사회결의일", Part::announced},
    {"recorddate", Part::record_date},
    {"배정기준일", Part::record_date},
    {"기준일", Part::record_date},
    {"listingdate", Part::listing_date},
    {"상장예정일", Part::listing_date},
    {"신주상장일", Part::listing_date},
    {"상장일", Part::listing_date},
    {"paymentdate", Part::payment_date},
    {"지급일", Part::payment_date},
    {"배당지급일", Part::payment_date},
    {"successor", Part::successor},
    {"승계종목", Part::successor},
    {"변경후코드", Part::successor},
    {"note", Part::note},
    {"비고", Part::note},
    {"state", Part::state},
    {"상태", Part::state},
    {"액면가변경전", Part::face_before},
    {"변경전액면가", Part::face_before},
    {"변경후액면가", Part::face_after},
    {"액면가변경후", Part::face_after},

    {"shtcd", Part::code},
    {"perstodiviamt", Part::amount},
    {"stkdivirate", Part::stock_percent},
    {"divipaydt", Part::payment_date},
    {"interbffaceamt", Part::face_before},
    {"interaffaceamt", Part::face_after},
    {"listdt", Part::listing_date},
    {"rightdt", Part::ex_date},
    {"fixrate", Part::new_percent},
    {"fixprice", Part::issue_price},
    {"listdate", Part::listing_date},
};

std::string word_of(std::string_view header) {
    std::string word = plain_word(header);
    if (const std::size_t unit = word.find('('); unit != std::string::npos) word.resize(unit);
    return word;
}

// The day before whose open a buyer must hold the shares to be in the register of `record`: trades
// settle after two sessions, so shares bought from the session before it on come too late.
Date ex_day_of_record(Date record) {
    const market::Calendar& calendar = market::Calendar::krx();
    const auto sessions = calendar.all();
    std::size_t at = calendar.lower_bound(record);
    if (at < sessions.size() && calendar.covers(record)) {
        if (sessions[at] != record && at > 0) --at;  // the register of a closed day
        if (at > 0) return sessions[at - 1];
    }
    Date day = record + -1;  // outside the table: weekdays
    while (day.is_weekend()) day = day + -1;
    return day;
}

// a / b in lowest terms, of two decimals of at most four places each.
struct Ratio {
    std::int64_t after = 1;
    std::int64_t before = 1;
};
std::optional<Ratio> ratio_of(std::int64_t after, std::int64_t before) {
    if (after <= 0 || before <= 0) return {};
    const std::int64_t divisor = std::gcd(after, before);
    return Ratio{after / divisor, before / divisor};
}
constexpr int ratio_decimals = 7;
constexpr std::int64_t ratio_unit = 10'000'000;

std::optional<std::int64_t> decimal(std::string_view cell) {
    const ScannedNumber number = scan_number(cell, ratio_decimals);
    if (number.state != NumberState::ok || number.rounded) return {};
    return number.value;
}

bool raises(ActionKind kind) {
    return kind == ActionKind::split || kind == ActionKind::bonus_issue ||
           kind == ActionKind::rights_issue;
}
bool lowers(ActionKind kind) {
    return kind == ActionKind::reverse_split || kind == ActionKind::capital_reduction;
}
bool moves_shares(ActionKind kind) { return raises(kind) || lowers(kind); }

class ActionReader {
public:
    ActionReader(const Content& content, const Records& records)
        : content_(content), records_(records) {
        at_.fill(Records::absent);
        for (std::size_t i = 0; i < records.names.size(); ++i) {
            const auto found =
                std::ranges::find(part_words, word_of(records.names[i]), &PartWord::word);
            if (found == std::end(part_words)) continue;
            std::size_t& place = at_[static_cast<std::size_t>(found->part)];
            if (place == Records::absent) place = i;
        }
    }

    [[nodiscard]] bool has(Part part) const {
        return at_[static_cast<std::size_t>(part)] != Records::absent;
    }

    Result<MarketFile> read() && {
        if (!has(Part::code) || (!has(Part::ex_date) && !has(Part::record_date)))
            return std::unexpected(
                Error{.code = ErrorCode::bad_data,
                      .message =
                          "a table of corporate actions needs columns code (종목코드), kind (종류) "
                          "and ex_date (권리락일) or record_date (기준일)",
                      .file = content_.path});
        file_.path = content_.path;
        file_.how = content_.how;
        file_.how.format = "corporate actions";
        for (const std::string& name : records_.names) {
            const bool known = std::ranges::find(part_words, word_of(name), &PartWord::word) !=
                               std::end(part_words);
            file_.how.columns.emplace_back(known ? name : "", name);
        }
        for (const Record& row : records_.rows) read_row(row);
        settle_repeats();
        for (auto& [action, line] : actions_) {
            note_day(action.ex_date);
            if (file_.how.first_rows.size() < 5)
                file_.how.first_rows.push_back(
                    fmt::format("{} {} {} {}:{}", action.symbol, market::name_of(action.kind),
                                action.ex_date.iso(), action.shares_after, action.shares_before));
            file_.facts.actions.push_back(std::move(action));
        }
        std::ranges::stable_sort(file_.quarantined, {}, &store::QuarantinedRow::line);
        return std::move(file_);
    }

private:
    struct Problem {
        std::string_view reason;
        std::string detail;
    };
    using Checked = std::optional<Problem>;  // nothing: fine

    [[nodiscard]] std::string_view cell(const Record& row, Part part) const {
        const std::size_t place = at_[static_cast<std::size_t>(part)];
        if (place >= row.cells.size() || says_nothing(row.cells[place])) return {};
        return row.cells[place];
    }

    void read_row(const Record& row) {
        ++file_.data_lines;
        if (std::ranges::all_of(row.cells, says_nothing)) {
            ++file_.dropped["filler"];
            return;
        }
        CorporateAction action{.symbol = code_in(cell(row, Part::code)),
                               .successor = code_in(cell(row, Part::successor)),
                               .source = content_.path.substr(content_.path.rfind('/') + 1),
                               .note = valid_utf8(cell(row, Part::note))};
        Checked problem;
        if (!row.damage.empty()) {
            problem = {row.damage, damage_words(row.damage)};
        } else if (action.symbol.empty()) {
            problem = {"unreadable_code", "the row has no code"};
        }
        if (!problem) problem = read_kind(row, action);
        if (!problem) problem = read_days(row, action);
        if (!problem) problem = read_terms(row, action);
        if (!problem) problem = read_state(row, action);
        if (problem) {
            set_aside(file_, row, problem->reason, std::move(problem->detail), action.symbol);
            return;
        }
        actions_.emplace_back(std::move(action), &row);
    }

    // Bodies of the depository's events are of one kind each, told by their fields.
    Checked read_kind(const Record& row, CorporateAction& action) {
        if (has(Part::kind)) {
            const auto kind = market::parse_action_kind(cell(row, Part::kind));
            if (!kind) return Problem{"unknown_kind", kind.error().message};
            action.kind = *kind;
        } else if (has(Part::face_before)) {
            const auto before = decimal(cell(row, Part::face_before));
            const auto after = decimal(cell(row, Part::face_after));
            if (!before || !after || *before == *after)
                return Problem{"unreadable_number", "two different par values are needed"};
            action.kind = *before > *after ? ActionKind::split : ActionKind::reverse_split;
        } else if (has(Part::new_percent)) {
            action.kind =
                has(Part::issue_price) ? ActionKind::rights_issue : ActionKind::bonus_issue;
        } else {
            action.kind = ActionKind::cash_dividend;
        }
        return {};
    }

    Checked read_days(const Record& row, CorporateAction& action) {
        std::optional<Date> ex_date;
        const std::pair<Part, std::optional<Date>*> days[] = {
            {Part::ex_date, &ex_date},
            {Part::announced, &action.announced},
            {Part::record_date, &action.record_date},
            {Part::listing_date, &action.listing_date},
            {Part::payment_date, &action.payment_date}};
        for (const auto& [part, day] : days) {
            const std::string_view text = cell(row, part);
            if (text.empty() || text.find_first_not_of("0/-. ") == std::string_view::npos) continue;
            *day = day_in(text);
            if (!*day)
                return Problem{"unreadable_date", fmt::format("'{}' is no day", printable(text))};
        }
        const bool par =
            action.kind == ActionKind::split || action.kind == ActionKind::reverse_split;
        if (!ex_date && par) ex_date = action.listing_date;  // the first session at the new par
        if (!ex_date && action.record_date) {
            ex_date = ex_day_of_record(*action.record_date);
            action.note += fmt::format("{}ex-date from the record date {}",
                                       action.note.empty() ? "" : "; ", action.record_date->iso());
        }
        if (!ex_date)
            return Problem{"missing_value", "neither ex_date (권리락일) nor record_date (기준일)"};
        // A dividend's amount is usually told after the shares went without it: at the end of the
        // year the ex-date, in February the amount.
        if (action.kind != ActionKind::cash_dividend && action.announced &&
            *action.announced > *ex_date)
            return Problem{"days_reversed", fmt::format("announced {} after the ex-date {}",
                                                        action.announced->iso(), ex_date->iso())};
        action.ex_date = *ex_date;
        return {};
    }

    Checked read_terms(const Record& row, CorporateAction& action) {
        if (const std::string_view text = cell(row, Part::amount); !text.empty()) {
            const ScannedNumber amount = scan_number(text, 4);
            if (amount.state != NumberState::ok || amount.value < 0)
                return Problem{"unreadable_number", fmt::format("amount '{}'", printable(text))};
            action.amount_e4 = amount.value;
        }
        if (const std::string_view text = cell(row, Part::issue_price); !text.empty()) {
            const ScannedNumber price = scan_number(text, 0);
            if (price.state != NumberState::ok || price.value < 0)
                return Problem{"unreadable_number",
                               fmt::format("issue price '{}'", printable(text))};
            action.issue_price = price.value;
        }
        if (action.kind == ActionKind::cash_dividend) {
            if (action.amount_e4 == 0)
                return Problem{"missing_value", "a dividend without an amount a share"};
            const std::string_view stock = cell(row, Part::stock_percent);
            if (stock.find_first_of("123456789") != std::string_view::npos)
                action.note += fmt::format("{}a stock dividend of {} beside it is not read",
                                           action.note.empty() ? "" : "; ", printable(stock));
            return {};
        }
        if (moves_shares(action.kind)) return read_ratio(row, action);
        const bool told =
            std::ranges::any_of(std::array{Part::after, Part::ratio, Part::new_per_old},
                                [&](Part part) { return !cell(row, part).empty(); });
        const bool exchanged =
            action.kind == ActionKind::merger || action.kind == ActionKind::spin_off;
        return told && exchanged ? read_ratio(row, action) : Checked{};
    }

    Checked read_ratio(const Record& row, CorporateAction& action) {
        std::optional<Ratio> ratio;
        std::string_view text;
        if (const auto after = cell(row, Part::after), before = cell(row, Part::before);
            !after.empty() && !before.empty()) {
            text = after;
            const auto a = decimal(after);
            const auto b = decimal(before);
            if (a && b) ratio = ratio_of(*a, *b);
        } else if (text = cell(row, Part::new_per_old); !text.empty()) {
            if (const auto fresh = decimal(text)) ratio = ratio_of(ratio_unit + *fresh, ratio_unit);
        } else if (text = cell(row, Part::new_percent); !text.empty()) {
            // Whether the depository's fix_rate is a percentage is not published: a proposal.
            if (const auto fresh = decimal(text))
                ratio = ratio_of(100 * ratio_unit + *fresh, 100 * ratio_unit);
            action.state = ActionState::proposed;
            action.note += fmt::format("{}fix_rate {} read as new shares for each 100",
                                       action.note.empty() ? "" : "; ", text);
        } else if (text = cell(row, Part::face_before); !text.empty()) {
            const auto old_par = decimal(text);
            const auto new_par = decimal(cell(row, Part::face_after));
            if (old_par && new_par) ratio = ratio_of(*old_par, *new_par);
        } else if (text = cell(row, Part::ratio); !text.empty()) {
            ratio = ratio_in(text, action.kind);
        } else {
            return Problem{"missing_value",
                           "no ratio: shares_after and shares_before, new_per_old or ratio 50:1"};
        }
        if (!ratio) return Problem{"unreadable_number", fmt::format("ratio '{}'", printable(text))};
        if ((raises(action.kind) && ratio->after <= ratio->before) ||
            (lowers(action.kind) && ratio->after >= ratio->before))
            return Problem{"ratio_against_kind",
                           fmt::format("{} shares after for {} before is no {}", ratio->after,
                                       ratio->before, market::name_of(action.kind))};
        action.shares_after = ratio->after;
        action.shares_before = ratio->before;
        return {};
    }

    // "50:1" and "1:50" are the same split: a split makes more shares. A plain number is new
    // shares for each old one of an issue, shares after for one before of a split; of a reduction
    // it could be what stays or what goes, so it is not taken.
    static std::optional<Ratio> ratio_in(std::string_view text, ActionKind kind) {
        const std::size_t cut = text.find_first_of(":/");
        if (cut == std::string_view::npos) {
            const auto number = decimal(text);
            if (!number || !raises(kind)) return {};
            return kind == ActionKind::split ? ratio_of(*number, ratio_unit)
                                             : ratio_of(ratio_unit + *number, ratio_unit);
        }
        const auto a = decimal(trimmed(text.substr(0, cut)));
        const auto b = decimal(trimmed(text.substr(cut + 1)));
        if (!a || !b) return {};
        const bool turned = kind == ActionKind::split ? *a < *b : lowers(kind) && *a > *b;
        return turned ? ratio_of(*b, *a) : ratio_of(*a, *b);
    }

    Checked read_state(const Record& row, CorporateAction& action) {
        const std::string word = lower(cell(row, Part::state));
        if (word.empty() || word == "confirmed" || word == "확정") return {};
        if (word == "proposed" || word == "제안") {
            action.state = ActionState::proposed;
        } else if (word == "rejected" || word == "거부") {
            action.state = ActionState::rejected;
        } else {
            return Problem{
                "unknown_state",
                fmt::format("state '{}': confirmed, proposed or rejected", printable(word))};
        }
        return {};
    }

    // Of one symbol, kind and ex-date there is one action.
    void settle_repeats() {
        const auto key = [](const auto& pair) {
            const CorporateAction& a = pair.first;
            return std::tuple{a.symbol, a.kind, a.ex_date};
        };
        std::ranges::stable_sort(actions_, {}, key);
        std::vector<std::pair<CorporateAction, const Record*>> kept;
        for (auto first = actions_.begin(); first != actions_.end();) {
            const auto last = std::find_if(first, actions_.end(), [&](const auto& other) {
                return key(other) != key(*first);
            });
            const bool equal = std::all_of(
                first, last, [&](const auto& other) { return other.first == first->first; });
            if (equal) {
                if (last - first > 1) file_.dropped["equal_repeat"] += last - first - 1;
                kept.push_back(std::move(*first));
            } else {
                for (auto at = first; at != last; ++at)
                    set_aside(file_, *at->second, "conflicting_repeat",
                              fmt::format("line {} has other terms for this symbol, kind and day",
                                          (at == first ? first + 1 : first)->second->line),
                              at->first.symbol, at->first.ex_date.iso());
            }
            first = last;
        }
        actions_ = std::move(kept);
    }

    void note_day(Date day) {
        file_.first = file_.first ? std::min(*file_.first, day) : day;
        file_.last = file_.last ? std::max(*file_.last, day) : day;
    }

    const Content& content_;
    const Records& records_;
    std::array<std::size_t, part_count> at_{};
    MarketFile file_;
    std::vector<std::pair<CorporateAction, const Record*>> actions_;
};

}  // namespace

bool is_action_table(const Records& records) {
    const auto has = [&](Part part) {
        return std::ranges::any_of(records.names, [&](const std::string& name) {
            const auto found = std::ranges::find(part_words, word_of(name), &PartWord::word);
            return found != std::end(part_words) && found->part == part;
        });
    };
    if (!has(Part::code)) return false;
    if (has(Part::kind)) return has(Part::ex_date) || has(Part::record_date);
    // The depository's bodies name no kind.
    return records.has("sht_cd") && records.has("record_date") &&
           (has(Part::amount) || has(Part::face_before) || has(Part::new_percent));
}

Result<MarketFile> read_actions(const Content& content, const Records& records) {
    return ActionReader{content, records}.read();
}

}  // namespace hsl::adapters::detail
