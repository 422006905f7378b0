// SPDX-License-Identifier: Apache-2.0
#pragma once

// Memory for columns: 64-byte aligned, not zeroed, on huge pages when it is large. Owned by one
// object, moved, never copied by accident.

#include <cstddef>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace hsl {

// The allocation behind AlignedBuffer; stops the program when memory is exhausted.
[[nodiscard]] void* allocate_aligned(std::size_t bytes);
void release_aligned(void* memory, std::size_t bytes) noexcept;

template <class T>
class AlignedBuffer {
public:
    AlignedBuffer() = default;
    explicit AlignedBuffer(std::size_t count)
        : data_(count ? static_cast<T*>(allocate_aligned(count * sizeof(T))) : nullptr),
          count_(count) {}
    AlignedBuffer(AlignedBuffer&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), count_(std::exchange(other.count_, 0)) {}
    AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(count_, other.count_);
        return *this;
    }
    AlignedBuffer(const AlignedBuffer&) = delete;
    AlignedBuffer& operator=(const AlignedBuffer&) = delete;
    ~AlignedBuffer() { release_aligned(data_, count_ * sizeof(T)); }

    [[nodiscard]] T* data() { return data_; }
    [[nodiscard]] const T* data() const { return data_; }
    [[nodiscard]] std::size_t size() const { return count_; }
    T& operator[](std::size_t index) { return data_[index]; }
    const T& operator[](std::size_t index) const { return data_[index]; }
    [[nodiscard]] std::span<T> span() { return {data_, count_}; }
    [[nodiscard]] std::span<const T> span() const { return {data_, count_}; }

private:
    T* data_ = nullptr;
    std::size_t count_ = 0;
};

// The same memory for a std::vector, whose resize() then leaves new elements as they lie: whoever
// resizes fills. One pass over memory instead of two while a market is read.
template <class T>
struct ColumnAllocator {
    using value_type = T;
    ColumnAllocator() = default;
    template <class U>
    ColumnAllocator(const ColumnAllocator<U>&) {}
    [[nodiscard]] T* allocate(std::size_t count) {
        return static_cast<T*>(allocate_aligned(count * sizeof(T)));
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        release_aligned(memory, count * sizeof(T));
    }
    template <class U>
    void construct(U* place) {
        ::new (static_cast<void*>(place)) U;
    }
    template <class U, class... Arguments>
    void construct(U* place, Arguments&&... arguments) {
        ::new (static_cast<void*>(place)) U(std::forward<Arguments>(arguments)...);
    }
    friend bool operator==(ColumnAllocator, ColumnAllocator) { return true; }
};
template <class T>
using ColumnVector = std::vector<T, ColumnAllocator<T>>;

}  // namespace hsl
