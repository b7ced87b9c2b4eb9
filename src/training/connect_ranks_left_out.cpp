// Builds without the headers of Gloo.
#include <stationhit/training/connect_ranks.hpp>

namespace stationhit::training {

Ranks connect_ranks(const RankPlan& plan, std::chrono::seconds /*timeout*/,
                    const MeetingHooks& /*hooks*/) {
  throw core::ConfigError("a training on " + std::to_string(plan.size) +
                          " ranks is not available: this program was built without the headers of "
                          "Gloo (Debian package libgloo-dev); give --set devices=cpu");
}

}  // namespace stationhit::training
