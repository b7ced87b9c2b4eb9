// The data of an event that an evaluation needs in addition to the scores of its hits.
#pragma once

#include <cstdint>
#include <vector>

#include <stationhit/core/event.hpp>

namespace stationhit::core {

struct EventTruth {
  std::uint64_t event_number = 0;
  std::vector<std::int8_t> truth_link;             // [n_hits] muon of the event, -1 background
  std::vector<std::uint8_t> technology;            // [n_hits] code of core/technology.hpp
  std::vector<float> muon_pt, muon_eta, muon_phi;  // [n_muons] GeV, -, rad

  [[nodiscard]] std::size_t n_hits() const { return truth_link.size(); }
  bool operator==(const EventTruth&) const = default;
};

[[nodiscard]] inline EventTruth truth_of(const Event& event) {
  return {event.header.event_number, event.hits.truth_link, event.hits.technology, event.muons.pt,
          event.muons.eta,           event.muons.phi};
}

}  // namespace stationhit::core
