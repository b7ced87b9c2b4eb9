#include <optional>

#include <stationhit/core/errors.hpp>
#include <stationhit/plots/figure.hpp>
#include <stationhit/workflow/event_input.hpp>

#include "describe.hpp"
#include "event_display.hpp"

namespace stationhit::app {
namespace {

core::Event choose(const std::filesystem::path& input, std::optional<std::uint64_t> event_number) {
  std::optional<core::Event> first;
  std::optional<core::Event> chosen;
  workflow::for_each_event(input, [&](const core::Event& event) {
    if (event_number ? event.header.event_number == *event_number : event.muons.size() > 0)
      chosen = event;
    if (!first) first = event;
    return !chosen;
  });
  if (chosen) return *chosen;
  if (!event_number && first) return *first;
  throw core::DataError(
      input.string() + ": " +
      (event_number ? "has no event " + std::to_string(*event_number) : "has no events") +
      "; give another --event or input");
}

}  // namespace

std::string draw_event(const std::filesystem::path& input,
                       std::optional<std::uint64_t> event_number,
                       const std::filesystem::path& folder) {
  const core::Event event = choose(input, event_number);
  const plots::Style style = plots::style_of(workflow::read_sample_info(input));
  std::filesystem::create_directories(folder);
  std::string files;
  for (const plots::Figure& figure : event_display(event)) {
    plots::write_figure(figure, style, folder);
    files += "wrote " + (folder / figure.stem).string() + ".png, .pdf, .csv\n";
  }
  return files;
}

}  // namespace stationhit::app
