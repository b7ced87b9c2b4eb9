#include <algorithm>

#include <stationhit/core/sample_info.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::core {

SampleInfo combine_samples(std::span<const SampleInfo> parts) {
  if (parts.empty()) return {};
  SampleInfo whole{parts.front().origin, {}};
  for (const SampleInfo& part : parts) {
    if (part.origin != whole.origin) whole.origin = "Several samples";
    whole.mu.insert(whole.mu.end(), part.mu.begin(), part.mu.end());
  }
  // A list of the known values of mu would be wrong for the whole as soon as one part does not know
  // its own.
  if (std::ranges::any_of(parts, [](const SampleInfo& part) { return part.mu.empty(); }))
    whole.mu.clear();
  std::ranges::sort(whole.mu);
  whole.mu.erase(std::unique(whole.mu.begin(), whole.mu.end()), whole.mu.end());
  return whole;
}

std::string mu_text(const SampleInfo& sample) {
  if (sample.mu.empty()) return "";
  const std::string low = to_text(sample.mu.front());
  return sample.mu.size() == 1 ? low : low + " - " + to_text(sample.mu.back());
}

std::string pile_up_line(const SampleInfo& sample, const std::string& symbol) {
  return sample.mu.empty() ? "" : symbol + " = " + mu_text(sample);
}

}  // namespace stationhit::core
