// SPDX-License-Identifier: Apache-2.0
#include "adapters/parquet/export.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include <arrow/builder.h>
#include <arrow/csv/writer.h>
#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include "adapters/parquet/detail/folder.hpp"
#include "adapters/parquet/detail/room.hpp"
#include "market/corporate_action.hpp"

namespace hsl::adapters {
namespace {

using market::BarTable;

// Arrow's failure as ours.
Error arrow_error(const arrow::Status& status, const std::filesystem::path& path) {
    // What the system said is beside the message: "[errno 28] No space left on device".
    return {.code = ErrorCode::io,
            .message = fmt::format("cannot write {}: {}{}", path.string(), status.message(),
                                   status.detail() ? ": " + status.detail()->ToString() : "")};
}

// What goes into every row group: the content, looked up by symbol.
struct Content {
    BarTable bars;
    std::map<std::string, std::string> names;
    std::vector<std::string> columns;
    std::map<std::pair<std::string, std::string>, const market::ColumnSeries*> values;
    store::Facts facts;
    int scale = 0;  // 0: every price is whole
};

// Bars after the day are left out, and series without a bar by then.
Result<BarTable> adjusted(const BarTable& bars, std::vector<market::CorporateAction> known,
                          std::optional<Date> as_of) {
    const market::Actions actions{std::move(known)};
    BarTable table;
    table.interval = bars.interval;
    for (const BarTable::Range& range : bars.symbols) {
        const std::string& symbol = range.instrument.symbol;
        if (range.basis == market::Basis::adjusted)
            return fail(ErrorCode::bad_usage,
                        fmt::format("{}{} was adjusted by whoever published it: there are no raw "
                                    "prices to adjust; name the others with --symbols, or another "
                                    "source with --sources",
                                    symbol, range.source.empty() ? "" : " of " + range.source));
        const auto raw = bars_of(bars, range);
        const auto view =
            market::adjusted_view(raw, actions.of(symbol), as_of.value_or(raw.back().date));
        if (view.empty()) continue;
        table.begin_symbol(range.instrument);
        table.symbols.back().source = range.source;
        for (const market::Bar& bar : view) table.append(bar);
    }
    return table;
}

Result<Content> content_of(store::BarStore& store, const ExportOptions& options,
                           const std::string& version) {
    Content content;
    store::ReadRequest request = options.bars;
    request.at = version;
    request.close_only = false;
    HSL_TRY(content.bars, store.read(request));
    HSL_TRY(content.facts,
            store.facts({.at = version, .columns = options.columns, .symbols = request.symbols}));
    if (options.adjusted) {
        HSL_TRY(content.bars, adjusted(content.bars, content.facts.actions, options.as_of));
    }
    for (const market::Listing& listing : content.facts.listings)
        if (!listing.name.empty()) content.names[listing.symbol] = listing.name;
    for (const market::ColumnSeries& series : content.facts.columns) {
        if (content.columns.empty() || content.columns.back() != series.column)
            content.columns.push_back(series.column);
        content.values[{series.column, series.symbol}] = &series;
    }
    for (const BarTable::Range& range : content.bars.symbols)
        content.scale = std::max(content.scale, range.instrument.scale);
    return content;
}

std::shared_ptr<arrow::Schema> schema_of(const Content& content) {
    const auto price = content.scale == 0 ? arrow::int64() : arrow::float64();
    arrow::FieldVector fields{arrow::field("symbol", arrow::utf8())};
    if (!content.names.empty()) fields.push_back(arrow::field("name", arrow::utf8()));
    fields.push_back(arrow::field("date", arrow::date32()));
    if (content.bars.interval == market::Interval::minute)
        fields.push_back(arrow::field("minute", arrow::int32()));
    for (const char* name : {"open", "high", "low", "close"})
        fields.push_back(arrow::field(name, price));
    fields.push_back(arrow::field("volume", arrow::int64()));
    fields.push_back(arrow::field("value", arrow::int64()));
    fields.push_back(arrow::field("source", arrow::utf8()));
    for (const std::string& column : content.columns)
        fields.push_back(arrow::field(column, arrow::float64()));
    return arrow::schema(std::move(fields));
}

template <class Builder, class Value>
arrow::Result<std::shared_ptr<arrow::Array>> array_of(
    std::size_t count, const std::function<std::optional<Value>(std::size_t)>& value_at) {
    Builder builder;
    ARROW_RETURN_NOT_OK(builder.Reserve(static_cast<std::int64_t>(count)));
    for (std::size_t i = 0; i < count; ++i) {
        const std::optional<Value> value = value_at(i);
        ARROW_RETURN_NOT_OK(value ? builder.Append(*value) : builder.AppendNull());
    }
    return builder.Finish();
}

// The rows of one series.
arrow::Result<std::shared_ptr<arrow::RecordBatch>> batch_of(
    const Content& content, const BarTable::Range& range,
    const std::shared_ptr<arrow::Schema>& schema) {
    using Number = std::optional<std::int64_t>;
    const BarTable& bars = content.bars;
    const std::string& symbol = range.instrument.symbol;
    arrow::ArrayVector arrays;
    const auto text = [&](std::string_view word) -> arrow::Status {
        ARROW_ASSIGN_OR_RAISE(auto array,
                              (array_of<arrow::StringBuilder, std::string_view>(
                                  range.count, [&](std::size_t) { return std::optional{word}; })));
        arrays.push_back(std::move(array));
        return arrow::Status::OK();
    };
    const auto number = [&](const std::function<Number(std::size_t)>& at) -> arrow::Status {
        ARROW_ASSIGN_OR_RAISE(auto array,
                              (array_of<arrow::Int64Builder, std::int64_t>(range.count, at)));
        arrays.push_back(std::move(array));
        return arrow::Status::OK();
    };
    ARROW_RETURN_NOT_OK(text(symbol));
    if (const auto name = content.names.find(symbol); !content.names.empty())
        ARROW_RETURN_NOT_OK(text(name != content.names.end() ? name->second : ""));
    ARROW_ASSIGN_OR_RAISE(
        auto dates, (array_of<arrow::Date32Builder, std::int32_t>(range.count, [&](std::size_t i) {
            return std::optional{bars.date[range.first + i]};
        })));
    arrays.push_back(std::move(dates));
    if (bars.interval == market::Interval::minute) {
        ARROW_ASSIGN_OR_RAISE(
            auto minutes,
            (array_of<arrow::Int32Builder, std::int32_t>(range.count, [&](std::size_t i) {
                return std::optional{bars.minute[range.first + i]};
            })));
        arrays.push_back(std::move(minutes));
    }
    double unit = 1;
    for (int digit = 0; digit < range.instrument.scale; ++digit) unit *= 10;
    for (const auto column : {&BarTable::open, &BarTable::high, &BarTable::low, &BarTable::close}) {
        const auto& prices = bars.*column;
        if (content.scale == 0) {
            ARROW_RETURN_NOT_OK(number([&](std::size_t i) { return prices[range.first + i]; }));
            continue;
        }
        ARROW_ASSIGN_OR_RAISE(
            auto array, (array_of<arrow::DoubleBuilder, double>(range.count, [&](std::size_t i) {
                return std::optional{static_cast<double>(prices[range.first + i]) / unit};
            })));
        arrays.push_back(std::move(array));
    }
    ARROW_RETURN_NOT_OK(number([&](std::size_t i) { return bars.volume[range.first + i]; }));
    ARROW_RETURN_NOT_OK(number([&](std::size_t i) {
        const std::int64_t value = bars.value[range.first + i];
        return value == market::Bar::value_missing ? Number{} : Number{value};
    }));
    ARROW_RETURN_NOT_OK(text(range.source));
    for (const std::string& column : content.columns) {
        const auto held = content.values.find({column, symbol});
        std::span<const market::ColumnRow> rows;
        if (held != content.values.end()) rows = held->second->rows;
        auto at = rows.begin();
        ARROW_ASSIGN_OR_RAISE(
            auto array, (array_of<arrow::DoubleBuilder, double>(range.count, [&](std::size_t i) {
                const Date date{bars.date[range.first + i]};
                while (at != rows.end() && at->date < date) ++at;
                return at != rows.end() && at->date == date ? std::optional{at->value}
                                                            : std::nullopt;
            })));
        arrays.push_back(std::move(array));
    }
    return arrow::RecordBatch::Make(schema, static_cast<std::int64_t>(range.count),
                                    std::move(arrays));
}

// A file of any of the formats.
class TableWriter {
public:
    static arrow::Result<std::unique_ptr<TableWriter>> open(
        const std::filesystem::path& path, ExportFormat format,
        const std::shared_ptr<arrow::Schema>& schema) {
        auto writer = std::make_unique<TableWriter>();
        ARROW_ASSIGN_OR_RAISE(writer->file_, arrow::io::FileOutputStream::Open(path.string()));
        if (format == ExportFormat::parquet) {
            // The dictionary serves the words alone; numbers are smaller as differences.
            parquet::WriterProperties::Builder properties;
            properties.disable_dictionary()->enable_dictionary("symbol")->enable_dictionary("name");
            properties.enable_dictionary("source")->created_by("hsl");
            for (const auto& field : schema->fields())
                if (field->type()->id() == arrow::Type::INT64 ||
                    field->type()->id() == arrow::Type::DATE32)
                    properties.encoding(field->name(), parquet::Encoding::DELTA_BINARY_PACKED);
            ARROW_ASSIGN_OR_RAISE(writer->parquet_, parquet::arrow::FileWriter::Open(
                                                        *schema, arrow::default_memory_pool(),
                                                        writer->file_, properties.build()));
        } else if (format == ExportFormat::arrow) {
            ARROW_ASSIGN_OR_RAISE(writer->batches_,
                                  arrow::ipc::MakeFileWriter(writer->file_, schema));
        } else {
            auto options = arrow::csv::WriteOptions::Defaults();
            options.quoting_style = arrow::csv::QuotingStyle::Needed;
            ARROW_ASSIGN_OR_RAISE(writer->batches_,
                                  arrow::csv::MakeCSVWriter(writer->file_, schema, options));
        }
        return writer;
    }
    arrow::Status write(const arrow::RecordBatch& batch) {
        return parquet_ ? parquet_->WriteRecordBatch(batch) : batches_->WriteRecordBatch(batch);
    }
    arrow::Status close() {
        ARROW_RETURN_NOT_OK(parquet_ ? parquet_->Close() : batches_->Close());
        return file_->Close();
    }

private:
    std::shared_ptr<arrow::io::FileOutputStream> file_;
    std::unique_ptr<parquet::arrow::FileWriter> parquet_;
    std::shared_ptr<arrow::ipc::RecordBatchWriter> batches_;
};

Result<void> write_table(const Content& content, std::span<const BarTable::Range> ranges,
                         const std::filesystem::path& path, ExportFormat format,
                         const std::function<bool()>& go_on) {
    const std::filesystem::path draft = path.string() + ".new";
    const auto schema = schema_of(content);
    const auto all = [&]() -> arrow::Status {
        ARROW_ASSIGN_OR_RAISE(const auto writer, TableWriter::open(draft, format, schema));
        for (const BarTable::Range& range : ranges) {
            if (!go_on()) return arrow::Status::Cancelled("stopped");
            ARROW_ASSIGN_OR_RAISE(const auto batch, batch_of(content, range, schema));
            ARROW_RETURN_NOT_OK(writer->write(*batch));
        }
        return writer->close();
    };
    arrow::Status done;
    try {
        done = all();
    } catch (const std::exception& failure) {
        done = arrow::Status::IOError(failure.what());
    }
    if (done.ok() && std::rename(draft.c_str(), path.c_str()) == 0) return {};
    const int renaming = errno;
    std::remove(draft.c_str());
    if (done.ok()) return std::unexpected(io_error("rename", draft, renaming));
    if (done.IsCancelled())
        return fail(ErrorCode::cancelled, "stopped; finished files stay, the one begun does not");
    return std::unexpected(arrow_error(done, path));
}

// A symbol as a file's name.
std::string file_name(const BarTable::Range& range, bool with_source, ExportFormat format) {
    std::string name = range.instrument.symbol;
    if (with_source && !range.source.empty()) name += "." + range.source;
    for (char& c : name)
        if (c == '/' || c == '\0') c = '_';
    return name + std::string{extension_of(format)};
}

}  // namespace

Result<ExportFormat> parse_export_format(std::string_view word) {
    if (word == "parquet") return ExportFormat::parquet;
    if (word == "arrow" || word == "feather") return ExportFormat::arrow;
    if (word == "csv") return ExportFormat::csv;
    return fail(ErrorCode::bad_usage,
                fmt::format("no format '{}'; there are parquet, arrow and csv", word));
}

std::string_view extension_of(ExportFormat format) {
    constexpr std::array<std::string_view, 3> extensions{".parquet", ".arrow", ".csv"};
    return extensions.at(static_cast<std::size_t>(format));
}

Result<ExportReport> export_bars(store::BarStore& store, const std::filesystem::path& path,
                                 const ExportOptions& options, const Progress& progress) {
    ExportReport report;
    HSL_TRY(report.version, store.data_version(options.bars.at));
    HSL_TRY(const Content content, content_of(store, options, report.version));
    const std::span<const BarTable::Range> ranges = content.bars.symbols;
    report.rows = static_cast<std::int64_t>(content.bars.rows());
    std::size_t done = 0;
    const auto go_on = [&] {
        progress.done("exporting", done++, ranges.size());
        return !progress.stopped();
    };
    if (!options.file_a_symbol) {
        HSL_CHECK(write_table(content, ranges, path, options.format, go_on));
        report.files.push_back(path);
    } else {
        std::error_code error;
        std::filesystem::create_directories(path, error);
        if (error) return std::unexpected(io_error("make", path, error.value()));
        for (const BarTable::Range& range : ranges) {
            const auto file = path / file_name(range, options.bars.every_source, options.format);
            HSL_CHECK(write_table(content, {&range, 1}, file, options.format, go_on));
            report.files.push_back(file);
        }
    }
    progress.done("exporting", ranges.size(), ranges.size());
    return report;
}

}  // namespace hsl::adapters
