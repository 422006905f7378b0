// SPDX-License-Identifier: Apache-2.0
#include "console.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include "base/json.hpp"
#include "base/text.hpp"

namespace hsl::app {
namespace {

bool styled() {
    static const bool on = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
    return on;
}

std::string duration(double seconds) {
    const auto whole = static_cast<long>(seconds + 0.5);
    return whole < 60 ? fmt::format("{} s", whole)
                      : fmt::format("{}:{:02} min", whole / 60, whole % 60);
}

}  // namespace

Table::Table(std::vector<std::pair<std::string, Align>> header) : header_(std::move(header)) {}

void Table::row(std::vector<std::string> cells) {
    cells.resize(header_.size());
    rows_.push_back(std::move(cells));
}

void Table::rule() { rows_.emplace_back(); }

std::string Table::text() const {
    constexpr std::size_t gap = 2;
    std::vector<std::size_t> width(header_.size());
    for (std::size_t c = 0; c < header_.size(); ++c) {
        width[c] = display_width(header_[c].first);
        for (const auto& row : rows_)
            if (!row.empty()) width[c] = std::max(width[c], display_width(row[c]));
    }
    std::size_t total = 0;
    for (const std::size_t w : width) total += w + gap;
    // The widest left-aligned column gives way.
    if (total > console_columns) {
        std::size_t widest = header_.size();
        for (std::size_t c = 0; c < header_.size(); ++c)
            if (header_[c].second == Align::left &&
                (widest == header_.size() || width[c] > width[widest]))
                widest = c;
        if (widest < header_.size()) {
            const std::size_t excess = total - console_columns;
            width[widest] = width[widest] > excess + 8 ? width[widest] - excess : 8;
        }
    }
    std::string out;
    const auto line = [&](const auto& cell_of, bool head) {
        std::string text;
        for (std::size_t c = 0; c < header_.size(); ++c) {
            const std::string cell = clip(cell_of(c), width[c]);
            text += header_[c].second == Align::right ? pad_left(cell, width[c])
                                                      : pad_right(cell, width[c]);
            if (c + 1 < header_.size()) text.append(gap, ' ');
        }
        while (!text.empty() && text.back() == ' ') text.pop_back();
        out += (head ? bold(text) : text) + '\n';
    };
    line([&](std::size_t c) { return header_[c].first; }, true);
    for (const auto& row : rows_) {
        if (row.empty()) {
            std::size_t columns = 0;
            for (const std::size_t w : width) columns += w + gap;
            std::string dashes;
            for (std::size_t i = 0; i + gap < columns; ++i) dashes += "─";
            out += dim(dashes) + '\n';
            continue;
        }
        line([&](std::size_t c) { return row[c]; }, false);
    }
    return out;
}

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent) {
    std::string out;
    std::string line;
    const auto flush = [&] {
        if (!line.empty()) out += std::string(indent, ' ') + line + '\n';
        line.clear();
    };
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
        const std::string_view word = text.substr(0, end);
        if (!line.empty() && indent + display_width(line) + 1 + display_width(word) > columns)
            flush();
        if (!line.empty() && !word.empty()) line += ' ';
        line += word;
        const bool newline = end < text.size() && text[end] == '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
        if (newline) flush();
    }
    flush();
    return out;
}

ProgressBar::ProgressBar() : terminal_(isatty(STDERR_FILENO) == 1) {}
ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::update(std::string_view what, std::size_t done, std::size_t total) {
    if (!terminal_) return;
    const std::lock_guard guard{lock_};
    const Clock::time_point now = Clock::now();
    if (what != what_) {
        what_ = what;
        begin_ = now;
    }
    const double elapsed = std::chrono::duration<double>(now - begin_).count();
    if (elapsed < 1.0 || std::chrono::duration<double>(now - drawn_).count() < 0.1) return;
    drawn_ = now;
    const double rate = static_cast<double>(done) / elapsed;
    std::string line = fmt::format("{} ", what);
    if (total > 0) {
        constexpr std::size_t cells = 30;
        const std::size_t full = std::min(cells, done * cells / total);
        for (std::size_t i = 0; i < cells; ++i) line += i < full ? "█" : "░";
        line += fmt::format(" {}/{}", with_commas(static_cast<std::int64_t>(done)),
                            with_commas(static_cast<std::int64_t>(total)));
        if (rate > 0 && done < total)
            line += fmt::format("  {:.0f}/s, {} left", rate,
                                duration(static_cast<double>(total - done) / rate));
    } else {
        line += with_commas(static_cast<std::int64_t>(done));
    }
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
    visible_ = true;
}

void ProgressBar::clear() {
    const std::lock_guard guard{lock_};
    if (!visible_) return;
    std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
    visible_ = false;
}

std::string bold(std::string_view text) {
    return styled() ? fmt::format("\033[1m{}\033[0m", text) : std::string{text};
}
std::string dim(std::string_view text) {
    return styled() ? fmt::format("\033[2m{}\033[0m", text) : std::string{text};
}

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void warn(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

void print_error(const Error& error, bool json) {
    if (!json) {
        warn(fmt::format("hsl: {}\n", error.text()));
        return;
    }
    JsonWriter out;
    out.begin_object().key("error").begin_object();
    out.member("code", name_of(error.code)).member("message", error.message);
    out.key("file");
    error.file.empty() ? out.null() : out.value(error.file);
    out.key("line");
    error.line > 0 ? out.value(error.line) : out.null();
    if (error.column > 0) out.member("column", error.column);
    out.end_object().end_object();
    print(out.text() + "\n");
}

}  // namespace hsl::app
