// Memory that starts at a multiple of the longest vector and only ever grows.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace stationhit::kernels {

template <class T>
class AlignedBuffer {
 public:
  static constexpr std::size_t alignment = 64;  // bytes
  // Values behind the last one that are readable too: what a vector that begins inside reads.
  static constexpr std::size_t slack = alignment / sizeof(T) - 1;

  // Room for so many values; their content is lost where it was too small. Throws std::bad_alloc.
  T* reserve(std::size_t n) {
    if (n > size_) {
      const std::size_t wanted = std::max(n, size_ + size_ / 2);
      const std::size_t bytes =
          ((wanted + slack) * sizeof(T) + alignment - 1) / alignment * alignment;
      values_.reset();
      size_ = 0;
      values_.reset(static_cast<T*>(std::aligned_alloc(alignment, bytes)));
      if (values_ == nullptr) throw std::bad_alloc();
      size_ = wanted;
    }
    return values_.get();
  }

  [[nodiscard]] T* data() const { return values_.get(); }
  [[nodiscard]] std::size_t bytes() const { return size_ * sizeof(T); }

 private:
  struct Free {
    void operator()(T* values) const { std::free(values); }  // NOLINT(*-no-malloc)
  };
  std::unique_ptr<T[], Free> values_;  // NOLINT(*-avoid-c-arrays)
  std::size_t size_ = 0;
};

}  // namespace stationhit::kernels
