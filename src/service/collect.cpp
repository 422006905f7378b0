// SPDX-License-Identifier: Apache-2.0
#include "service/collect.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/parallel.hpp"
#include "base/text.hpp"
#include "market/calendar.hpp"
#include "service/actions.hpp"
#include "service/collect_state.hpp"

namespace hsl::service {
namespace {

using market::Bar;
using store::MarketFile;

// An empty answer about a session is no holiday: it is asked for this often in all.
constexpr int asked_most = 3;
// Daily, what is missing of this many sessions before the newest is asked for too.
constexpr std::size_t sessions_back = 10;

struct Job {
    Errand errand;
    bool kept = false;
    bool empty = false;
    std::vector<MarketFile> files;
};

Result<Date> last_session_before(Date day) {
    const market::Calendar& calendar = market::Calendar::krx();
    const std::size_t index = calendar.lower_bound(day);
    if (index == 0)
        return fail(ErrorCode::bad_usage,
                    fmt::format("the calendar knows no session before {}", day.iso()));
    return calendar.all()[index - 1];
}

Date look_back(Date day) {
    const market::Calendar& calendar = market::Calendar::krx();
    const std::size_t index = calendar.lower_bound(day);
    return calendar.all()[index - std::min(index, sessions_back)];
}

class Collection {
public:
    Collection(store::BarStore& store, Feed& feed, const store::MarketFileParser& parse,
               const CollectOptions& options, const Progress& progress)
        : store_(store),
          feed_(feed),
          parse_(parse),
          options_(options),
          progress_(progress),
          source_(options.source.value_or(feed.name())) {}

    Result<CollectReport> run() {
        HSL_TRY(const bool generated, store_.holds_generated());
        if (generated)
            return fail(ErrorCode::bad_usage,
                        "this store holds a generated market: collected prices need a store of "
                        "their own (--store DIR)");
        HSL_TRY(CollectState state, CollectState::open(options_.state));
        HSL_TRY(query_, make_query());
        unit_ = feed_.unit(query_);
        HSL_TRY(std::vector<Errand> errands, feed_.errands(query_));
        if (unit_ != FeedUnit::file) {
            report_.from = query_.from;
            report_.to = query_.to;
        }
        std::set<std::pair<std::string, Date>> in_store;
        HSL_TRY(in_store, days_in_store(state));
        for (Errand& errand : errands) {
            const bool done =
                state.published(feed_.name(), errand) ||
                in_store.contains({errand.subject, errand.from}) ||
                !seen_.insert(errand.path.empty() ? errand.text() : errand.subject).second;
            if (done)
                ++report_.already;
            else
                jobs_.emplace_back().errand = std::move(errand);
        }
        if (unit_ == FeedUnit::market_day && !jobs_.empty()) {
            const auto first = [](const Job& job) { return job.errand.from; };
            report_.from = std::ranges::min(jobs_, {}, first).errand.from;
        }
        report_.notes = feed_.notes();
        const Result<void> fetched = fetch_all(state);
        report_.requests = feed_.requests();
        if (!fetched) return std::unexpected(fetched.error());
        HSL_CHECK(understand(state));
        HSL_CHECK(publish(state));
        return std::move(report_);
    }

private:
    // ---- what to ask for

    Result<FeedQuery> make_query() {
        FeedQuery query{.markets = options_.markets, .columns = options_.columns};
        if (feed_.unit(query) == FeedUnit::file) return query;
        HSL_TRY(const auto series, store_.symbols());
        std::optional<Date> first, newest;  // days of this source's series
        std::map<std::string, market::Instrument> known;
        for (const store::SymbolSummary& one : series) {
            known.try_emplace(one.instrument.symbol, one.instrument);
            if (one.source != source_ || one.interval != market::Interval::day) continue;
            held_.push_back(one.instrument);
            first = std::min(first.value_or(one.first), one.first);
            newest = std::max(newest.value_or(one.last), one.last);
            last_days_.emplace(one.instrument.symbol, one.last);
        }
        for (const std::string& symbol : options_.symbols) {
            const auto found = known.find(symbol);
            market::Instrument instrument =
                found == known.end() ? market::instrument_for(symbol) : found->second;
            if (options_.markets.size() == 1 && market::is_krx_code(symbol))
                instrument.market = options_.markets.front();
            query.symbols.push_back(std::move(instrument));
        }
        const bool by_symbol = !query.symbols.empty() || feed_.unit(query) == FeedUnit::symbol;
        if (by_symbol && query.symbols.empty()) query.symbols = held_;

        HSL_TRY(const Date last, last_session_before(options_.today));
        query.to = options_.to.value_or(last);
        if (query.to > options_.today)
            return fail(ErrorCode::bad_usage, fmt::format("{} is not here yet", query.to.iso()));
        if (options_.from) {
            query.from = *options_.from;
        } else if (!options_.daily) {
            return fail(ErrorCode::bad_usage,
                        "say since when: --from 2020-01-02, or --daily for what is missing since "
                        "the last session in the store");
        } else if (by_symbol) {
            // The last known day once more: adjusted prices that were re-based differ there.
            query.from = query.to;
            for (const market::Instrument& one : query.symbols)
                if (const auto held = last_days_.find(one.symbol); held != last_days_.end())
                    query.from = std::min(query.from, held->second);
        } else {
            query.from = newest ? std::max(look_back(*newest + 1), *first) : query.to;
            if (query.from > query.to) query.from = query.to;
        }
        if (query.from > query.to)
            return fail(ErrorCode::bad_usage,
                        fmt::format("{} is after {}", query.from.iso(), query.to.iso()));
        return query;
    }

    // Days that the store has although the journal was lost: a market and a session each.
    Result<std::set<std::pair<std::string, Date>>> days_in_store(const CollectState& state) {
        std::set<std::pair<std::string, Date>> days;
        if (unit_ != FeedUnit::market_day || held_.empty()) return days;
        for (const JournalRow& row : state.journal())
            if (row.feed == feed_.name()) return days;
        HSL_TRY(
            const market::BarTable table,
            store_.read({.sources = {source_}, .threads = options_.threads, .close_only = true}));
        for (const auto& range : table.symbols) {
            if (range.source != source_) continue;
            const std::string market{market::name_of(range.instrument.market)};
            for (std::size_t row = range.first; row < range.first + range.count; ++row)
                days.emplace(market, Date{table.date[row]});
        }
        return days;
    }

    // ---- asking

    Result<void> fetch_all(const CollectState& state) {
        std::vector<std::size_t> open;
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            jobs_[i].kept = unit_ != FeedUnit::file && state.kept(feed_.name(), jobs_[i].errand);
            report_.resumed += jobs_[i].kept;
            if (!jobs_[i].kept && unit_ != FeedUnit::file) open.push_back(i);
        }
        report_.errands = static_cast<std::int64_t>(jobs_.size());
        for (int round = 0; round < asked_most && !open.empty(); ++round) {
            HSL_CHECK(fetch_some(state, open));
            std::erase_if(open, [&](std::size_t i) { return !jobs_[i].empty; });
        }
        for (const std::size_t i : open) report_.empty.push_back(jobs_[i].errand.text());
        return {};
    }

    Result<void> fetch_some(const CollectState& state, const std::vector<std::size_t>& open) {
        std::mutex lock;
        std::optional<Error> failed;
        std::atomic<bool> over = false;
        std::atomic<std::size_t> finished = 0;
        parallel_for(open.size(), options_.threads, [&](std::size_t index, unsigned) {
            if (over || progress_.stopped()) return;
            Job& job = jobs_[open[index]];
            const Result<void> done = fetch(state, job);
            if (!done) {
                const std::lock_guard guard{lock};
                if (!over.exchange(true)) failed = done.error();
                return;
            }
            progress_.done("asking " + feed_.name(), ++finished, open.size());
        });
        if (!failed && progress_.stopped())
            failed = Error{.code = ErrorCode::cancelled, .message = "stopped"};
        if (!failed) return {};
        const auto came = std::ranges::count_if(jobs_, [](const Job& job) { return job.kept; });
        if (came > 0)
            failed->message +=
                fmt::format("\n{} of {} {} kept: the same command goes on from there", came,
                            counted(std::ssize(jobs_), "answer"), came == 1 ? "is" : "are");
        return std::unexpected(std::move(*failed));
    }

    Result<void> fetch(const CollectState& state, Job& job) {
        auto answer = feed_.fetch(job.errand, progress_);
        if (!answer) return set_aside(state, std::move(answer).error());
        job.empty = answer->empty;
        if (job.empty) return {};
        HSL_CHECK(state.keep(feed_.name(), job.errand, answer->bodies));
        job.kept = true;
        return {};
    }

    Result<void> set_aside(const CollectState& state, FeedFailure failure) {
        if (failure.body) {
            HSL_TRY(const auto where, state.reject(feed_.name(), *failure.body));
            failure.error.message +=
                fmt::format("; nothing was published, the body is in {}", where.string());
        }
        return std::unexpected(std::move(failure.error));
    }

    // ---- understanding

    Result<void> understand(const CollectState& state) {
        std::mutex lock;
        std::optional<Error> failed;
        std::atomic<std::size_t> finished = 0;
        parallel_for(jobs_.size(), options_.threads, [&](std::size_t index, unsigned) {
            if (progress_.stopped()) return;
            Job& job = jobs_[index];
            const Result<void> done =
                job.kept || unit_ == FeedUnit::file ? read(state, job) : Result<void>{};
            if (!done) {
                const std::lock_guard guard{lock};
                if (!failed) failed = done.error();
            }
            progress_.done("reading answers", ++finished, jobs_.size());
        });
        if (progress_.stopped())
            return fail(ErrorCode::cancelled, "stopped before publishing: what came is kept");
        if (failed) return std::unexpected(std::move(*failed));
        return {};
    }

    Result<void> read(const CollectState& state, Job& job) {
        std::vector<FeedBody> bodies;
        if (unit_ == FeedUnit::file) {
            auto answer = feed_.fetch(job.errand, progress_);
            if (!answer) {
                refuse(std::move(answer).error().error);
                job.empty = true;
                return {};
            }
            bodies = std::move(answer->bodies);
        } else {
            HSL_TRY(bodies, state.bodies(feed_.name(), job.errand));
        }
        store::ReadHints hints = feed_.hints(job.errand);
        if (unit_ != FeedUnit::file || options_.source) hints.source = source_;
        for (const FeedBody& body : bodies) {
            auto files = parse_(body.name, body.bytes, hints);
            if (unit_ == FeedUnit::file) {
                if (!files)
                    refuse(std::move(files).error());
                else
                    for (MarketFile& file : *files) take(job, std::move(file));
                continue;
            }
            std::string problem;
            if (!files)
                problem = files.error().text();
            else
                for (MarketFile& file : *files) {
                    if (problem.empty()) problem = unlike(job.errand, file);
                    take(job, std::move(file));
                }
            if (problem.empty()) continue;
            state.forget(feed_.name(), job.errand);
            return set_aside(
                state,
                {.error = {.code = ErrorCode::bad_data,
                           .message = fmt::format("{} was not understood: {}", body.name, problem)},
                 .body = body});
        }
        return {};
    }

    // Why a body cannot be the answer to its errand; "" when it can.
    static std::string unlike(const Errand& errand, const MarketFile& file) {
        if (file.error) return file.error->text();
        const bool rows = std::ranges::any_of(
            file.prices, [](const store::PriceSeries& series) { return !series.bars.empty(); });
        if (!rows && file.facts.empty()) {
            if (file.quarantined.empty()) return "no row in it";
            const store::QuarantinedRow& first = file.quarantined.front();
            return fmt::format("no row of {} is right; the first: {}: {}", file.data_lines,
                               first.reason, first.detail);
        }
        if (!errand.instrument.symbol.empty()) return {};
        const auto other_day = [&](const std::string& symbol, Date day) {
            return fmt::format("{} has a row of {} in an answer about {}", symbol, day.iso(),
                               errand.from.iso());
        };
        for (const store::PriceSeries& series : file.prices)
            for (const Bar& bar : series.bars)
                if (bar.date != errand.from) return other_day(series.instrument.symbol, bar.date);
        for (const market::ColumnSeries& column : file.facts.columns)
            for (const market::ColumnRow& row : column.rows)
                if (row.date != errand.from) return other_day(column.symbol, row.date);
        return {};
    }

    void refuse(Error error) {
        const std::lock_guard guard{lock_};
        report_.refused.push_back(std::move(error));
    }

    // Rows outside the days asked for go: charts bring more than that, a live bar among them.
    void take(Job& job, MarketFile file) {
        if (file.error) {
            refuse(*file.error);
            return;
        }
        if (unit_ == FeedUnit::symbol) {
            for (store::PriceSeries& series : file.prices) {
                std::size_t kept = 0;
                for (std::size_t i = 0; i < series.bars.size(); ++i) {
                    const Date day = series.bars[i].date;
                    if (day < job.errand.from || day > job.errand.to) continue;
                    series.bars[kept] = series.bars[i];
                    if (i < series.lines.size()) series.lines[kept] = series.lines[i];
                    ++kept;
                }
                const auto gone = static_cast<std::int64_t>(series.bars.size() - kept);
                if (gone > 0) file.dropped["outside_the_days"] += gone;
                series.bars.resize(kept);
                series.lines.resize(std::min(series.lines.size(), kept));
            }
        }
        job.files.push_back(std::move(file));
    }

    // ---- publishing

    struct Series {
        store::IncomingSymbol content;
        std::size_t bodies = 0;
    };

    Result<void> publish(CollectState& state) {
        store::Incoming incoming;
        std::map<std::tuple<std::string, std::string, market::Interval>, Series> series;
        std::vector<JournalRow> rows;
        for (Job& job : jobs_) {
            const bool understood = !job.files.empty();
            std::int64_t count = 0;
            for (MarketFile& file : job.files) count += add(std::move(file), series, incoming);
            job.files.clear();
            if (unit_ == FeedUnit::file ? !job.empty : job.kept) {
                JournalRow row{.feed = feed_.name(),
                               .subject = job.errand.subject,
                               .outcome = understood                ? "rows"
                                          : unit_ == FeedUnit::file ? "refused"
                                                                    : "none",
                               .rows = count,
                               .made_at = options_.made_at};
                if (unit_ != FeedUnit::file) {
                    row.from = job.errand.from;
                    row.to = job.errand.to;
                }
                rows.push_back(std::move(row));
            }
        }
        if (rows.empty()) {
            HSL_TRY(report_.version, store_.data_version());
            return {};
        }
        std::ranges::sort(report_.refused, {}, [](const Error& error) { return error.text(); });
        for (auto& [key, one] : series) settle(std::move(one), incoming.symbols);
        for (const store::QuarantinedRow& row : incoming.quarantined)
            ++report_.quarantined[row.reason];
        HSL_CHECK(check_last_day(state, incoming));
        tidy(incoming.facts);
        HSL_TRY(report_.proposed, propose_from_new_rows(store_, incoming));
        incoming.facts.actions.insert(incoming.facts.actions.end(), report_.proposed.begin(),
                                      report_.proposed.end());

        HSL_TRY(auto writer, store_.open_writer());
        HSL_TRY(const store::WriteSummary summary,
                writer->write(std::move(incoming),
                              {.replace = options_.replace, .note = options_.note}, progress_));
        for (const store::QuarantinedRow& row : summary.conflicts)
            ++report_.quarantined[row.reason];
        report_.version = summary.version;
        report_.changed = summary.changed;
        report_.added = summary.added;
        report_.replaced = summary.replaced;
        report_.unchanged = summary.unchanged;
        report_.facts_changed = summary.facts_changed;
        // A kill between the version and the journal is harmless: the bodies are kept until the
        // journal has them, and rows that are there already change nothing.
        for (JournalRow& row : rows) row.version = summary.version;
        HSL_CHECK(state.add(std::move(rows)));
        for (const Job& job : jobs_)
            if (job.kept) state.forget(feed_.name(), job.errand);
        return {};
    }

    // Returns how many bars and quarantined rows the file has; without prices, its lines.
    std::int64_t add(MarketFile file,
                     std::map<std::tuple<std::string, std::string, market::Interval>, Series>& all,
                     store::Incoming& incoming) {
        const auto sum = [](std::map<std::string, std::int64_t>& into,
                            const std::map<std::string, std::int64_t>& from) {
            for (const auto& [name, count] : from) into[name] += count;
        };
        sum(report_.repaired, file.repaired);
        sum(report_.dropped, file.dropped);
        sum(report_.found, file.found);
        const std::string source = unit_ == FeedUnit::file ? options_.source.value_or("") : source_;
        std::int64_t rows = file.prices.empty() ? file.data_lines : std::ssize(file.quarantined);
        for (store::PriceSeries& one : file.prices) {
            rows += static_cast<std::int64_t>(one.bars.size());
            if (one.bars.empty()) continue;
            Series& series = all[{one.instrument.symbol, source, one.interval}];
            store::IncomingSymbol& content = series.content;
            if (series.bodies++ == 0) {
                content = {.instrument = std::move(one.instrument),
                           .bars = std::move(one.bars),
                           .lines = std::move(one.lines),
                           .file = file.path,
                           .source_of = file.source_of,
                           .source = source,
                           .interval = one.interval,
                           .basis = one.basis,
                           .definition = one.definition};
                continue;
            }
            // Rows of many bodies: where each stood is not kept.
            content.lines.clear();
            content.source_of = {};
            content.file = "answers of " + feed_.name();
            if (content.instrument.market == market::Market::unknown)
                content.instrument.market = one.instrument.market;
            content.bars.insert(content.bars.end(), one.bars.begin(), one.bars.end());
        }
        const auto append = [](auto& into, auto& from) {
            into.insert(into.end(), std::make_move_iterator(from.begin()),
                        std::make_move_iterator(from.end()));
        };
        append(incoming.quarantined, file.quarantined);
        append(incoming.facts.listings, file.facts.listings);
        append(incoming.facts.states, file.facts.states);
        append(incoming.facts.actions, file.facts.actions);
        append(incoming.facts.columns, file.facts.columns);
        return rows;
    }

    // Bars of several bodies in order: equal repeats once; rows of a day that differ go to the
    // store one by one, which sets all of them aside.
    static void settle(Series series, std::vector<store::IncomingSymbol>& out) {
        std::vector<Bar>& bars = series.content.bars;
        if (series.bodies < 2) {
            out.push_back(std::move(series.content));
            return;
        }
        const auto key = [](const Bar& bar) { return std::pair{bar.date, bar.minute}; };
        std::ranges::stable_sort(bars, {}, key);
        store::IncomingSymbol others = series.content;
        others.bars.clear();
        std::vector<Bar> kept;
        std::vector<store::IncomingSymbol> differing;
        for (const Bar& bar : bars) {
            if (kept.empty() || key(kept.back()) != key(bar)) {
                kept.push_back(bar);
            } else if (!(kept.back() == bar)) {
                differing.push_back(others);
                differing.back().bars = {bar};
            }
        }
        bars = std::move(kept);
        out.push_back(std::move(series.content));
        for (store::IncomingSymbol& one : differing) out.push_back(std::move(one));
    }

    // Many days say the same of a listing, and a value each of a column.
    void tidy(store::Facts& facts) const {
        if (unit_ != FeedUnit::file) {
            for (market::Listing& one : facts.listings) one.source = source_;
            for (market::ColumnSeries& one : facts.columns) one.source = source_;
        }
        std::ranges::stable_sort(facts.listings, {}, [](const market::Listing& one) {
            return std::pair{one.symbol, one.first.value_or(Date{})};
        });
        std::vector<market::Listing> listings;
        for (market::Listing& one : facts.listings) {
            if (!listings.empty()) {
                market::Listing same = listings.back();
                same.first = one.first;
                if (same == one) continue;
            }
            listings.push_back(std::move(one));
        }
        facts.listings = std::move(listings);
        std::map<std::tuple<std::string, std::string, std::string>,
                 std::map<Date, market::ColumnRow>>
            columns;
        for (const market::ColumnSeries& one : facts.columns) {
            auto& rows = columns[{one.column, one.symbol, one.source}];
            for (const market::ColumnRow& row : one.rows) rows.insert_or_assign(row.date, row);
        }
        facts.columns.clear();
        for (auto& [name, rows] : columns) {
            market::ColumnSeries one{.symbol = std::get<1>(name),
                                     .column = std::get<0>(name),
                                     .source = std::get<2>(name)};
            for (const auto& [date, row] : rows) one.rows.push_back(row);
            facts.columns.push_back(std::move(one));
        }
    }

    // The youngest session that came, against the one before it.
    Result<void> check_last_day(const CollectState& state, const store::Incoming& incoming) {
        if (unit_ != FeedUnit::market_day || incoming.symbols.empty()) return {};
        Date day{};
        for (const store::IncomingSymbol& symbol : incoming.symbols)
            day = std::max(day, symbol.bars.back().date);
        HSL_TRY(const Date before, last_session_before(day));
        std::map<std::string, TwoDays> two;
        const auto note = [&](const market::Instrument& instrument, market::Basis basis,
                              const Bar& bar) {
            if (bar.date != day && bar.date != before) return;
            TwoDays& one = two[instrument.symbol];
            one.instrument = instrument;
            one.basis = basis;
            (bar.date == day ? one.now : one.before) = bar;
        };
        if (!held_.empty()) {
            HSL_TRY(const market::BarTable table,
                    store_.read({.sources = {source_}, .threads = options_.threads}));
            for (const auto& range : table.symbols) {
                if (range.source != source_) continue;
                const std::size_t end = range.first + range.count;
                const std::size_t first = static_cast<std::size_t>(
                    std::lower_bound(table.date.begin() + range.first, table.date.begin() + end,
                                     before.days) -
                    table.date.begin());
                for (std::size_t row = first; row < end && table.date[row] <= day.days; ++row)
                    note(range.instrument, range.basis, table.bar(row));
            }
        }
        bool knows_before = !two.empty();
        for (const store::IncomingSymbol& symbol : incoming.symbols)
            for (const Bar& bar : symbol.bars) {
                note(symbol.instrument, symbol.basis, bar);
                knows_before = knows_before || bar.date == before;
            }
        if (!knows_before) return {};
        std::vector<TwoDays> symbols;
        std::set<market::Market> came;
        for (const auto& [name, one] : two)
            if (one.now) came.insert(one.instrument.market);
        // A market that was not asked about did not lose its rows.
        for (auto& [name, one] : two)
            if (came.contains(one.instrument.market)) symbols.push_back(std::move(one));
        report_.last_day = check_day(day, before, symbols);
        if (auto damage = report_.last_day->damage()) {
            for (const Job& job : jobs_)
                if (job.errand.from == day) state.forget(feed_.name(), job.errand);
            return std::unexpected(std::move(*damage));
        }
        return {};
    }

    store::BarStore& store_;
    Feed& feed_;
    const store::MarketFileParser& parse_;
    const CollectOptions& options_;
    const Progress& progress_;
    std::string source_;
    FeedQuery query_;
    FeedUnit unit_{};
    std::vector<market::Instrument> held_;   // symbols of this source in the store
    std::map<std::string, Date> last_days_;  // theirs
    std::set<std::string> seen_;
    std::vector<Job> jobs_;
    std::mutex lock_;
    CollectReport report_;
};

}  // namespace

Result<CollectReport> collect(store::BarStore& store, Feed& feed,
                              const store::MarketFileParser& parse, const CollectOptions& options,
                              const Progress& progress) {
    return Collection{store, feed, parse, options, progress}.run();
}

}  // namespace hsl::service
