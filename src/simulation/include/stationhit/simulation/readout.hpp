// From fired channels to the hits of the ntuple.
#pragma once

#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/simulation/digitization.hpp>

namespace stationhit::simulation {

struct ReadoutHits {
  core::HitTable table;
  std::vector<std::uint32_t> particle;  // of every hit: index into EventRecord::particles
};

// Hits stand in the order of (technology, station, stationEta, stationPhi, layer, channel, second
// channel), which says nothing about their origin.
//  * A channel fires once per event: the earliest signal (tubes: the smallest drift radius) wins,
//  with its truth link.
//  * RPC and TGC: every pair of an eta and a phi channel of one layer of a chamber is a hit; if the
//  channels belong to different particles it is a
//    ghost. Hits of the truth muons are true, all others background.
//    without a partner a channel is a hit that measures one coordinate. nEtaInUse (nPhiInUse)
//    counts the other hits made of the same channel.
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
