// The cuts on truth muons and what they do to the labels. The only place of the project where they
// are applied.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <stationhit/core/event.hpp>
#include <stationhit/data/prepare_config.hpp>

namespace stationhit::data {

// Cuts in the order in which they are tried; a muon counts for the first that it fails.
enum class Cut : std::uint8_t { pt, eta, hits };
inline constexpr std::array<Cut, 3> cuts{Cut::pt, Cut::eta, Cut::hits};
[[nodiscard]] std::string_view name(Cut cut);  // "pt", "eta", "hits"

struct SelectionResult {
  bool kept = true;                // false: no muon survives and such events are dropped
  std::uint32_t muons_before = 0;  // muons of the event as it came
  std::uint32_t muons_after = 0;   // muons that pass all cuts
  std::uint32_t true_hits = 0;     // hits of these
  std::array<std::uint32_t, 3>
      muons_failing{};  // muons by the first cut that they fail, indexed by Cut

  bool operator==(const SelectionResult&) const = default;
};

// Removes the muons that fail pT >= min_pt, |eta| <= max_abs_eta or at least min_hits hits (rows of
// the hit table linked to the muon); their hits become background (-1) and the links of the others
// are renumbered. Hits and buckets stay. A muon with NaN pT or eta fails. The cuts are compared as
// float32, the type of the columns. The links must exist (core::check_consistency).
SelectionResult apply_selection(core::Event& event, const SelectionConfig& config);

}  // namespace stationhit::data
