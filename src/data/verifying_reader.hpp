// A reader that compares what it reads with the checksums of the manifest.
#pragma once

#include <memory>
#include <string>

#include <stationhit/core/event_stream.hpp>
#include <stationhit/data/manifest.hpp>

namespace stationhit::data {

// Passes the events of `reader` on and, at their end, compares number and content with `shard`.
// Throws DataError naming `file`. `shard` must outlive the reader.
[[nodiscard]] std::unique_ptr<core::EventReader> verify_while_reading(
    std::unique_ptr<core::EventReader> reader, const ShardInfo& shard, std::string file);

}  // namespace stationhit::data
