// The origin of a file's events, as named in figures and reports.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace stationhit::core {

struct SampleInfo {
  std::string origin;  // "Toy simulation"; empty if the file does not say (data, other simulations)
  // mean numbers of pile-up interactions, ascending, without duplicates; empty if unknown
  std::vector<double> mu;
  bool operator==(const SampleInfo&) const = default;
};

// Combines several files. The origin is "Several samples" if they differ, and mu is unknown if it
// is unknown for one of them.
[[nodiscard]] SampleInfo combine_samples(std::span<const SampleInfo> parts);

// "", "200", or "20 - 200" for the smallest and the largest.
[[nodiscard]] std::string mu_text(const SampleInfo& sample);

// "<symbol> = 200", or "" if the pile-up is unknown. `symbol` is <mu> in the markup of the text.
[[nodiscard]] std::string pile_up_line(const SampleInfo& sample, const std::string& symbol);

}  // namespace stationhit::core
