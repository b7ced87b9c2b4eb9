// A file as read-only memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace stationhit::data {

class MappedFile {
 public:
  // Throws DataError naming the path.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

  // Gives the memory back that the bytes read so far take. They are read again when they are used
  // again, as a rule from the cache of the kernel.
  void drop_pages() const;

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace stationhit::data
