// Reads plain and gzip files, recognized by their content, through a std::istream.
#pragma once

#include <array>
#include <filesystem>
#include <istream>
#include <memory>
#include <streambuf>
#include <string>

#include <zlib.h>

namespace stationhit::simulation {

class CompressedBuffer : public std::streambuf {
 public:
  // Throws DataError if the file cannot be opened.
  explicit CompressedBuffer(const std::filesystem::path& path);
  // "<path>: <reason>" once reading has failed, for example at the end of a truncated gzip stream;
  // else empty.
  [[nodiscard]] std::string damage() const;

 private:
  struct Close {
    void operator()(gzFile file) const { gzclose(file); }
  };
  int_type underflow() override;

  std::filesystem::path path_;
  std::unique_ptr<gzFile_s, Close> file_;
  std::array<char, 1U << 16U> bytes_;
};

class CompressedInput : public std::istream {
 public:
  explicit CompressedInput(const std::filesystem::path& path)
      : std::istream(nullptr), buffer_(path) {
    rdbuf(&buffer_);
  }
  [[nodiscard]] std::string damage() const { return buffer_.damage(); }

 private:
  CompressedBuffer buffer_;
};

}  // namespace stationhit::simulation
