#include "time_table.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "epoch_table.hpp"

namespace stationhit::training {
namespace {

double per_event(const TimeShare& part) {
  return 1000 * part.seconds / static_cast<double>(part.events);
}

double share_of(const TimeShare& part, double total) {
  return total > 0 ? part.seconds / total : 0;
}

// With the rest and the total at their end.
std::vector<TimeShare> complete(std::vector<TimeShare> parts, double total) {
  double known = 0;
  for (const TimeShare& part : parts) known += part.beside ? 0 : part.seconds;
  parts.push_back({"other", total - known});
  parts.push_back({"total", total});
  return parts;
}

}  // namespace

std::string time_csv(std::vector<TimeShare> parts, double total) {
  std::string text = "part,seconds,share,ms_per_event\n";
  for (const TimeShare& part : complete(std::move(parts), total)) {
    text += part.part;
    for (const double value : {part.seconds, share_of(part, total)})
      (text += ',') += csv_number(value);
    text += ',';
    if (part.events > 0) text += csv_number(per_event(part));
    text += '\n';
  }
  return text;
}

std::string time_text(std::vector<TimeShare> parts, double total) {
  const std::vector<TimeShare> rows = complete(std::move(parts), total);
  std::size_t width = 0;
  for (const TimeShare& part : rows) width = std::max(width, part.part.size());
  std::string text;
  for (const TimeShare& part : rows) {
    std::array<char, 160> line{};
    std::snprintf(line.data(), line.size(), "%s%-*s %9.2f s %6.1f %%", text.empty() ? "" : "\n",
                  static_cast<int>(width), part.part.c_str(), part.seconds,
                  100 * share_of(part, total));
    text += line.data();
    if (part.events == 0) continue;
    std::snprintf(line.data(), line.size(), " %9.3f ms/event", per_event(part));
    text += line.data();
  }
  return text;
}

}  // namespace stationhit::training
