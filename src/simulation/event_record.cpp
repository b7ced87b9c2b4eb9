#include <stationhit/simulation/event_record.hpp>

namespace stationhit::simulation {

std::string_view name(Origin origin) {
  constexpr std::array<std::string_view, n_origins> names{
      "muon",      "pile-up muon", "secondary",  "cavern track", "conversion",
      "delta ray", "shower",       "cross-talk", "ghost"};
  return names[static_cast<std::size_t>(origin)];
}

}  // namespace stationhit::simulation
