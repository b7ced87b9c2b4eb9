// Tensors are written in order of decreasing item size, so that each is aligned and can be used in
// place when the file is mapped.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>

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

// The file under its temporary name; removed again unless commit() is reached.
class PartialFile {
 public:
  explicit PartialFile(const std::filesystem::path& path)
      : path_(path), file_(std::fopen(core::partial_path(path).c_str(), "wb")) {
    if (file_ == nullptr)
      throw core::DataError(path.string() + ": cannot write here: " + std::strerror(errno));
  }
  ~PartialFile() {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::error_code ignored;
    std::filesystem::remove(core::partial_path(path_), ignored);
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  void write(const void* data, std::size_t size) {
    if (size > 0 && std::fwrite(data, 1, size, file_) != size) fail();
  }
  void commit() {
    if (std::fflush(file_) != 0) fail();
    // Without the exchange the destructor would close it a second time.
    if (std::fclose(std::exchange(file_, nullptr)) != 0) fail();
    core::publish(path_);
  }

 private:
  [[noreturn]] void fail() const {
    throw core::DataError(path_.string() + ": writing failed: " + std::strerror(errno) +
                          "; free space on the disk and run again");
  }
  std::filesystem::path path_;
  std::FILE* file_;
};

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors,
                       const Metadata& metadata) {
  const std::vector<const NamedTensor*> order = sort_for_file(tensors);
  const std::string header = make_header(order, metadata);
  std::array<unsigned char, header_length_bytes> length{};
  for (std::size_t i = 0; i < header_length_bytes; ++i)
    length[i] = static_cast<unsigned char>(header.size() >> (8 * i));
  PartialFile file(path);
  file.write(length.data(), length.size());
  file.write(header.data(), header.size());
  for (const NamedTensor* tensor : order)
    file.write(tensor->tensor.bytes.data(), tensor->tensor.bytes.size());
  file.commit();
}

}  // namespace stationhit::data
