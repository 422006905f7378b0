// SPDX-License-Identifier: Apache-2.0
#include "market/session_slots.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "market/calendar.hpp"

namespace hsl::market {
namespace {

// Fewer rows may all lie on even minutes by chance.
constexpr std::size_t rows_that_tell = 20;

bool same_hours(const SessionHours& a, const SessionHours& b) {
    return a.regular == b.regular && a.lunch == b.lunch && a.closing_call == b.closing_call;
}

}  // namespace

SessionSlots::SessionSlots(const SessionHours& hours, int minutes)
    : regular_(hours.regular), lunch_(hours.lunch), closing_call_(hours.closing_call) {
    HSL_ASSERT(minutes >= 1);
    const auto cut = [&](int from, int to) {
        for (int begin = from; begin < to; begin += minutes) begins_.push_back(begin);
    };
    const int trading_ends = closing_call_ ? closing_call_->from : regular_.to;
    cut(regular_.from, lunch_ ? lunch_->from : trading_ends);
    if (lunch_) cut(lunch_->to, trading_ends);
    if (closing_call_) begins_.push_back(closing_call_->from);
}

std::optional<std::size_t> SessionSlots::slot_of(int minute) const {
    if (minute < regular_.from || minute > regular_.to) return std::nullopt;
    const auto after = std::ranges::upper_bound(begins_, minute);
    return static_cast<std::size_t>(after - begins_.begin()) - 1;
}

int SessionSlots::since_open(int minute) const {
    if (minute >= regular_.to || (closing_call_ && minute >= closing_call_->from)) return 0;
    if (lunch_ && minute >= lunch_->to) return minute - lunch_->to;
    return lunch_ && minute >= lunch_->from ? 0 : minute - regular_.from;
}

MinuteGrid::MinuteGrid(int minutes, Date first, Date last) : minutes_(minutes) {
    const Calendar& calendar = Calendar::krx();
    first_ = calendar.lower_bound(first);
    std::vector<SessionHours> distinct;
    for (const Date session :
         calendar.all().subspan(first_, calendar.lower_bound(last + 1) - first_)) {
        const SessionHours hours = *session_hours(session);
        const auto found = std::ranges::find_if(
            distinct, [&](const SessionHours& each) { return same_hours(each, hours); });
        shape_.push_back(static_cast<std::uint32_t>(found - distinct.begin()));
        if (found != distinct.end()) continue;
        distinct.push_back(hours);
        shapes_.emplace_back(hours, minutes);
    }
}

const SessionSlots* MinuteGrid::on(Date day) const {
    const int session = Calendar::krx().session_on(day);
    if (session < 0 || static_cast<std::size_t>(session) < first_) return nullptr;
    const std::size_t index = static_cast<std::size_t>(session) - first_;
    return index < shape_.size() ? &shapes_[shape_[index]] : nullptr;
}

int step_of(std::span<const Bar> rows, const MinuteGrid& grid) {
    int step = 0;
    std::size_t count = 0;
    const SessionSlots* slots = nullptr;
    Date day{};
    for (const Bar& row : rows) {
        if (count == 0 || row.date != day) slots = grid.on(day = row.date);
        ++count;
        if (slots != nullptr && !slots->slot_of(row.minute)) continue;
        step = std::gcd(step, slots != nullptr ? slots->since_open(row.minute) : row.minute);
        if (step == 1) return 1;
    }
    return count < rows_that_tell || step == 0 ? 1 : step;
}

Result<void> check_step(std::string_view symbol, int step, int minutes) {
    if (minutes % step == 0) return {};
    return fail(ErrorCode::bad_usage,
                fmt::format("{}: its rows are {} minutes apart, so no bars of {} can be made of "
                            "them: ask for {} or a multiple of it (--minutes {}), or import finer "
                            "rows",
                            symbol, step, counted(minutes, "minute"), step, step));
}

}  // namespace hsl::market
