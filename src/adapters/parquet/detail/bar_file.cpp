// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/detail/bar_file.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/io/file.h>
#include <fmt/format.h>
#include <parquet/column_reader.h>
#include <parquet/column_writer.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/file_writer.h>
#include <parquet/properties.h>

#include "adapters/parquet/detail/disk.hpp"
#include "adapters/parquet/detail/folder.hpp"
#include "base/assert.hpp"
#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "base/text.hpp"

namespace hsl::adapters {
namespace {

using market::Bar;

// Rows a row group: large enough that headers cost nothing, small enough that two threads share the
// work on a million bars and that one symbol does not read the whole market.
constexpr std::size_t row_group_rows = 131'072;
// Rows that are turned from bars into a column at a time: they stay in the first cache.
constexpr std::size_t block_rows = 2048;

enum class Shape { date, minute, day_number, number, real };
// A column of a file and the field of a bar that it holds; dates and minutes say so themselves.
struct FileColumn {
    const char* name;
    Shape shape;
    std::int64_t Bar::* field = nullptr;
    std::size_t target = 0;  // of ColumnTargets::numbers
};
constexpr FileColumn date_column{"date", Shape::date};
constexpr std::array<FileColumn, 7> day_columns{{date_column,
                                                 {"open", Shape::number, &Bar::open, 0},
                                                 {"high", Shape::number, &Bar::high, 1},
                                                 {"low", Shape::number, &Bar::low, 2},
                                                 {"close", Shape::number, &Bar::close, 3},
                                                 {"volume", Shape::number, &Bar::volume, 4},
                                                 {"value", Shape::number, &Bar::value, 5}}};
constexpr std::array<FileColumn, 8> minute_columns{{day_columns[0],
                                                    {"minute", Shape::minute},
                                                    day_columns[1],
                                                    day_columns[2],
                                                    day_columns[3],
                                                    day_columns[4],
                                                    day_columns[5],
                                                    day_columns[6]}};
constexpr std::array<FileColumn, 3> value_columns{{date_column,
                                                   {"known", Shape::day_number, &Bar::open, 0},
                                                   {"value", Shape::real, &Bar::close, 3}}};

std::span<const FileColumn> layout_of(StackKind kind) {
    switch (kind) {
        case StackKind::minute:
            return minute_columns;
        case StackKind::column:
            return value_columns;
        default:
            return day_columns;
    }
}

// A failure inside an Arrow callback, carried out as an exception and back into an Error.
struct WriteFailure : std::runtime_error {
    explicit WriteFailure(Error failed)
        : std::runtime_error(failed.message), error(std::move(failed)) {}
    Error error;
};

// A new file that counts and hashes what goes through it.
class HashedFile final : public arrow::io::OutputStream {
public:
    HashedFile(const std::filesystem::path& path, FileHandle file)
        : path_(path), file_(std::move(file)) {}

    arrow::Status Write(const void* data, std::int64_t count) override {
        const std::string_view bytes{static_cast<const char*>(data),
                                     static_cast<std::size_t>(count)};
        if (const int error = disk().write(file_, bytes); error != 0)
            throw WriteFailure{io_error("write", path_, error)};
        hasher_.add(std::as_bytes(std::span{bytes}));
        bytes_ += count;
        return arrow::Status::OK();
    }
    using Writable::Write;
    arrow::Result<std::int64_t> Tell() const override { return bytes_; }
    arrow::Status Close() override {
        closed_ = true;
        return arrow::Status::OK();
    }
    [[nodiscard]] bool closed() const override { return closed_; }

    void sync() {
        if (const int error = disk().sync(file_); error != 0)
            throw WriteFailure{io_error("sync", path_, error)};
    }
    [[nodiscard]] std::int64_t bytes() const { return bytes_; }
    [[nodiscard]] std::string sha256() { return hasher_.hex(); }

private:
    const std::filesystem::path& path_;
    FileHandle file_;
    Hasher hasher_;
    std::int64_t bytes_ = 0;
    bool closed_ = false;
};

std::shared_ptr<parquet::schema::GroupNode> schema_of(StackKind kind) {
    using parquet::LogicalType;
    using parquet::Repetition;
    using parquet::schema::GroupNode;
    using parquet::schema::PrimitiveNode;
    parquet::schema::NodeVector fields;
    fields.push_back(PrimitiveNode::Make("symbol", Repetition::REQUIRED, LogicalType::String(),
                                         parquet::Type::BYTE_ARRAY));
    for (const FileColumn& column : layout_of(kind)) {
        const bool is_day = column.shape == Shape::date || column.shape == Shape::day_number;
        if (is_day)
            fields.push_back(PrimitiveNode::Make(column.name, Repetition::REQUIRED,
                                                 LogicalType::Date(), parquet::Type::INT32));
        else
            fields.push_back(
                PrimitiveNode::Make(column.name, Repetition::REQUIRED,
                                    column.shape == Shape::minute ? parquet::Type::INT32
                                    : column.shape == Shape::real ? parquet::Type::DOUBLE
                                                                  : parquet::Type::INT64));
    }
    return std::static_pointer_cast<GroupNode>(GroupNode::Make(
        kind == StackKind::column ? "column" : "bars", Repetition::REQUIRED, std::move(fields)));
}

// Delta coding without a dictionary: prices move little from day to day. Statistics where another
// reader can skip row groups by them; checksums because a wrong number that looks right is the
// worst.
std::shared_ptr<parquet::WriterProperties> writer_properties(StackKind kind) {
    parquet::WriterProperties::Builder builder;
    builder.disable_dictionary()
        ->enable_dictionary("symbol")
        ->encoding(parquet::Encoding::DELTA_BINARY_PACKED)
        ->encoding("symbol", parquet::Encoding::PLAIN)
        ->compression(parquet::Compression::UNCOMPRESSED)
        ->disable_statistics()
        ->enable_statistics("symbol")
        ->enable_statistics("date")
        ->enable_page_checksum()
        ->max_row_group_length(static_cast<std::int64_t>(row_group_rows))
        ->created_by("hsl");
    if (kind == StackKind::column) builder.encoding("value", parquet::Encoding::PLAIN);
    return builder.build();
}

// The pieces of symbols that make up one row group.
struct Piece {
    std::string_view symbol;
    std::span<const Bar> bars;
};

void write_symbol_column(parquet::ColumnWriter& writer, std::span<const Piece> pieces,
                         std::size_t rows, parquet::ArrowWriteContext& context) {
    arrow::StringBuilder words;
    arrow::Int32Builder indices;
    PARQUET_THROW_NOT_OK(indices.Reserve(static_cast<std::int64_t>(rows)));
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        PARQUET_THROW_NOT_OK(words.Append(pieces[i].symbol));
        for (std::size_t row = 0; row < pieces[i].bars.size(); ++row)
            indices.UnsafeAppend(static_cast<std::int32_t>(i));
    }
    PARQUET_ASSIGN_OR_THROW(const auto dictionary, words.Finish());
    PARQUET_ASSIGN_OR_THROW(const auto index_array, indices.Finish());
    const arrow::DictionaryArray array{arrow::dictionary(arrow::int32(), arrow::utf8()),
                                       index_array, dictionary};
    PARQUET_THROW_NOT_OK(writer.WriteArrow(nullptr, nullptr, static_cast<std::int64_t>(rows), array,
                                           &context, false));
}

template <class Writer, class T, class Get>
void write_numbers(Writer& writer, std::span<const Piece> pieces, const Get& get) {
    std::array<T, block_rows> block;
    std::size_t filled = 0;
    const auto flush = [&] {
        writer.WriteBatch(static_cast<std::int64_t>(filled), nullptr, nullptr, block.data());
        filled = 0;
    };
    for (const Piece& piece : pieces) {
        for (const Bar& bar : piece.bars) {
            block[filled++] = get(bar);
            if (filled == block_rows) flush();
        }
    }
    if (filled > 0) flush();
}

void write_column(parquet::ColumnWriter& writer, const FileColumn& column,
                  std::span<const Piece> pieces) {
    const auto field = column.field;
    switch (column.shape) {
        case Shape::date:
            return write_numbers<parquet::Int32Writer, std::int32_t>(
                static_cast<parquet::Int32Writer&>(writer), pieces,
                [](const Bar& bar) { return bar.date.days; });
        case Shape::minute:
            return write_numbers<parquet::Int32Writer, std::int32_t>(
                static_cast<parquet::Int32Writer&>(writer), pieces,
                [](const Bar& bar) { return bar.minute; });
        case Shape::day_number:
            return write_numbers<parquet::Int32Writer, std::int32_t>(
                static_cast<parquet::Int32Writer&>(writer), pieces,
                [field](const Bar& bar) { return static_cast<std::int32_t>(bar.*field); });
        case Shape::number:
            return write_numbers<parquet::Int64Writer, std::int64_t>(
                static_cast<parquet::Int64Writer&>(writer), pieces,
                [field](const Bar& bar) { return bar.*field; });
        case Shape::real:
            return write_numbers<parquet::DoubleWriter, double>(
                static_cast<parquet::DoubleWriter&>(writer), pieces,
                [field](const Bar& bar) { return std::bit_cast<double>(bar.*field); });
    }
}

void write_row_group(parquet::RowGroupWriter& group, StackKind kind, std::span<const Piece> pieces,
                     std::size_t rows) {
    const auto arrow_properties = parquet::default_arrow_writer_properties();
    const std::span<const FileColumn> layout = layout_of(kind);
    parallel_for(1 + layout.size(), 0, [&](std::size_t index, unsigned) {
        parquet::ColumnWriter& writer = *group.column(static_cast<int>(index));
        if (index > 0) return write_column(writer, layout[index - 1], pieces);
        parquet::ArrowWriteContext context{arrow::default_memory_pool(), arrow_properties.get()};
        write_symbol_column(writer, pieces, rows, context);
    });
}

void write_rows(const std::shared_ptr<HashedFile>& file, StackKind kind,
                std::span<const SymbolRows> symbols, std::size_t rows, const Progress& progress) {
    const auto writer =
        parquet::ParquetFileWriter::Open(file, schema_of(kind), writer_properties(kind));
    std::vector<Piece> pieces;
    std::size_t in_group = 0;
    std::size_t written = 0;
    const auto flush = [&] {
        if (progress.stopped())
            throw WriteFailure{
                {.code = ErrorCode::cancelled, .message = "stopped; the store is as it was"}};
        parquet::RowGroupWriter* group = writer->AppendBufferedRowGroup();
        write_row_group(*group, kind, pieces, in_group);
        group->Close();
        written += in_group;
        progress.done("writing", written, rows);
        pieces.clear();
        in_group = 0;
    };
    for (const SymbolRows& symbol : symbols) {
        for (std::span<const Bar> rest = symbol.bars; !rest.empty();) {
            const std::size_t count = std::min(rest.size(), row_group_rows - in_group);
            pieces.push_back({symbol.symbol, rest.first(count)});
            rest = rest.subspan(count);
            in_group += count;
            if (in_group == row_group_rows) flush();
        }
    }
    if (in_group > 0) flush();
    writer->Close();
}

Error damaged(const std::filesystem::path& path, std::string_view what) {
    return {
        .code = ErrorCode::corrupt,
        .message = fmt::format("the store's file {} {}; restore it from a copy, or import into a "
                               "new store",
                               path.string(), what)};
}

}  // namespace

int columns_of(StackKind kind) { return static_cast<int>(layout_of(kind).size()); }

Result<WrittenFile> write_bar_file(const std::filesystem::path& path, StackKind kind,
                                   std::span<const SymbolRows> symbols, const Progress& progress) {
    FileHandle handle;
    if (const int failed = disk().make(path, handle); failed != 0)
        return std::unexpected(io_error("make", path, failed));
    std::size_t rows = 0;
    for (const SymbolRows& symbol : symbols) rows += symbol.bars.size();
    Error error;
    try {
        const auto file = std::make_shared<HashedFile>(path, std::move(handle));
        write_rows(file, kind, symbols, rows, progress);
        file->sync();
        return WrittenFile{.rows = static_cast<std::int64_t>(rows),
                           .bytes = file->bytes(),
                           .sha256 = file->sha256()};
    } catch (const WriteFailure& failure) {
        error = failure.error;
    } catch (const std::exception& failure) {
        error = {.code = ErrorCode::internal,
                 .message = fmt::format("cannot write {}: {}", path.string(), failure.what())};
    }
    static_cast<void>(disk().remove(path));  // else the next writer does
    return std::unexpected(std::move(error));
}

Error read_failure(const std::filesystem::path& path, std::string_view what,
                   const std::exception& failure) {
    const auto* arrow_failure = dynamic_cast<const parquet::ParquetStatusException*>(&failure);
    if (dynamic_cast<const std::bad_alloc*>(&failure) != nullptr ||
        (arrow_failure != nullptr && arrow_failure->status().IsOutOfMemory()))
        return {.code = ErrorCode::io,
                .message = fmt::format("out of memory while reading {}; read fewer symbols at a "
                                       "time, or use a machine with more memory",
                                       path.string())};
    return damaged(path, fmt::format("{} ({})", what, failure.what()));
}

struct BarFile::Parts {
    std::filesystem::path path;
    StackKind kind;
    std::unique_ptr<parquet::ParquetFileReader> reader;
};

BarFile::BarFile(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
BarFile::BarFile(BarFile&&) noexcept = default;
BarFile::~BarFile() = default;

Result<BarFile> BarFile::open(const std::filesystem::path& path, StackKind kind, std::int64_t bytes,
                              std::int64_t rows) {
    FileHandle file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.is_open()) {
        if (errno == ENOENT) return std::unexpected(damaged(path, "is missing"));
        return std::unexpected(io_error("read", path, errno));
    }
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return std::unexpected(io_error("read", path, errno));
    if (status.st_size != bytes)
        return std::unexpected(damaged(
            path, fmt::format("has {} bytes where {} were written", status.st_size, bytes)));
    try {
        PARQUET_ASSIGN_OR_THROW(auto source, arrow::io::ReadableFile::Open(file.release()));
        parquet::ReaderProperties properties;
        properties.set_page_checksum_verification(true);
        auto parts = std::make_unique<Parts>();
        parts->path = path;
        parts->kind = kind;
        parts->reader = parquet::ParquetFileReader::Open(std::move(source), properties);
        const parquet::FileMetaData& footer = *parts->reader->metadata();
        if (!footer.schema()->group_node()->Equals(schema_of(kind).get()))
            return std::unexpected(damaged(path, "has other columns than its rows have"));
        if (footer.num_rows() != rows)
            return std::unexpected(damaged(
                path, fmt::format("has {}, and {} written", counted(footer.num_rows(), "row"),
                                  counted(rows, "was", "were"))));
        return BarFile{std::move(parts)};
    } catch (const std::exception& failure) {
        return std::unexpected(read_failure(path, "is damaged", failure));
    }
}

int BarFile::row_groups() const { return parts_->reader->metadata()->num_row_groups(); }

std::size_t BarFile::rows_in(int row_group) const {
    return static_cast<std::size_t>(parts_->reader->metadata()->RowGroup(row_group)->num_rows());
}

namespace {

// `take(reader, row, most)` decodes up to `most` rows into the targets from `row` on and says how
// many those were.
template <class Reader, class Take>
bool read_rows(Reader& reader, std::span<const RowCopy> copies, const Take& take) {
    std::size_t at = 0;
    for (const RowCopy& copy : copies) {
        HSL_ASSERT(copy.row >= at);
        const auto gap = static_cast<std::int64_t>(copy.row - at);
        if (gap > 0 && reader.Skip(gap) != gap) return false;
        // A batch ends at a page's end.
        for (std::size_t done = 0; done < copy.count;) {
            const std::int64_t count = take(reader, copy.target + done, copy.count - done);
            if (count <= 0) return false;
            done += static_cast<std::size_t>(count);
        }
        at = copy.row + copy.count;
    }
    return true;
}

template <class Reader, class T>
bool read_into(parquet::ColumnReader& reader, std::span<const RowCopy> copies, T* target) {
    return read_rows<Reader>(static_cast<Reader&>(reader), copies,
                             [target](Reader& from, std::size_t row, std::size_t most) {
                                 std::int64_t count = 0;
                                 from.ReadBatch(static_cast<std::int64_t>(most), nullptr, nullptr,
                                                target + row, &count);
                                 return count;
                             });
}

template <class Reader, class Read>
bool read_converted(parquet::ColumnReader& reader, std::span<const RowCopy> copies,
                    std::int64_t* target) {
    std::array<Read, block_rows> block;
    return read_rows<Reader>(
        static_cast<Reader&>(reader), copies, [&](Reader& from, std::size_t row, std::size_t most) {
            std::int64_t count = 0;
            from.ReadBatch(static_cast<std::int64_t>(std::min(most, block_rows)), nullptr, nullptr,
                           block.data(), &count);
            for (std::int64_t i = 0; i < count; ++i) {
                const Read value = block[static_cast<std::size_t>(i)];
                std::int64_t& to = target[row + static_cast<std::size_t>(i)];
                if constexpr (std::is_same_v<Read, double>)
                    to = std::bit_cast<std::int64_t>(value);
                else
                    to = value;
            }
            return count;
        });
}

bool is_wanted(const FileColumn& column, const ColumnTargets& targets) {
    if (column.shape == Shape::date) return targets.date != nullptr;
    if (column.shape == Shape::minute) return targets.minute != nullptr;
    return targets.numbers[column.target] != nullptr;
}

bool read_column(parquet::ColumnReader& reader, const FileColumn& column,
                 std::span<const RowCopy> copies, const ColumnTargets& targets) {
    switch (column.shape) {
        case Shape::date:
            return read_into<parquet::Int32Reader>(reader, copies, targets.date);
        case Shape::minute:
            return read_into<parquet::Int32Reader>(reader, copies, targets.minute);
        case Shape::number:
            return read_into<parquet::Int64Reader>(reader, copies, targets.numbers[column.target]);
        case Shape::day_number:
            return read_converted<parquet::Int32Reader, std::int32_t>(
                reader, copies, targets.numbers[column.target]);
        case Shape::real:
            return read_converted<parquet::DoubleReader, double>(reader, copies,
                                                                 targets.numbers[column.target]);
    }
    return false;
}

}  // namespace

Result<void> BarFile::read(int row_group, int column, std::span<const RowCopy> copies,
                           const ColumnTargets& targets) const {
    const FileColumn& wanted = layout_of(parts_->kind)[static_cast<std::size_t>(column)];
    if (!is_wanted(wanted, targets)) return {};
    try {
        const auto reader = parts_->reader->RowGroup(row_group)->Column(1 + column);
        if (!read_column(*reader, wanted, copies, targets))
            return std::unexpected(
                damaged(parts_->path, fmt::format("ends too early in row group {}", row_group)));
        return {};
    } catch (const std::exception& failure) {
        return std::unexpected(read_failure(
            parts_->path, fmt::format("is damaged in row group {}", row_group), failure));
    }
}

}  // namespace hsl::adapters
