// The picture of a network as SVG text, from its description.
#pragma once

#include <string>

#include <stationhit/architecture/network_description.hpp>

namespace stationhit::architecture {

// The second lines of the first and the last box, which the description does not know.
struct DrawingLabels {
  std::string features;  // "16 numbers per hit, knn graph in every bucket"
  std::string logit;     // "one per hit; every block adds to its input"
};

// From the features at the top to the logit at the bottom, a box per stage with its text and its
// number of parameters. Stages that can run at the same time stand side by side.
[[nodiscard]] std::string draw_network(const NetworkDescription& network,
                                       const DrawingLabels& labels);

}  // namespace stationhit::architecture
