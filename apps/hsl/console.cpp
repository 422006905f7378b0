// SPDX-License-Identifier: Apache-2.0
#include "console.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/json.hpp"
#include "base/text.hpp"

namespace hsl::app {
namespace {

// A terminal that understands more than text.
bool is_terminal(int descriptor) {
    const char* kind = std::getenv("TERM");
    return isatty(descriptor) == 1 && (kind == nullptr || std::string_view{kind} != "dumb");
}

bool styled() {
    static const bool on = is_terminal(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr;
    return on;
}

constexpr std::size_t columns_most = 100;

std::size_t terminal_columns(int descriptor) {
    winsize size{};
    return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                          : columns_most;
}

int output_failure = 0;  // errno of the first write to stdout that failed

std::string duration(double seconds) {
    const auto whole = std::lround(seconds);
    return whole < 60 ? fmt::format("{} s", whole)
                      : fmt::format("{}:{:02} min", whole / 60, whole % 60);
}

}  // namespace

std::size_t console_columns() {
    constexpr std::size_t columns_least = 40;
    static const std::size_t columns =
        std::clamp(terminal_columns(STDOUT_FILENO), columns_least, columns_most);
    return columns;
}

Table::Table(std::vector<std::pair<std::string, Align>> header) : header_(std::move(header)) {}

void Table::row(std::vector<std::string> cells) {
    cells.resize(header_.size());
    for (std::string& cell : cells) cell = printable(cell);
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
    const auto total = [&] {
        std::size_t sum = gap * (width.size() - 1);
        for (const std::size_t w : width) sum += w;
        return sum;
    };
    // A date, or enough of a name to know it; on a narrow terminal no less than a code.
    for (const std::size_t least : {10, 6})
        while (total() > console_columns()) {
            std::size_t widest = header_.size();
            for (std::size_t c = 0; c < header_.size(); ++c)
                if (header_[c].second == Align::left && width[c] > least &&
                    (widest == header_.size() || width[c] > width[widest]))
                    widest = c;
            if (widest == header_.size()) break;
            --width[widest];
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
            std::string dashes;
            for (std::size_t i = 0; i < total(); ++i) dashes += "─";
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

std::string hanging(std::string_view text, std::size_t indent) {
    const std::string lines = wrapped(text, console_columns(), indent);
    return lines.size() > indent ? lines.substr(indent) : lines;
}

namespace {
ProgressBar* shown_bar = nullptr;
}

ProgressBar::ProgressBar() : terminal_(is_terminal(STDERR_FILENO)) { shown_bar = this; }
ProgressBar::~ProgressBar() {
    clear();
    shown_bar = nullptr;
}
ProgressBar* ProgressBar::shown() { return shown_bar; }

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
    // A line that wraps could not be taken back.
    std::fprintf(stderr, "\r\033[K%s", clip(line, terminal_columns(STDERR_FILENO) - 1).c_str());
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

void print(std::string_view text) {
    if (ProgressBar* bar = ProgressBar::shown()) bar->clear();
    if (std::fwrite(text.data(), 1, text.size(), stdout) < text.size() && output_failure == 0)
        output_failure = errno;
}

void warn(std::string_view text) {
    if (ProgressBar* bar = ProgressBar::shown()) bar->clear();
    std::fwrite(text.data(), 1, text.size(), stderr);
}

int finish_output(int status) {
    if (std::fflush(stdout) != 0 && output_failure == 0) output_failure = errno;
    if (output_failure == 0) return status;
    // A reader that has seen enough is no news: hsl ... | head
    if (output_failure != EPIPE)
        warn(fmt::format("hsl: the output could not be written: {}\n",
                         std::generic_category().message(output_failure)));
    return status == 0 ? exit_status(ErrorCode::io) : status;
}

void guard_descriptors() {
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
        // Read only: what is written there fails and is told by the exit status.
        const int opened = ::open("/dev/null", O_RDONLY);
        if (opened != descriptor && opened >= 0) ::close(opened);
    }
}

void print_error(const Error& error, bool json) {
    if (!json) {
        warn(fmt::format("hsl: {}\n", printable(error.text(), "\n\t")));
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
