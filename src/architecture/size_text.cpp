#include <cstdio>

#include <stationhit/architecture/size_text.hpp>

namespace stationhit::architecture {
namespace {

std::string millions(std::uint64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", static_cast<double>(number) / 1e6);
  return text;
}

std::string row(const std::string& name, const std::string& description,
                const std::string& parameters, const std::string& mflop) {
  char line[256];
  std::snprintf(line, sizeof line, "%-28.40s %-62.90s %10s %10s\n", name.c_str(),
                description.c_str(), parameters.c_str(), mflop.c_str());
  return line;
}

}  // namespace

std::string size_text(const ModelConfig& config, const NetworkDescription& network) {
  std::string text = "width " + std::to_string(config.width) + ", " +
                     std::to_string(config.encoding.scales.size()) + " scales";
  if (has_option(network, NetworkOption::heads))
    text += ", " + std::to_string(config.heads) + " heads";
  if (has_option(network, NetworkOption::feed_forward))
    text += ", feed-forward " + std::to_string(config.feed_forward);
  for (const auto width : config.head) text += ", head " + std::to_string(width);
  return text;
}

std::string stage_table(const NetworkDescription& network, const EventSize& event) {
  std::string text = row("network " + network.name, "", "parameters", "MFLOP");
  for (const Stage& stage : network.stages) {
    if (stage.kind == StageKind::concatenation) continue;
    text += row(stage.name, stage.text, std::to_string(compute_cost(stage).parameters),
                millions(count_flops(network, stage, event)));
  }
  return text + row("sum", "", std::to_string(compute_cost(network).parameters),
                    millions(count_flops(network, event)));
}

}  // namespace stationhit::architecture
