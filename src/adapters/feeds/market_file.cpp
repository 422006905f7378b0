// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/market_file.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "adapters/feeds/detail/columns.hpp"
#include "adapters/feeds/detail/content.hpp"
#include "adapters/feeds/detail/encoding.hpp"
#include "adapters/feeds/detail/unpack.hpp"
#include "base/assert.hpp"
#include "base/parallel.hpp"
#include "base/text.hpp"

namespace hsl::adapters {
namespace {

using detail::Content;
using detail::Decoded;
using detail::Unpacked;
using store::MarketFile;

// A day of the whole market for decades stays below this; a parser holds the file in memory.
constexpr std::size_t file_bytes_max = std::size_t{1} << 30;

std::unexpected<Error> refuse(std::string_view file, std::string message) {
    return std::unexpected(Error{
        .code = ErrorCode::bad_data, .message = std::move(message), .file = std::string{file}});
}

bool is_parquet(std::string_view bytes) { return bytes.starts_with("PAR1"); }

// What a document is when it is no text, from its first bytes.
std::optional<std::string> why_binary(std::string_view bytes) {
    struct Signature {
        std::string_view head;
        std::string_view words;
    };
    static constexpr Signature signatures[] = {
        {"\xD0\xCF\x11\xE0", "an old Excel workbook: save it as CSV"},
        {"\x89HDF", "an HDF5 file: export its table as CSV or Parquet"},
        {"%PDF", "a PDF document"},
        {"BZh", "compressed with bzip2: bunzip2 it first"},
        {"\xFD"
         "7zXZ",
         "compressed with xz: unxz it first"},
        {"7z\xBC\xAF", "a 7-Zip archive: unpack it first"},
        {"\x28\xB5\x2F\xFD", "compressed with zstd: unzstd it first"},
        {"ARROW1", "an Arrow (Feather) file: write it as Parquet or CSV"},
        {"\xFF\xFF\xFF\xFF", "an Arrow stream: write it as Parquet or CSV"},
        {"FEA1", "a Feather file: write it as Parquet or CSV"},
        {"SQLite format 3", "an SQLite database: export its table as CSV"},
        {"\x80\x02", "a pickle of Python: write it with to_parquet or to_csv"},
        {"\x80\x03", "a pickle of Python: write it with to_parquet or to_csv"},
        {"\x80\x04", "a pickle of Python: write it with to_parquet or to_csv"},
        {"\x80\x05", "a pickle of Python: write it with to_parquet or to_csv"},
    };
    for (const Signature& signature : signatures)
        if (bytes.starts_with(signature.head))
            return fmt::format("not a price file but {}", signature.words);
    constexpr std::size_t tar_mark = 257;
    if (bytes.size() > tar_mark && bytes.substr(tar_mark).starts_with("ustar"))
        return "not a price file but a tar archive: unpack it first, a folder can be imported";
    return std::nullopt;
}

// The lines of a document that is not the file's own bytes. They are rarely asked for, so only the
// packed bytes are kept, and unpacked on the first question.
class PackedLines {
public:
    PackedLines(std::string_view name, std::shared_ptr<const std::string> packed,
                std::size_t document, std::optional<store::TextEncoding> encoding)
        : name_(name), packed_(std::move(packed)), document_(document), encoding_(encoding) {}

    std::string line(std::int64_t number) {
        const std::scoped_lock lock{mutex_};
        if (!text_) text_ = read();
        detail::Lines lines{*text_, line_end_of(*text_)};
        std::string_view line;
        while (lines.number() < number)
            if (!lines.next(line)) return {};
        return std::string{line};
    }

private:
    std::string read() const {
        if (!detail::is_container(*packed_)) return std::string{text_of(*packed_)};
        auto documents = detail::unpack(name_, *packed_);
        if (!documents || document_ >= documents->size()) return {};
        return text_of((*documents)[document_].bytes);
    }
    std::string text_of(std::string_view bytes) const {
        Decoded decoded = detail::decode(bytes, encoding_);
        return decoded.owned.empty() ? std::string{decoded.text} : std::move(decoded.owned);
    }

    std::string name_;
    std::shared_ptr<const std::string> packed_;
    std::size_t document_;
    std::optional<store::TextEncoding> encoding_;
    std::mutex mutex_;
    std::optional<std::string> text_;
};

struct Document {
    std::string_view path;
    std::string_view bytes;
    std::string_view container;
};

Result<MarketFile> parse_document(const Document& document, const store::ReadHints& hints,
                                  const store::TableReader& read_table, bool& own_bytes) {
    Content content{.path = std::string{document.path},
                    .bytes = document.bytes,
                    .hints = hints,
                    .read_table = read_table};
    content.how.container = document.container;
    Decoded decoded;
    if (is_parquet(document.bytes)) {
        content.how.container += content.how.container.empty() ? "Parquet" : ", Parquet";
    } else {
        if (const auto why = why_binary(document.bytes)) return refuse(document.path, *why);
        decoded = detail::decode(document.bytes, hints.encoding);
        content.bytes = decoded.owned.empty() ? decoded.text : std::string_view{decoded.owned};
        content.how.encoding = decoded.encoding;
        own_bytes = own_bytes && decoded.owned.empty();
    }
    for (const detail::ContentReader reader : detail::content_readers()) {
        if (auto file = reader(content)) return std::move(*file);
    }
    HSL_ASSERT(false && "the last reader decides");
}

void remember_lines(MarketFile& file, std::string_view name,
                    const std::shared_ptr<const std::string>& packed, std::size_t document,
                    const store::ReadHints& hints) {
    if (file.source_of || is_parquet(*packed)) return;
    auto lines = std::make_shared<PackedLines>(name, packed, document, hints.encoding);
    file.source_of = [lines = std::move(lines)](std::int64_t line) { return lines->line(line); };
}

Result<std::vector<MarketFile>> parse_container(std::string_view name, std::string_view bytes,
                                                const store::ReadHints& hints,
                                                const store::TableReader& read_table) {
    HSL_TRY(std::vector<Unpacked> documents, detail::unpack(name, bytes));
    const auto packed = std::make_shared<const std::string>(bytes);
    std::vector<MarketFile> files(documents.size());
    parallel_for(documents.size(), documents.size() == 1 ? 1 : 0, [&](std::size_t i, unsigned) {
        Unpacked& document = documents[i];
        if (!document.error) {
            bool own_bytes = false;
            auto file = parse_document({document.path, document.bytes, document.container}, hints,
                                       read_table, own_bytes);
            if (file) {
                files[i] = std::move(*file);
                remember_lines(files[i], name, packed, i, hints);
            } else {
                document.error = std::move(file).error();
            }
            document.bytes = {};
        }
        if (!document.error) return;
        files[i].path = document.path;
        files[i].error = std::move(document.error);
    });
    // A gzip file is one file: what is wrong with it is wrong with all of it.
    if (files.size() == 1 && files[0].error && files[0].path == name)
        return std::unexpected(std::move(*files[0].error));
    return files;
}

}  // namespace

Result<std::vector<MarketFile>> parse_market_file(std::string_view name, std::string_view bytes,
                                                  const store::ReadHints& hints,
                                                  const store::TableReader& read_table) {
    if (bytes.size() > file_bytes_max)
        return refuse(name, fmt::format("{} bytes, more than the {} a price file may have: split "
                                        "it by symbol or by year",
                                        bytes.size(), file_bytes_max));
    if (detail::is_container(bytes)) return parse_container(name, bytes, hints, read_table);
    bool own_bytes = true;
    HSL_TRY(MarketFile file, parse_document({name, bytes, ""}, hints, read_table, own_bytes));
    if (!own_bytes)
        remember_lines(file, name, std::make_shared<const std::string>(bytes), 0, hints);
    std::vector<MarketFile> files;
    files.push_back(std::move(file));
    return files;
}

store::MarketFileParser market_file_parser(store::TableReader read_table) {
    return [read_table = std::move(read_table)](std::string_view name, std::string_view bytes,
                                                const store::ReadHints& hints) {
        return parse_market_file(name, bytes, hints, read_table);
    };
}

}  // namespace hsl::adapters
