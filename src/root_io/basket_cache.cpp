// The content of a compressed basket is a sequence of blocks, because what has more than 16 MB is
// compressed in parts. A block has a head of 9 bytes: two letters for the method, its version, the
// lengths of what follows and of what it holds (3 bytes each, the low one first). For zlib a zlib
// stream follows.
#include "basket_cache.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "record_bytes.hpp"
#include "zlib_stream.hpp"

namespace stationhit::root_io {
namespace {

struct Block {
  std::string_view stream;
  std::size_t content_bytes;
};

std::size_t take_length(RecordBytes& bytes) {
  std::size_t length = 0;
  unsigned shift = 0;
  for (const char byte : bytes.take(3)) {
    length |= std::size_t{static_cast<std::uint8_t>(byte)} << shift;
    shift += 8;
  }
  return length;
}

// No value for what is no whole block of zlib.
std::optional<Block> take_zlib_block(RecordBytes& bytes) {
  const bool is_zlib = bytes.take(2) == "ZL";
  bytes.take(1);
  const std::size_t stream_bytes = take_length(bytes);
  const std::size_t content_bytes = take_length(bytes);
  const std::string_view stream = bytes.take(stream_bytes);
  if (bytes.failed() || !is_zlib) return std::nullopt;
  return Block{stream, content_bytes};
}

// Whether blocks of zlib hold this number of bytes. Looked at before memory is taken for them.
bool holds_zlib_blocks(std::string_view blocks, std::size_t content_bytes) {
  RecordBytes bytes(blocks);
  std::size_t found = 0;
  while (bytes.left() > 0) {
    const auto block = take_zlib_block(bytes);
    if (!block) return false;
    found += block->content_bytes;
  }
  return found == content_bytes;
}

bool inflate_blocks(std::string_view blocks, std::span<char> content) {
  RecordBytes bytes(blocks);
  while (bytes.left() > 0) {
    const Block block = *take_zlib_block(bytes);
    if (!inflate_fast(block.stream, content.first(block.content_bytes))) return false;
    content = content.subspan(block.content_bytes);
  }
  return true;
}

}  // namespace

// A basket that is larger than the cache is read from the file.
bool BasketCache::read(Long64_t position, Int_t length) {
  const Int_t found = ReadBuffer(compressed_.data(), position, length);
  return found == 1 || (found == 0 && !GetFile()->ReadBuffer(compressed_.data(), position, length));
}

Int_t BasketCache::GetUnzipBuffer(char** basket, Long64_t position, Int_t length,
                                  bool* is_for_root) {
  constexpr Int_t cannot = -1;
  if (length <= 0) return cannot;
  compressed_.resize(static_cast<std::size_t>(length));
  if (!read(position, length)) return cannot;
  RecordBytes bytes(compressed_);
  const KeyHead head = read_key_head(bytes);
  if (bytes.failed() || head.header_length < 0 || head.header_length > length ||
      head.object_length <= length - head.header_length)
    return cannot;
  const auto header_bytes = static_cast<std::size_t>(head.header_length);
  const auto content_bytes = static_cast<std::size_t>(head.object_length);
  const std::string_view blocks = std::string_view(compressed_).substr(header_bytes);
  if (!holds_zlib_blocks(blocks, content_bytes)) return cannot;
  auto memory = std::make_unique_for_overwrite<char[]>(header_bytes + content_bytes);
  std::copy_n(compressed_.data(), header_bytes, memory.get());
  if (!inflate_blocks(blocks, {memory.get() + header_bytes, content_bytes})) return cannot;
  *basket = memory.release();  // ROOT ends it by delete[]
  *is_for_root = true;
  return static_cast<Int_t>(header_bytes + content_bytes);
}

}  // namespace stationhit::root_io
