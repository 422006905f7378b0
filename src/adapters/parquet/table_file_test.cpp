// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/table_file.hpp"

#include <memory>

#include <gtest/gtest.h>

#include <arrow/builder.h>
#include <arrow/io/memory.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <parquet/arrow/writer.h>

namespace hsl::adapters {
namespace {

template <class Builder, class T>
std::shared_ptr<arrow::Array> column(Builder& builder, std::initializer_list<T> values) {
    for (const T& value : values) EXPECT_TRUE(builder.Append(value).ok());
    EXPECT_TRUE(builder.AppendNull().ok());
    return *builder.Finish();
}

std::string parquet_bytes(const std::shared_ptr<arrow::Table>& table) {
    auto sink = *arrow::io::BufferOutputStream::Create();
    EXPECT_TRUE(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), sink, 2).ok());
    return (*sink->Finish())->ToString();
}

TEST(TableFile, WritesEveryTypeAsText) {
    arrow::StringBuilder text;
    arrow::DoubleBuilder number;
    arrow::Int64Builder whole;
    arrow::Date32Builder day;
    arrow::TimestampBuilder time{arrow::timestamp(arrow::TimeUnit::MICRO),
                                 arrow::default_memory_pool()};
    arrow::BooleanBuilder truth;
    const auto schema = arrow::schema(
        {arrow::field("Code", arrow::utf8()), arrow::field("Close", arrow::float64()),
         arrow::field("Stocks", arrow::int64()), arrow::field("Date", arrow::date32()),
         arrow::field("Time", arrow::timestamp(arrow::TimeUnit::MICRO)),
         arrow::field("Halted", arrow::boolean())});
    const auto table = arrow::Table::Make(
        schema, {column<arrow::StringBuilder, std::string>(text, {"005930", "삼성"}),
                 column<arrow::DoubleBuilder, double>(number, {83000.0, 0.07}),
                 column<arrow::Int64Builder, std::int64_t>(whole, {5'969'782'550, -1}),
                 column<arrow::Date32Builder, std::int32_t>(day, {18'631, -1}),
                 column<arrow::TimestampBuilder, std::int64_t>(
                     time, {1'609'718'400'000'000, 1'609'718'461'000'001}),
                 column<arrow::BooleanBuilder, bool>(truth, {true, false})});
    const auto read = read_parquet_table("a.parquet", parquet_bytes(table));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->header,
              (std::vector<std::string>{"Code", "Close", "Stocks", "Date", "Time", "Halted"}));
    ASSERT_EQ(read->rows(), 3U);
    const auto row = [&](std::size_t index) {
        std::string line;
        for (std::size_t i = 0; i < read->header.size(); ++i)
            line += std::string{read->cell(index, i)} + "|";
        return line;
    };
    EXPECT_EQ(row(0), "005930|83000|5969782550|2021-01-04|2021-01-04|1|");
    EXPECT_EQ(row(1), "삼성|0.07|-1|1969-12-31|2021-01-04 00:01:01|0|");
    EXPECT_EQ(row(2), "||||||");
}

TEST(TableFile, RefusesADamagedFileByName) {
    arrow::Int64Builder whole;
    const auto table =
        arrow::Table::Make(arrow::schema({arrow::field("a", arrow::int64())}),
                           {column<arrow::Int64Builder, std::int64_t>(whole, {1, 2, 3, 4})});
    const std::string bytes = parquet_bytes(table);
    for (const std::string& damaged : {bytes.substr(0, bytes.size() / 2), std::string{"PAR1"},
                                       std::string{"PAR1PAR1"}, std::string{}}) {
        const auto read = read_parquet_table("a.parquet", damaged);
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().file, "a.parquet");
        EXPECT_EQ(read.error().code, ErrorCode::bad_data);
    }
}

// Whatever byte is changed, the file is read or refused: nothing escapes.
TEST(TableFile, SurvivesAnyFlippedByte) {
    arrow::StringBuilder text;
    const auto table = arrow::Table::Make(
        arrow::schema({arrow::field("a", arrow::utf8())}),
        {column<arrow::StringBuilder, std::string>(text, {"005930", "000660", "", "x"})});
    std::string bytes = parquet_bytes(table);
    for (std::size_t at = 0; at < bytes.size(); ++at)
        for (const char flip : {'\x01', '\x80', '\xFF'}) {
            bytes[at] = static_cast<char>(bytes[at] ^ flip);
            static_cast<void>(read_parquet_table("a.parquet", bytes));
            bytes[at] = static_cast<char>(bytes[at] ^ flip);
        }
}

}  // namespace
}  // namespace hsl::adapters
