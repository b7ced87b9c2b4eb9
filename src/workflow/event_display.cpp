#include <algorithm>
#include <array>
#include <iomanip>
#include <sstream>
#include <string>

#include <stationhit/core/technology.hpp>
#include <stationhit/workflow/event_display.hpp>

namespace stationhit::workflow {
namespace {

using core::HitTable;
using Column = std::vector<float> HitTable::*;

struct Projection {
  const char* name;
  Column x_low, x_high, y_low, y_high;
  const char *x_title, *y_title;
  double x_range, y_range;  // m, on either side of 0
  enum class Part { all, barrel, end_cap } part;
};

constexpr double meters = 1e-3;
constexpr const char* background_color = "#b0b0b0";
// With a cut: what it rejected is paler, and the signal that it lost is black.
constexpr const char *rejected_color = "#cccccc", *kept_color = "#707070",
                     *lost_signal_color = "#000000";
// They differ in brightness too, so that they can be told apart in gray.
constexpr std::array muon_colors{"#D55E00", "#003366", "#009E73", "#CC79A7"};

bool is_shown(const HitTable& hits, std::size_t i, Projection::Part part) {
  return part == Projection::Part::all ||
         core::is_barrel(core::station_layer(hits.station_index[i])) ==
             (part == Projection::Part::barrel);
}

// The hits for which is_chosen(index) holds.
template <class Choice>
plots::Series collect_hits(const core::Event& event, const Projection& projection,
                           const std::string& label, const char* color, const Choice& is_chosen) {
  plots::Series series{.label = label, .draw = plots::Draw::segments, .color = color};
  const HitTable& hits = event.hits;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (!is_chosen(i) || !is_shown(hits, i, projection.part)) continue;
    const auto at = [&](Column column) { return meters * static_cast<double>((hits.*column)[i]); };
    series.x_low.push_back(at(projection.x_low));
    series.x_high.push_back(at(projection.x_high));
    series.y_low.push_back(at(projection.y_low));
    series.y_high.push_back(at(projection.y_high));
    series.y.push_back((series.y_low.back() + series.y_high.back()) / 2);
  }
  return series;
}

std::string muon_label(const core::MuonTable& muons, std::size_t m) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << "p_{T} = " << muons.pt[m]
       << " GeV, #eta = " << std::setprecision(2) << muons.eta[m];
  return text.str();
}

// Background first, so that muons lie on it.
std::vector<plots::Series> make_series(const core::Event& event, const Projection& projection,
                                       const std::vector<std::uint8_t>& kept) {
  const auto& links = event.hits.truth_link;
  const auto of = [&](int link, bool is_kept) {
    return [&, link, is_kept](std::size_t hit) {
      return links[hit] == link && (kept.empty() || (kept[hit] != 0) == is_kept);
    };
  };
  const auto collect = [&](const std::string& label, const char* color, const auto& choice) {
    return collect_hits(event, projection, label, color, choice);
  };
  std::vector<plots::Series> series;
  if (kept.empty()) {
    series.push_back(collect("Background", background_color, of(core::no_muon, true)));
  } else {
    series.push_back(
        collect("Background, rejected by the cut", rejected_color, of(core::no_muon, false)));
    series.push_back(collect("Background, kept", kept_color, of(core::no_muon, true)));
  }
  for (std::size_t m = 0; m < event.muons.size(); ++m) {
    series.push_back(collect(muon_label(event.muons, m) + (kept.empty() ? "" : ", kept"),
                             muon_colors[m % muon_colors.size()], of(static_cast<int>(m), true)));
  }
  if (!kept.empty())
    series.push_back(collect("Signal hits, rejected by the cut", lost_signal_color,
                             [&](std::size_t hit) { return links[hit] >= 0 && kept[hit] == 0; }));
  return series;
}

std::vector<std::string> make_notes(const core::Event& event,
                                    const std::optional<DisplayedCut>& cut) {
  std::vector<std::string> notes{"Event " + std::to_string(event.header.event_number) + ", " +
                                 std::to_string(event.hits.size()) + " hits"};
  if (!cut) return notes;
  const auto n_kept = std::ranges::count(cut->kept, std::uint8_t{1});
  notes.push_back(cut->kept.empty() ? "Only the hits kept by the cut at " + cut->name
                                    : std::to_string(n_kept) + " kept by the cut at " + cut->name);
  return notes;
}

plots::Figure make_projection(const core::Event& event, const Projection& projection,
                              const std::optional<DisplayedCut>& cut) {
  plots::Figure figure{
      .stem = std::string("event_") + projection.name,
      .x = {projection.x_title, std::pair{-projection.x_range, projection.x_range}},
      .y = {projection.y_title, std::pair{-projection.y_range, projection.y_range}}};
  // Otherwise circles are ellipses, and angles are not those of the tracks.
  figure.unit_lengths = plots::UnitLengths::equal;
  figure.series = make_series(event, projection, cut ? cut->kept : std::vector<std::uint8_t>());
  figure.notes = make_notes(event, cut);
  return figure;
}

}  // namespace

std::vector<plots::Figure> make_event_display(const core::Event& event,
                                              const std::optional<DisplayedCut>& cut) {
  using H = HitTable;
  using Part = Projection::Part;
  const std::array<Projection, 4> projections{
      {{"xy_barrel", &H::edge_low_x, &H::edge_high_x, &H::edge_low_y, &H::edge_high_y, "x [m]",
        "y [m]", 13, 13, Part::barrel},
       {"xy_end_cap", &H::edge_low_x, &H::edge_high_x, &H::edge_low_y, &H::edge_high_y, "x [m]",
        "y [m]", 13, 13, Part::end_cap},
       {"zy", &H::edge_low_z, &H::edge_high_z, &H::edge_low_y, &H::edge_high_y, "z [m]", "y [m]",
        23, 13, Part::all},
       {"zx", &H::edge_low_z, &H::edge_high_z, &H::edge_low_x, &H::edge_high_x, "z [m]", "x [m]",
        23, 13, Part::all}}};
  std::vector<plots::Figure> figures;
  for (const Projection& projection : projections)
    figures.push_back(make_projection(event, projection, cut));
  return figures;
}

}  // namespace stationhit::workflow
