// A stream buffer over zlib's gz functions, which also read plain files. zlib reports damage
// separately from the end of the file, so the reader asks for it when the stream ends.
#include "compressed_input.hpp"

#include <cerrno>
#include <cstring>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/input_files.hpp>

namespace stationhit::simulation {

CompressedBuffer::CompressedBuffer(const std::filesystem::path& path)
    : path_(path), file_(gzdopen(core::open_input_file(path), "rb")) {
  if (!file_) throw core::DataError(path.string() + ": cannot be read: " + std::strerror(errno));
}

std::string CompressedBuffer::damage() const {
  int code = Z_OK;
  const std::string text = gzerror(file_.get(), &code);
  if (code == Z_OK) return {};
  // zlib knows the number of the descriptor only: "<fd:3>: unexpected end of file".
  const std::size_t name_end = text.find(": ");
  return path_.string() + ": " + (name_end == text.npos ? text : text.substr(name_end + 2));
}

CompressedBuffer::int_type CompressedBuffer::underflow() {
  const int n = gzread(file_.get(), bytes_.data(), static_cast<unsigned>(bytes_.size()));
  if (n <= 0) return traits_type::eof();
  setg(bytes_.data(), bytes_.data(), bytes_.data() + n);
  return traits_type::to_int_type(*gptr());
}

}  // namespace stationhit::simulation
