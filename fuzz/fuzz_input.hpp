// What fuzz targets share. A target calls a reader with any bytes: core::Error is the answer to bad
// input, everything else (another exception, a finding of a sanitizer, a call that does not end)
// ends the program and is a fault.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <unistd.h>

#include <stationhit/core/errors.hpp>

namespace stationhit::fuzz {

template <class Read>
void allow_refusal(const Read& read) {
  try {
    read();
  } catch (const core::Error& error) {
    // A message is a part of the answer.
    if (std::string_view(error.what()).empty()) __builtin_trap();
  }
}

[[nodiscard]] inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};  // NOLINT: bytes of the fuzzer are texts here
}

// A file in memory for readers that take paths; it lies alone in its folder.
class InputFile {
 public:
  explicit InputFile(const std::string& name)
      : folder_("/dev/shm/stationhit-fuzz-" + std::to_string(::getpid())), file_(folder_ / name) {
    std::filesystem::create_directories(folder_);
  }
  ~InputFile() {
    std::error_code none;
    std::filesystem::remove_all(folder_, none);
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  void write(std::string_view content) const {
    std::ofstream(file_, std::ios::binary | std::ios::trunc)
        .write(content.data(), static_cast<std::streamsize>(content.size()));
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] const std::filesystem::path& path() const { return file_; }

 private:
  std::filesystem::path folder_, file_;
};

}  // namespace stationhit::fuzz
