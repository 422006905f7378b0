// SPDX-License-Identifier: Apache-2.0
#include "service/sweep_request.hpp"

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

namespace hsl::service {
namespace {

constexpr std::string_view head = "hsl-sweep/1\n";

// Every field, by the name that it has in the text.
template <class Request, class See>
void fields(Request& request, const See& see) {
    see("path", request.strategy_path), see("strategies", request.strategies);
    see("universe", request.universe), see("sources", request.sources);
    see("calendar", request.calendar), see("notes", request.notes);
    auto& frame = request.frame;
    see("allow_breaks", frame.allow_breaks), see("all", frame.all);
    see("as_of", frame.as_of), see("symbols", frame.symbols);
    see("minutes", frame.minutes);
    auto& sweep = request.sweep;
    see("from", sweep.from), see("to", sweep.to);
    see("commission_e7", sweep.commission_e7), see("slippage_bp", sweep.slippage_bp);
    see("slippage_ticks", sweep.slippage_ticks), see("rights", sweep.rights);
    see("participation", sweep.participation), see("annualisation", sweep.annualisation);
    see("unknown_is", sweep.unknown_is);
}

// A value as bytes. Numbers are the shortest text that reads back to the same bits.
std::string text_of(const std::string& value) { return value; }
std::string text_of(Date value) { return value.iso(); }
std::string text_of(double value) { return fmt::format("{}", value); }
template <class T>
    requires std::integral<T> || std::is_enum_v<T>
std::string text_of(T value) {
    return fmt::format("{}", static_cast<std::int64_t>(value));
}
std::string framed(std::string_view bytes) { return fmt::format("{}\n{}\n", bytes.size(), bytes); }
template <class T>
std::string text_of(const std::optional<T>& value) {
    return value ? framed(text_of(*value)) : std::string{};
}
std::string text_of(const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) text += framed(value);
    return text;
}

// What framed() made, taken off the front.
std::optional<std::string_view> take_framed(std::string_view& text) {
    std::size_t size = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), size);
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (read.ec != std::errc{} || !text.starts_with('\n') || text.size() < size ||
        text.size() - size < 2 || text[size + 1] != '\n')
        return std::nullopt;
    const std::string_view bytes = text.substr(1, size);
    text.remove_prefix(size + 2);
    return bytes;
}

bool read_into(std::string_view text, std::string& value) {
    value = text;
    return true;
}
bool read_into(std::string_view text, Date& value) {
    const auto date = parse_date(text);
    value = date.value_or(Date{});
    return date.has_value();
}
template <class T>
    requires std::integral<T> || std::floating_point<T> || std::is_enum_v<T>
bool read_into(std::string_view text, T& value) {
    using Number = std::conditional_t<std::floating_point<T>, double, std::int64_t>;
    Number number{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    value = static_cast<T>(number);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}
template <class T>
bool read_into(std::string_view text, std::optional<T>& value) {
    value.reset();
    if (text.empty()) return true;
    const auto bytes = take_framed(text);
    return bytes && text.empty() && read_into(*bytes, value.emplace());
}
bool read_into(std::string_view text, std::vector<std::string>& values) {
    values.clear();
    while (!text.empty()) {
        const auto bytes = take_framed(text);
        if (!bytes) return false;
        values.emplace_back(*bytes);
    }
    return true;
}

}  // namespace

std::string write_request(const SweepRequest& request, std::string_view strategies) {
    SweepRequest kept = request;
    kept.strategies = strategies;
    std::string text{head};
    fields(kept, [&](std::string_view name, const auto& value) {
        text += fmt::format("{} {}", name, framed(text_of(value)));
    });
    return text;
}

Result<SweepRequest> read_request(std::string_view text) {
    const auto unknown = [](std::string_view what) {
        return fail(ErrorCode::unsupported,
                    fmt::format("this run was made by an hsl that said otherwise what it takes to "
                                "repeat it ({}); use that one",
                                what));
    };
    if (!text.starts_with(head)) return unknown(text.substr(0, text.find('\n')));
    text.remove_prefix(head.size());
    SweepRequest request;
    while (!text.empty()) {
        const std::size_t space = text.find(' ');
        if (space == std::string_view::npos) return unknown("a broken line");
        const std::string_view name = text.substr(0, space);
        text.remove_prefix(space + 1);
        const auto bytes = take_framed(text);
        bool known = false;
        fields(request, [&](std::string_view field, auto& value) {
            if (field == name) known = bytes && read_into(*bytes, value);
        });
        if (!known) return unknown(name);
    }
    return request;
}

}  // namespace hsl::service
