// Turns fired channels into the hits of the ntuple.
#pragma once

#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/simulation/digitization.hpp>

namespace stationhit::simulation {

struct ReadoutHits {
  core::HitTable table;
  std::vector<std::uint32_t> particle;  // of every hit: index into EventRecord::particles
};

// Hits are in the order of (technology, station, stationEta, stationPhi, layer, channel, second
// channel), which reveals nothing about their origin.
//  * A channel fires once per event: the earliest signal (for tubes, the smallest drift radius)
//  wins,
//    with its truth link.
//  * RPC and TGC: every pair of an eta and a phi channel of one layer of a chamber is a hit; if the
//    channels belong to different particles it is a ghost. A channel without a partner is a hit
//    that measures one coordinate. nEtaInUse (nPhiInUse) counts the other hits made from the same
//    channel.
//  * Hits of the truth muons are signal, all others background.
// Positions, edges and covariances: docs/simulation.md.
class Readout {
 public:
  Readout(const Detector& detector, const MdtConfig& mdt) : detector_(&detector), mdt_(mdt) {}
  // Takes the cells of the record and adds to its particles the one that all ghosts belong to.
  [[nodiscard]] ReadoutHits operator()(EventRecord& record) const;

 private:
  const Detector* detector_;
  MdtConfig mdt_;
};

}  // namespace stationhit::simulation
