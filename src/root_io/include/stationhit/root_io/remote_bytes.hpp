// Bytes of a file on another machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace stationhit::root_io {

// Not thread-safe.
class RemoteBytes {
 public:
  // Opens by the protocol of the name (root://host//file). Throws DataError naming the file: ROOT
  // was built without this protocol, or its client cannot open the file.
  explicit RemoteBytes(const std::filesystem::path& path);
  ~RemoteBytes();
  RemoteBytes(const RemoteBytes&) = delete;
  RemoteBytes& operator=(const RemoteBytes&) = delete;

  [[nodiscard]] std::uint64_t size() const;
  // Fills the buffer from this offset on. Throws DataError naming the file.
  void read(std::uint64_t offset, std::span<char> buffer) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stationhit::root_io
