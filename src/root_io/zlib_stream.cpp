#include "zlib_stream.hpp"

#include <memory>

#include <libdeflate.h>

namespace stationhit::root_io {
namespace {

struct FreeDecompressor {
  void operator()(libdeflate_decompressor* decompressor) const {
    libdeflate_free_decompressor(decompressor);
  }
};

}  // namespace

bool inflate_fast(std::string_view stream, std::span<char> content) {
  // Holds its tables of codes, of 10 kB, and must not be used by two threads at once.
  thread_local const std::unique_ptr<libdeflate_decompressor, FreeDecompressor> decompressor(
      libdeflate_alloc_decompressor());
  return decompressor != nullptr &&
         libdeflate_zlib_decompress(decompressor.get(), stream.data(), stream.size(),
                                    content.data(), content.size(), nullptr) == LIBDEFLATE_SUCCESS;
}

}  // namespace stationhit::root_io
