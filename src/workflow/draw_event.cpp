#include <stationhit/plots/figure.hpp>
#include <stationhit/workflow/draw_event.hpp>
#include <stationhit/workflow/event_display.hpp>
#include <stationhit/workflow/event_input.hpp>

namespace stationhit::workflow {

namespace fs = std::filesystem;

std::vector<fs::path> draw_event(const fs::path& input, std::optional<std::uint64_t> event_number,
                                 const fs::path& folder) {
  const core::Event event = find_event(input, event_number);
  const plots::Style style = plots::style_of(read_sample_info(input));
  fs::create_directories(folder);
  std::vector<fs::path> figures;
  for (const plots::Figure& figure : make_event_display(event)) {
    plots::write_figure(figure, style, folder);
    figures.push_back(folder / figure.stem);
  }
  return figures;
}

}  // namespace stationhit::workflow
