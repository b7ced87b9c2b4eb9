// What a file knows about the making of its events: figures and reports name it.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace stationhit::core {

struct SampleInfo {
  std::string
      origin;  // "Toy simulation"; empty where the file does not say (data, other simulations)
  std::vector<double>
      mu;  // mean numbers of pile-up interactions, ascending, each once; empty where unknown
  bool operator==(const SampleInfo&) const = default;
};

// Of several files together: an origin that not all share is "Several samples", a mu that one does
// not know is unknown.
[[nodiscard]] SampleInfo combined(std::span<const SampleInfo> parts);

// "", "200", or "20 - 200" for the smallest and the largest.
[[nodiscard]] std::string mu_text(const SampleInfo& sample);

// "<symbol> = 200", "" where the pile-up is not known. `symbol`: <mu> in the language of the text.
[[nodiscard]] std::string pile_up_line(const SampleInfo& sample, const std::string& symbol);

}  // namespace stationhit::core
