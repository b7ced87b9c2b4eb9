// Tensors are written in order of decreasing item size, so that each is aligned and can be used in
// place when the file is mapped.
#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include <stationhit/core/output_file.hpp>

#include "safetensors_header.hpp"

namespace stationhit::data {
namespace {

std::vector<const NamedTensor*> sort_for_file(std::span<const NamedTensor> tensors) {
  std::vector<const NamedTensor*> order;
  order.reserve(tensors.size());
  for (const NamedTensor& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const NamedTensor* a, const NamedTensor* b) {
    const std::size_t size_a = item_size(a->tensor.dtype);
    const std::size_t size_b = item_size(b->tensor.dtype);
    return size_a != size_b ? size_a > size_b : a->name < b->name;
  });
  return order;
}

void write_bytes(core::OutputFile& file, std::span<const std::byte> bytes) {
  file.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                       const Metadata& metadata) {
  const std::vector<const NamedTensor*> order = sort_for_file(tensors);
  const std::string header = make_header(order, metadata);
  std::array<std::byte, header_length_bytes> length{};
  for (std::size_t i = 0; i < header_length_bytes; ++i)
    length[i] = static_cast<std::byte>(header.size() >> (8 * i));
  core::OutputFile file(path);
  write_bytes(file, length);
  file.write(header);
  for (const NamedTensor* tensor : order) write_bytes(file, tensor->tensor.bytes);
  file.publish();
}

}  // namespace stationhit::data
