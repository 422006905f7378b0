// SPDX-License-Identifier: Apache-2.0
#pragma once

// Every indicator: its spec is the only list (help, language, docs and tests are made from it), and
// the three ways to compute it. All follow TA-Lib's conventions; all give the same bits. Any thread
// may call anything here, with a Scratch of its own; a Stream belongs to one thread at a time.
// Parameters are the caller's to check against the spec: a wrong one stops the program.
//
// A missing value (NaN) in an input ends a run: every maximal run of non-missing inputs is a series
// of its own with its own warm-up, and the output is NaN where an input is, and during warm-up.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hsl::indicators {

enum class Input : unsigned char { series, open, high, low, close, volume };

struct Param {
    std::string_view name;
    double standard;  // TA-Lib's default
    double first;     // range, both included
    double last;
    bool whole;  // a whole number
};

class Plan;  // plan.hpp: columns and the ops between them

struct Spec {
    std::string_view name;     // TA-Lib's, lower case: "macd"
    std::string_view summary;  // one sentence a trader understands
    std::string_view golden;   // the golden set that holds it
    std::span<const Input> inputs;
    std::span<const Param> params;
    std::span<const std::string_view> outputs;  // the first one is meant without a dot
    bool recursive;  // depends on its whole past: warm-up counts 4 x period
    // Bars without an output at the start of a run (TA-Lib's lookback).
    int (*lookback)(std::span<const double> params);
    // Bars after which a value no longer depends, in practice, on where the series began: lookback,
    // or 4 x the period for recursive ones.
    int (*settling)(std::span<const double> params);
    // How it is put together from ops: the one description that all executors run.
    void (*compose)(Plan& plan, std::span<const double> params);
};

[[nodiscard]] std::span<const Spec* const> all_specs();
[[nodiscard]] const Spec* find_spec(std::string_view name);  // nullptr when there is none

// Working memory for one thread, grown as needed, reused between calls.
class Scratch {
public:
    Scratch();
    ~Scratch();
    Scratch(Scratch&&) noexcept;
    Scratch& operator=(Scratch&&) noexcept;
    struct Pool;
    [[nodiscard]] Pool& pool() { return *pool_; }

private:
    std::unique_ptr<Pool> pool_;
};

// One tile: inputs[i] and outputs[o] are [sessions][8]; outputs may be nullptr where not wanted.
// Inputs in the order of spec.inputs. Outputs must not overlap inputs. Chosen by CPU at run time.
void compute_tile(const Spec& spec, std::span<const double> params,
                  std::span<const double* const> inputs, std::span<double* const> outputs,
                  std::size_t sessions, Scratch& scratch);

// One series by the plain loops that define the meaning; inputs[i] has `count` values.
void compute_reference(const Spec& spec, std::span<const double> params,
                       std::span<const double* const> inputs, std::span<double* const> outputs,
                       std::size_t count);

// One bar at a time; the same bits as the batch.
class Stream {
public:
    virtual ~Stream() = default;
    // inputs in the order of spec.inputs; one value an output, NaN during warm-up.
    virtual void step(std::span<const double> inputs, std::span<double> outputs) = 0;
};
[[nodiscard]] std::unique_ptr<Stream> make_stream(const Spec& spec, std::span<const double> params);

}  // namespace hsl::indicators
