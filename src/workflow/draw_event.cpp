#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/file_kind.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/features/needed_branches.hpp>
#include <stationhit/plots/figure.hpp>
#include <stationhit/root_io/score_cut.hpp>
#include <stationhit/workflow/draw_event.hpp>
#include <stationhit/workflow/event_display.hpp>
#include <stationhit/workflow/event_input.hpp>

namespace stationhit::workflow {

namespace fs = std::filesystem;

namespace {

// Hits are drawn from one edge to the other; without them all would be at the origin.
void require_edges(const fs::path& input, const NtupleAccess& access) {
  for (const data::MissingBranches& missing : read_missing_branches(input, access)) {
    if (const auto edge = features::find_missing_edge(missing.branches))
      throw core::DataError(input.string() + ": " + missing.file + " has no branch " + *edge +
                            ", which the display draws; give an input that has it");
  }
}

// What infer wrote into the file about its cut.
std::optional<DisplayedCut> find_cut(const fs::path& input, std::uint64_t entry,
                                     const NtupleAccess& access) {
  if (fs::is_directory(input) || core::is_of_kind(input, core::FileKind::hdf5)) return std::nullopt;
  const auto cut = root_io::read_score_cut(input, access.tree, access.unfinished);
  if (!cut) return std::nullopt;
  DisplayedCut shown{.name = cut->working_point.empty() ? "logit > " + core::to_text(cut->logit)
                                                        : "working point " + cut->working_point};
  if (cut->mode == root_io::ScoredMode::filter) return shown;
  for (const float score : root_io::read_scores(input, entry, access.tree, access.unfinished))
    shown.kept.push_back(score > cut->logit ? 1 : 0);
  return shown;
}

}  // namespace

std::vector<fs::path> draw_event(const fs::path& input, const fs::path& folder,
                                 const EventDisplayOptions& options, const core::Logger& log) {
  const NtupleAccess access{options.tree, options.unfinished};
  require_edges(input, access);
  warn_of_unfinished(input, access, log);
  const core::DirectoryLock lock(folder, core::Logger());
  const auto [event, entry] = find_event(input, options.event, access);
  const std::optional<DisplayedCut> cut = find_cut(input, entry, access);
  const plots::Style style = plots::style_of(label_for_figures(read_sample_info(input, access)));
  std::vector<fs::path> figures;
  for (const plots::Figure& figure : make_event_display(event, cut)) {
    plots::write_figure(figure, style, folder);
    figures.push_back(folder / figure.stem);
  }
  return figures;
}

}  // namespace stationhit::workflow
