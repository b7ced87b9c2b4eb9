#include <array>

#include <stationhit/hdf5_io/padded_file.hpp>

namespace stationhit::hdf5_io {

std::span<const std::string> standard_hit_columns() {
  static const std::array<std::string, 20> columns{
      "spacePoint_globEdgeHighX", "spacePoint_globEdgeHighY", "spacePoint_globEdgeHighZ",
      "spacePoint_globEdgeLowX",  "spacePoint_globEdgeLowY",  "spacePoint_globEdgeLowZ",
      "spacePoint_time",          "spacePoint_driftR",        "spacePoint_readOutSide",
      "spacePoint_covXX",         "spacePoint_covXY",         "spacePoint_covYX",
      "spacePoint_covYY",         "spacePoint_channel",       "spacePoint_layer",
      "spacePoint_stationPhi",    "spacePoint_stationEta",    "spacePoint_stationIndex",
      "spacePoint_technology",    "spacePoint_truthLink"};
  return columns;
}

std::span<const std::string> standard_muon_columns() {
  static const std::array<std::string, 4> columns{"truthMuon_pt", "truthMuon_eta", "truthMuon_phi",
                                                  "truthMuon_q"};
  return columns;
}

}  // namespace stationhit::hdf5_io
