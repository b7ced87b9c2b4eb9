// What a rank finds on its events of the validation split. Free of Torch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/training/ranks.hpp>

namespace stationhit::training {

struct ValidationPart {
  std::vector<double> loss;                // [n_events] sum over the nodes
  std::vector<std::uint64_t> nodes, hits;  // [n_events]
  std::vector<float> score;                // [n_hits] of all events, one after the other
  std::vector<std::uint8_t> label;         // [n_hits] 1 signal
  std::vector<std::uint8_t> stopped;       // [1] 1: ended early, so that the rest has no meaning

  bool operator==(const ValidationPart&) const = default;
};

// For Ranks::exchange().
[[nodiscard]] std::string to_bytes(const ValidationPart& part);
[[nodiscard]] ValidationPart validation_part_from(std::string_view bytes);

// The whole split in its order, from the parts of all ranks: part r has the events that rank r
// takes (Ranks::takes). Stopped if one of them is.
[[nodiscard]] ValidationPart merge_parts(const std::vector<ValidationPart>& parts);

// The whole split, in every rank.
[[nodiscard]] ValidationPart gather_parts(const Ranks& ranks, ValidationPart own);

}  // namespace stationhit::training
