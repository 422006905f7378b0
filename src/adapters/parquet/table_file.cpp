// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/table_file.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/chunked_array.h>
#include <arrow/io/memory.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>

#include "base/date.hpp"

namespace hsl::adapters {
namespace {

// A table in which one cell repeats a text of a megabyte would not fit; real ones are far below.
constexpr std::size_t text_bytes_max = std::size_t{1} << 32;

void append_number(std::string& out, double number) {
    if (!std::isfinite(number)) return;
    char text[64];
    // Whole numbers without a point or exponent: volumes of whole-market files are doubles.
    const bool whole = std::fabs(number) < 9.0e15 && number == std::trunc(number);
    const auto end =
        whole ? std::to_chars(text, text + sizeof text, static_cast<std::int64_t>(number))
              : std::to_chars(text, text + sizeof text, number,
                              std::fabs(number) >= 1e-6 && std::fabs(number) < 1e18
                                  ? std::chars_format::fixed
                                  : std::chars_format::general);
    out.append(text, end.ptr);
}

void append_day(std::string& out, std::int64_t days) {
    constexpr std::int64_t days_max = 2'932'896;  // 9999-12-31
    if (days < -719'162 || days > days_max) return;
    out += Date{static_cast<std::int32_t>(days)}.iso();
}

// A midnight is a plain day: daily tables hold their dates so. Times with a zone are stored as
// those of Greenwich: of Korea's they come out as its clock shows, of another one with a Z behind
// them.
void append_time(std::string& out, std::int64_t value, std::int64_t units_a_second,
                 std::string_view zone = {}) {
    const bool korean = zone == "Asia/Seoul" || zone == "Asia/Tokyo" || zone == "+09:00";
    if (korean) value += 9 * 3600 * units_a_second;
    const std::int64_t units_a_day = units_a_second * 86'400;
    const std::int64_t day = value / units_a_day - (value % units_a_day < 0 ? 1 : 0);
    const std::int64_t second = (value - day * units_a_day) / units_a_second;
    append_day(out, day);
    if (second != 0)
        out += fmt::format(" {:02}:{:02}:{:02}{}", second / 3600, second / 60 % 60, second % 60,
                           zone.empty() || korean ? "" : "Z");
}

std::int64_t units_a_second(arrow::TimeUnit::type unit) {
    switch (unit) {
        case arrow::TimeUnit::SECOND:
            return 1;
        case arrow::TimeUnit::MILLI:
            return 1'000;
        case arrow::TimeUnit::MICRO:
            return 1'000'000;
        default:
            return 1'000'000'000;
    }
}

template <class A>
const A& as(const arrow::Array& array) {
    return static_cast<const A&>(array);
}

void append_cell(std::string& out, const arrow::Array& array, std::int64_t row) {
    if (array.IsNull(row)) return;
    switch (array.type_id()) {
        case arrow::Type::BOOL:
            out += as<arrow::BooleanArray>(array).Value(row) ? "1" : "0";
            break;
        case arrow::Type::INT8:
            fmt::format_to(std::back_inserter(out), "{}",
                           int{as<arrow::Int8Array>(array).Value(row)});
            break;
        case arrow::Type::UINT8:
            fmt::format_to(std::back_inserter(out), "{}",
                           int{as<arrow::UInt8Array>(array).Value(row)});
            break;
        case arrow::Type::INT16:
            fmt::format_to(std::back_inserter(out), "{}", as<arrow::Int16Array>(array).Value(row));
            break;
        case arrow::Type::UINT16:
            fmt::format_to(std::back_inserter(out), "{}", as<arrow::UInt16Array>(array).Value(row));
            break;
        case arrow::Type::INT32:
            fmt::format_to(std::back_inserter(out), "{}", as<arrow::Int32Array>(array).Value(row));
            break;
        case arrow::Type::UINT32:
            fmt::format_to(std::back_inserter(out), "{}", as<arrow::UInt32Array>(array).Value(row));
            break;
        case arrow::Type::INT64:
            fmt::format_to(std::back_inserter(out), "{}", as<arrow::Int64Array>(array).Value(row));
            break;
        case arrow::Type::UINT64:
            fmt::format_to(std::back_inserter(out), "{}", as<arrow::UInt64Array>(array).Value(row));
            break;
        case arrow::Type::FLOAT:
            append_number(out, double{as<arrow::FloatArray>(array).Value(row)});
            break;
        case arrow::Type::DOUBLE:
            append_number(out, as<arrow::DoubleArray>(array).Value(row));
            break;
        case arrow::Type::STRING:
            out += as<arrow::StringArray>(array).GetView(row);
            break;
        case arrow::Type::LARGE_STRING:
            out += as<arrow::LargeStringArray>(array).GetView(row);
            break;
        case arrow::Type::BINARY:
            out += as<arrow::BinaryArray>(array).GetView(row);
            break;
        case arrow::Type::DATE32:
            append_day(out, as<arrow::Date32Array>(array).Value(row));
            break;
        case arrow::Type::DATE64:
            append_time(out, as<arrow::Date64Array>(array).Value(row), 1'000);
            break;
        case arrow::Type::TIMESTAMP: {
            const auto& type = static_cast<const arrow::TimestampType&>(*array.type());
            append_time(out, as<arrow::TimestampArray>(array).Value(row),
                        units_a_second(type.unit()), type.timezone());
            break;
        }
        case arrow::Type::DECIMAL128:
            out += as<arrow::Decimal128Array>(array).FormatValue(row);
            break;
        case arrow::Type::DICTIONARY: {
            const auto& coded = as<arrow::DictionaryArray>(array);
            append_cell(out, *coded.dictionary(), coded.GetValueIndex(row));
            break;
        }
        default:
            break;  // lists and structures: nothing a price table holds
    }
}

template <class T>
T value_or_throw(arrow::Result<T> result) {
    if (!result.ok()) throw parquet::ParquetException(result.status().ToString());
    return std::move(result).ValueUnsafe();
}

store::TextTable read_table(std::string_view bytes) {
    const auto buffer =
        std::make_shared<arrow::Buffer>(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                        static_cast<std::int64_t>(bytes.size()));
    parquet::arrow::FileReaderBuilder builder;
    PARQUET_THROW_NOT_OK(builder.Open(std::make_shared<arrow::io::BufferReader>(buffer)));
    std::unique_ptr<parquet::arrow::FileReader> reader;
    PARQUET_THROW_NOT_OK(builder.Build(&reader));
    reader->set_use_threads(false);

    store::TextTable table;
    for (int group = 0; group < reader->num_row_groups(); ++group) {
        const auto rows = value_or_throw(reader->ReadRowGroup(group));
        if (group == 0)
            for (const auto& field : rows->schema()->fields())
                table.header.push_back(field->name());
        arrow::TableBatchReader batches{*rows};
        std::shared_ptr<arrow::RecordBatch> batch;
        while (true) {
            PARQUET_THROW_NOT_OK(batches.ReadNext(&batch));
            if (!batch) break;
            for (std::int64_t row = 0; row < batch->num_rows(); ++row)
                for (const auto& column : batch->columns()) {
                    append_cell(table.text, *column, row);
                    table.ends.push_back(table.text.size());
                }
            if (table.text.size() > text_bytes_max)
                throw parquet::ParquetException("more than 4 GiB of text");
        }
    }
    return table;
}

}  // namespace

Result<store::TextTable> read_parquet_table(std::string_view name, std::string_view bytes) {
    std::string why;
    try {
        store::TextTable table = read_table(bytes);
        if (!table.header.empty()) return table;
        why = "it has no rows";
    } catch (const std::exception& failure) {
        why = failure.what();
    }
    return std::unexpected(Error{.code = ErrorCode::bad_data,
                                 .message = fmt::format("the Parquet file cannot be read: {}", why),
                                 .file = std::string{name}});
}

}  // namespace hsl::adapters
