// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/codes.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "adapters/feeds/detail/scan.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

struct IndexName {
    std::string_view family;
    std::string_view number;
    std::string_view korean;  // without blanks
    std::string_view symbol;
};
// The exchange's numbers, from its own index master (MDCSTAT00401).
constexpr IndexName index_names[] = {
    {"1", "001", "코스피", "KOSPI"},       {"1", "028", "코스피200", "KOSPI200"},
    {"1", "034", "코스피100", "KOSPI100"}, {"1", "035", "코스피50", "KOSPI50"},
    {"2", "001", "코스닥", "KOSDAQ"},      {"2", "203", "코스닥150", "KOSDAQ150"},
    {"5", "042", "KRX100", "KRX100"},      {"5", "300", "KRX300", "KRX300"},
};

constexpr std::size_t code_bytes_max = 64;

// Tickers of Yahoo and FinanceDataReader for indices that have a name here.
std::string without_alias(std::string symbol) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> aliases{
        {{"KS11", "KOSPI"}, {"KQ11", "KOSDAQ"}, {"KS200", "KOSPI200"}}};
    for (const auto& [ticker, name] : aliases)
        if (symbol == ticker || (symbol.starts_with('^') && symbol.substr(1) == ticker))
            return std::string{name};
    return symbol;
}

// A file's name without folders, archives and endings.
std::string_view stem_of(std::string_view path) {
    std::string_view name = path.substr(path.rfind('/') + 1);
    if (const std::size_t member = name.rfind(':'); member != std::string_view::npos)
        name = name.substr(member + 1);
    for (const std::string_view ending : {".gz", ".GZ"})
        if (name.ends_with(ending) && name.size() > ending.size())
            name.remove_suffix(ending.size());
    if (const std::size_t dot = name.rfind('.'); dot != std::string_view::npos && dot > 0)
        name = name.substr(0, dot);
    return name;
}

// Runs of letters and digits.
std::vector<std::string_view> tokens_of(std::string_view text) {
    std::vector<std::string_view> tokens;
    const auto is_word = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    };
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_word(text[end])) ++end;
        if (end > at) tokens.push_back(text.substr(at, end - at));
        at = std::max(end, at + 1);
    }
    return tokens;
}

// "data_4412_20240210": what the exchange's portal calls its downloads.
bool is_portal_name(std::string_view stem) {
    const auto tokens = tokens_of(stem);
    return tokens.size() >= 2 && lower(tokens[0]) == "data" &&
           std::ranges::all_of(std::span{tokens}.subspan(1), is_digits);
}

// 240102 may be a day as well as a code.
bool may_be_day(std::string_view six) {
    return is_digits(six) && scan_date("20" + std::string{six}).state == DateState::ok;
}

// The days that a name tells, 20240102 or 2024-01-02, and how many words there are beside them.
struct NameDays {
    std::vector<Date> days = {};
    std::size_t words = 0;
};
NameDays days_of_name(std::string_view stem) {
    NameDays found;
    const auto tokens = tokens_of(stem);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        std::string day{tokens[i]};
        const bool parted = i + 2 < tokens.size() && day.size() == 4 && tokens[i + 1].size() == 2 &&
                            tokens[i + 2].size() == 2;
        if (parted) day += std::string{tokens[i + 1]} + std::string{tokens[i + 2]};
        const ScannedDate scanned = scan_date(day.size() == 8 && is_digits(day) ? day : "");
        if (scanned.state != DateState::ok) {
            ++found.words;
            continue;
        }
        if (parted) i += 2;
        found.days.push_back(scanned.date);
    }
    return found;
}

// The only code among the words of a name.
std::string code_among(std::string_view stem) {
    std::string found;
    for (const std::string_view token : tokens_of(stem)) {
        std::string word = upper(token);
        if (word.size() == 7 && word[0] == 'A') word.erase(0, 1);
        if (!market::is_krx_code(word) || may_be_day(word) || word == found) continue;
        if (!found.empty()) return {};
        found = std::move(word);
    }
    return found;
}

// "symbol=005930" of a folder, as partitioned tables have it.
std::string code_of_folder(std::string_view path) {
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view part = path.substr(at, end - at);
        at = end + 1;
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string key = lower(part.substr(0, equals));
        if (key == "symbol" || key == "code" || key == "ticker" || key == "종목코드")
            return code_in(part.substr(equals + 1));
    }
    return {};
}

}  // namespace

Code read_code(std::string_view cell) {
    std::string text{cell};
    std::erase_if(text, [](char c) { return c == '=' || c == '"' || c == '\''; });
    text = upper(text);
    Code code;
    for (const std::string_view exchange : {"KRX:", "KOSPI:", "KOSDAQ:"})
        if (text.starts_with(exchange)) {
            if (exchange != "KRX:")
                code.market = market::parse_market(exchange.substr(0, exchange.size() - 1)).value();
            text.erase(0, exchange.size());
        }
    if (text.ends_with(".0") && is_digits(std::string_view{text}.substr(0, text.size() - 2)))
        text.resize(text.size() - 2);
    if (is_digits(text) && text.size() < 6) {
        text.insert(0, 6 - text.size(), '0');
        code.zeros_cut = true;
    }
    if (text.size() > code_bytes_max) return {};
    if (market::is_isin(text) && !short_code_of_isin(text).empty()) text = short_code_of_isin(text);
    if (text.size() == 9 && (text.ends_with(".KS") || text.ends_with(".KQ")) &&
        market::is_krx_code(std::string_view{text}.substr(0, 6)))
        code.market = market::parse_market(std::string_view{text}.substr(6)).value();
    code.symbol = market::code_in_front(text);
    if (!code.symbol.empty()) return code;
    const auto plain = [](char c) { return static_cast<unsigned char>(c) > 0x20; };
    if (std::ranges::all_of(text, plain)) code.symbol = without_alias(std::move(text));
    return code;
}

std::string code_in(std::string_view cell) { return read_code(cell).symbol; }

std::string symbol_of_path(std::string_view path) {
    if (std::string code = code_of_folder(path); !code.empty()) return code;
    const std::string_view stem = stem_of(path);
    const std::string name = upper(stem);
    if (std::string code = market::code_in_front(name); !code.empty()) return code;
    const std::string_view front = stem.substr(0, stem.find_first_of("_- "));
    if (std::string index = index_of_name(front); !index.empty()) return index;
    const std::string first = without_alias(upper(front));
    if (market::instrument_for(first).market == market::Market::index) return first;
    if (std::string code = code_among(stem); !code.empty()) return code;
    const NameDays days = days_of_name(stem);
    if (is_portal_name(stem) || (!days.days.empty() && days.words == 0) || !is_ascii(stem))
        return {};
    return without_alias(name);
}

std::optional<Date> day_of_path(std::string_view path) {
    const std::string_view stem = stem_of(path);
    const NameDays found = days_of_name(stem);
    if (is_portal_name(stem) || found.days.size() != 1) return {};
    return found.days.front();
}

std::string short_code_of_isin(std::string_view isin) {
    if (isin.size() != 12 || !isin.starts_with("KR7")) return {};
    std::string code{isin.substr(3, 6)};
    switch (code.back()) {
        case '0':
            break;
        case '1':
            code.back() = '5';
            break;
        case '2':
            code.back() = '7';
            break;
        case '3':
            code.back() = '9';
            break;
        case 'K':  // new shares: the two digits behind count them
            if (isin[9] != '0' || isin[10] < '1' || isin[10] > '3') return {};
            code.back() = static_cast<char>('K' + (isin[10] - '1'));
            break;
        default:
            return {};
    }
    return market::is_krx_code(code) ? code : std::string{};
}

std::string index_of_codes(std::string_view family, std::string_view number) {
    for (const IndexName& row : index_names)
        if (row.family == family && row.number == number) return std::string{row.symbol};
    return {};
}

std::string index_of_name(std::string_view korean) {
    std::string bare{korean};
    std::erase(bare, ' ');
    for (const IndexName& row : index_names)
        if (row.korean == bare) return std::string{row.symbol};
    return {};
}

}  // namespace hsl::adapters::detail
