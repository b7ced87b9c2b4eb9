// Arrays of NumPy that own their values.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

namespace stationhit::python {

namespace nb = nanobind;

template <class T, std::size_t dimensions = 1>
using Array = nb::ndarray<nb::numpy, T, nb::ndim<dimensions>, nb::c_contig>;

// Of memory without values. Its length is known before the values are.
template <class T>
struct NewArray {
  explicit NewArray(std::size_t size)
      : values(std::make_unique_for_overwrite<T[]>(size)), n(size) {}

  [[nodiscard]] std::span<T> span() const { return {values.get(), n}; }
  [[nodiscard]] Array<T> to_python() && {
    nb::capsule owner(values.get(),
                      [](void* memory) noexcept { delete[] static_cast<T*>(memory); });
    return Array<T>(values.release(), {n}, owner);
  }

  std::unique_ptr<T[]> values;
  std::size_t n;
};

// Of the memory of a vector. shape: its product is the number of values.
template <class T, std::size_t dimensions = 1>
[[nodiscard]] Array<T, dimensions> to_array(std::vector<T> values,
                                            std::initializer_list<std::size_t> shape) {
  auto held = std::make_unique<std::vector<T>>(std::move(values));
  T* const data = held->data();
  nb::capsule owner(held.get(),
                    [](void* memory) noexcept { delete static_cast<std::vector<T>*>(memory); });
  (void)held.release();
  return Array<T, dimensions>(data, shape, owner);
}

template <class T>
[[nodiscard]] Array<T> to_array(std::vector<T> values) {
  const std::size_t n = values.size();
  return to_array<T, 1>(std::move(values), {n});
}

}  // namespace stationhit::python
