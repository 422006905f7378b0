// SPDX-License-Identifier: Apache-2.0
#include "adapters/feeds/detail/unpack.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "adapters/feeds/detail/encoding.hpp"
#include "base/text.hpp"

namespace hsl::adapters::detail {
namespace {

constexpr std::string_view gzip_head = "\x1F\x8B";
constexpr std::string_view zip_head = "PK\x03\x04";
constexpr std::string_view empty_zip_head = "PK\x05\x06";
constexpr std::size_t block_bytes = std::size_t{1} << 16;

std::unexpected<Error> refuse(std::string_view path, std::string message) {
    return std::unexpected(Error{
        .code = ErrorCode::bad_data, .message = std::move(message), .file = std::string{path}});
}

std::string too_large(std::size_t bytes_max) {
    return fmt::format("unpacks to more than {} bytes: unpack it by hand and import it in parts",
                       with_commas(static_cast<std::int64_t>(bytes_max)));
}

// ---- gzip --------------------------------------------------------------------------------------

// zlib unpacking `packed` a block at a time, freed whatever happens.
class Inflater {
public:
    // `window_bits` says what stands around the deflated bytes, as inflateInit2 has it.
    Inflater(std::string_view packed, int window_bits)
        : open_(inflateInit2(&stream_, window_bits) == Z_OK) {
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
        stream_.avail_in = static_cast<uInt>(packed.size());
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() {
        if (open_) inflateEnd(&stream_);
    }

    [[nodiscard]] bool is_open() const { return open_; }
    [[nodiscard]] std::size_t bytes_left() const { return stream_.avail_in; }
    // Whether another block may come of what was taken in so far.
    [[nodiscard]] bool may_go_on() const { return stream_.avail_in > 0 || stream_.avail_out == 0; }
    [[nodiscard]] const char* message() const {
        return stream_.msg == nullptr ? "no message" : stream_.msg;
    }
    [[nodiscard]] bool start_over() { return inflateReset(&stream_) == Z_OK; }
    // Appends the next block to `out`; zlib's answer.
    int step(std::string& out) {
        stream_.next_out = reinterpret_cast<Bytef*>(block_.data());
        stream_.avail_out = static_cast<uInt>(block_.size());
        const int result = inflate(&stream_, Z_NO_FLUSH);
        out.append(block_.data(), block_.size() - stream_.avail_out);
        return result;
    }

private:
    z_stream stream_{};
    std::array<char, block_bytes> block_{};
    bool open_;
};

// Several gzip members one behind the other are one file, as gunzip has it.
Result<std::string> gunzip(std::string_view path, std::string_view bytes, std::size_t bytes_max) {
    constexpr int gzip_only = 16 + MAX_WBITS;
    Inflater inflater{bytes, gzip_only};
    if (!inflater.is_open()) return refuse(path, "gzip: no memory to unpack it");
    std::string out;
    for (;;) {
        const int result = inflater.step(out);
        if (out.size() > bytes_max) return refuse(path, too_large(bytes_max));
        if (result == Z_STREAM_END) {
            const std::string_view rest = bytes.substr(bytes.size() - inflater.bytes_left());
            if (!rest.starts_with(gzip_head)) return out;
            if (!inflater.start_over()) return refuse(path, "gzip: broken");
            continue;
        }
        if (result == Z_OK && inflater.may_go_on()) continue;
        if (result == Z_OK || result == Z_BUF_ERROR)
            return refuse(path, fmt::format("gzip: cut short after {} unpacked bytes: download it "
                                            "again",
                                            out.size()));
        return refuse(path, fmt::format("gzip: broken ({})", inflater.message()));
    }
}

// ---- zip ---------------------------------------------------------------------------------------

// PKWARE's APPNOTE 4.3: the end record at the very end names the central directory, whose entries
// name the members. minizip does not read the 64-bit sizes that some writers give small members, so
// the few fields are read here. Every offset is checked against the bytes there are.
constexpr std::uint16_t method_stored = 0;
constexpr std::uint16_t method_deflated = 8;

// Little-endian numbers at an offset; zeros behind the end.
std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t number = 0;
    for (std::size_t i = size; i > 0; --i) {
        const std::size_t index = at + i - 1;
        number =
            number << 8 | (index < bytes.size() ? static_cast<unsigned char>(bytes[index]) : 0);
    }
    return number;
}

struct Member {
    std::string name;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint32_t checksum = 0;
    std::uint64_t packed_bytes = 0;
    std::uint64_t header_at = 0;
};

// Sizes that do not fit 32 bits, or that a writer put there all the same, stand in an extra field.
void read_long_sizes(std::string_view extra, std::uint64_t unpacked_bytes, Member& member) {
    constexpr std::uint64_t elsewhere = 0xFFFF'FFFF;
    for (std::size_t at = 0; at + 4 <= extra.size();) {
        const std::uint64_t kind = number_at(extra, at, 2);
        const std::uint64_t size = number_at(extra, at + 2, 2);
        std::size_t field = at + 4;
        if (kind == 1) {
            if (unpacked_bytes == elsewhere) field += 8;
            if (member.packed_bytes == elsewhere) {
                member.packed_bytes = number_at(extra, field, 8);
                field += 8;
            }
            if (member.header_at == elsewhere) member.header_at = number_at(extra, field, 8);
        }
        at += 4 + size;
    }
}

// False when there is no member at `at`; else `at` moves behind it.
bool take_member(std::string_view bytes, std::size_t& at, Member& member) {
    constexpr std::string_view entry_head = "PK\x01\x02";
    constexpr std::size_t entry_bytes = 46;
    if (at > bytes.size() || !bytes.substr(at).starts_with(entry_head)) return false;
    const std::uint64_t name_bytes = number_at(bytes, at + 28, 2);
    const std::uint64_t extra_bytes = number_at(bytes, at + 30, 2);
    const std::uint64_t comment_bytes = number_at(bytes, at + 32, 2);
    const std::size_t end = at + entry_bytes + name_bytes + extra_bytes + comment_bytes;
    if (end > bytes.size()) return false;
    member.flags = static_cast<std::uint16_t>(number_at(bytes, at + 8, 2));
    member.method = static_cast<std::uint16_t>(number_at(bytes, at + 10, 2));
    member.checksum = static_cast<std::uint32_t>(number_at(bytes, at + 16, 4));
    member.packed_bytes = number_at(bytes, at + 20, 4);
    member.header_at = number_at(bytes, at + 42, 4);
    read_long_sizes(bytes.substr(at + entry_bytes + name_bytes, extra_bytes),
                    number_at(bytes, at + 24, 4), member);
    member.name = bytes.substr(at + entry_bytes, name_bytes);
    if (hsl::valid_utf8(member.name) != member.name)  // Korean tools write names in CP949
        member.name = from_cp949(member.name).value_or(hsl::valid_utf8(member.name));
    member.name = hsl::printable(member.name);
    at = end;
    return true;
}

// Where the central directory begins; nothing when there is none.
std::optional<std::size_t> directory_of(std::string_view bytes) {
    constexpr std::string_view end_head = "PK\x05\x06";
    constexpr std::size_t end_bytes = 22;
    constexpr std::size_t comment_max = 65'535;
    if (bytes.size() < end_bytes) return std::nullopt;
    const std::size_t first =
        bytes.size() > end_bytes + comment_max ? bytes.size() - end_bytes - comment_max : 0;
    for (std::size_t at = bytes.size() - end_bytes + 1; at-- > first;) {
        if (!bytes.substr(at).starts_with(end_head)) continue;
        const std::uint64_t offset = number_at(bytes, at + 16, 4);
        if (offset <= at) return offset;
    }
    return std::nullopt;
}

Result<std::string> inflate_raw(std::string_view path, std::string_view packed,
                                std::size_t bytes_max, std::size_t archive_max) {
    Inflater inflater{packed, -MAX_WBITS};
    if (!inflater.is_open()) return refuse(path, "zip: no memory to unpack it");
    std::string out;
    for (;;) {
        const int result = inflater.step(out);
        if (out.size() > bytes_max) return refuse(path, too_large(archive_max));
        if (result == Z_STREAM_END) return out;
        if (result != Z_OK || !inflater.may_go_on())
            return refuse(path, "zip: this member is broken");
    }
}

Result<std::string> read_member(std::string_view bytes, const Member& member, std::string_view path,
                                std::size_t bytes_max, std::size_t archive_max) {
    constexpr std::size_t header_bytes = 30;
    if (member.header_at > bytes.size() || !bytes.substr(member.header_at).starts_with(zip_head))
        return refuse(path, "zip: this member is missing: the download was cut short?");
    const std::size_t data = member.header_at + header_bytes +
                             number_at(bytes, member.header_at + 26, 2) +
                             number_at(bytes, member.header_at + 28, 2);
    if (data > bytes.size() || member.packed_bytes > bytes.size() - data)
        return refuse(path, "zip: this member is cut short");
    const std::string_view packed = bytes.substr(data, member.packed_bytes);
    std::string out;
    if (member.method == method_deflated) {
        HSL_TRY(out, inflate_raw(path, packed, bytes_max, archive_max));
    } else if (member.method == method_stored) {
        if (packed.size() > bytes_max) return refuse(path, too_large(archive_max));
        out = packed;
    } else {
        return refuse(path,
                      fmt::format("zip: packed by method {}, which is not known: unpack it by "
                                  "hand",
                                  member.method));
    }
    const auto* const unpacked = reinterpret_cast<const Bytef*>(out.data());
    if (crc32_z(0, unpacked, out.size()) != member.checksum)
        return refuse(path, "zip: the checksum of this member differs: download it again");
    return out;
}

// What tools leave in archives beside the data.
bool is_clutter(std::string_view name) {
    if (name.empty() || name.ends_with('/') || name.starts_with("__MACOSX/")) return true;
    const std::string_view file = name.substr(name.rfind('/') + 1);
    return file.starts_with('.') || file == "Thumbs.db";
}

Result<std::vector<Unpacked>> unpack_at(std::string_view path, std::string_view bytes,
                                        const UnpackLimits& limits, std::size_t& bytes_left,
                                        int depth);

// A member that is a container itself is opened, once.
Result<void> add(Unpacked document, const UnpackLimits& limits, std::size_t& bytes_left, int depth,
                 std::vector<Unpacked>& documents) {
    if (!is_container(document.bytes)) {
        documents.push_back(std::move(document));
        return {};
    }
    if (depth > 0) {
        document.error = Error{.code = ErrorCode::bad_data,
                               .message =
                                   "a container in a container in a container: unpack it by "
                                   "hand",
                               .file = document.path};
        document.bytes.clear();
        documents.push_back(std::move(document));
        return {};
    }
    auto inner = unpack_at(document.path, document.bytes, limits, bytes_left, depth + 1);
    if (!inner) {
        document.error = std::move(inner).error();
        document.bytes.clear();
        documents.push_back(std::move(document));
        return {};
    }
    for (Unpacked& member : *inner) {
        member.container = fmt::format("{} in {}", member.container, document.container);
        documents.push_back(std::move(member));
    }
    return {};
}

Result<std::vector<Unpacked>> unzip(std::string_view path, std::string_view bytes,
                                    const UnpackLimits& limits, std::size_t& bytes_left,
                                    int depth) {
    const auto directory = directory_of(bytes);
    if (!directory)
        return refuse(path, "zip: its table of contents is missing: the download was cut short?");
    std::vector<Unpacked> documents;
    std::size_t members = 0;
    Member member;
    for (std::size_t at = *directory; take_member(bytes, at, member);) {
        if (++members > limits.members_max)
            return refuse(path,
                          fmt::format("zip: more than {} members: unpack it by hand and import the "
                                      "folder",
                                      with_commas(static_cast<std::int64_t>(limits.members_max))));
        if (member.name == "[Content_Types].xml")
            return refuse(path, "not a price file but an Excel workbook: save it as CSV");
        if (is_clutter(member.name)) continue;
        Unpacked document{.path = fmt::format("{}:{}", path, member.name), .container = "zip"};
        if ((member.flags & 1) != 0) {
            document.error =
                Error{.code = ErrorCode::bad_data,
                      .message = "zip: this member is encrypted: unpack it with its password first",
                      .file = document.path};
            documents.push_back(std::move(document));
            continue;
        }
        auto unpacked = read_member(bytes, member, document.path, bytes_left, limits.bytes_max);
        if (!unpacked) {
            document.error = std::move(unpacked).error();
            documents.push_back(std::move(document));
            continue;
        }
        bytes_left -= unpacked->size();
        document.bytes = std::move(*unpacked);
        HSL_CHECK(add(std::move(document), limits, bytes_left, depth, documents));
    }
    if (documents.empty()) return refuse(path, "zip: there is no file in it");
    return documents;
}

Result<std::vector<Unpacked>> unpack_at(std::string_view path, std::string_view bytes,
                                        const UnpackLimits& limits, std::size_t& bytes_left,
                                        int depth) {
    if (!bytes.starts_with(gzip_head)) return unzip(path, bytes, limits, bytes_left, depth);
    HSL_TRY(std::string unpacked, gunzip(path, bytes, bytes_left));
    bytes_left -= unpacked.size();
    std::vector<Unpacked> documents;
    Unpacked document{.path = std::string{path}, .container = "gzip", .bytes = std::move(unpacked)};
    HSL_CHECK(add(std::move(document), limits, bytes_left, depth, documents));
    return documents;
}

}  // namespace

bool is_container(std::string_view bytes) {
    return bytes.starts_with(gzip_head) || bytes.starts_with(zip_head) ||
           bytes.starts_with(empty_zip_head);
}

Result<std::vector<Unpacked>> unpack(std::string_view path, std::string_view bytes,
                                     const UnpackLimits& limits) {
    std::size_t bytes_left = limits.bytes_max;
    return unpack_at(path, bytes, limits, bytes_left, 0);
}

}  // namespace hsl::adapters::detail
