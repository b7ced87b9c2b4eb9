#include <chrono>
#include <string>
#include <utility>

#include <stationhit/workflow/prepare_set.hpp>

namespace stationhit::workflow {
namespace {

constexpr std::uint64_t trial_events = 50;

// The part of the provenance that speaks of what a file lacks.
data::Provenance describe_input(const std::filesystem::path& file,
                                const data::PrepareFormats& formats) {
  const data::InputSummary summary = formats.examine(file);
  data::Provenance provenance;
  if (!summary.missing_branches.empty())
    provenance.missing_branches.push_back({file.filename().string(), summary.missing_branches});
  if (summary.loss) provenance.unfinished_inputs.push_back(*summary.loss);
  return provenance;
}

}  // namespace

std::optional<PreparationResult> prepare_set(const data::PrepareConfig& config,
                                             const data::PrepareFormats& formats,
                                             const core::Observer& observer) {
  const auto progress = observer.start_progress("prepare", 0);
  data::PrepareHooks hooks;
  hooks.log = observer.log();
  hooks.progress = [&](std::uint64_t done, std::uint64_t total) {
    progress->update(done, "of " + std::to_string(total) + " events");
  };
  hooks.stop_requested = [&] { return observer.stop_requested(); };
  const auto start = std::chrono::steady_clock::now();
  auto prepared = data::prepare(config, formats, hooks);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  if (prepared) return PreparationResult{std::move(*prepared), elapsed.count()};
  observer.log().warning("stopped; the same command goes on from here (finished shards stay in " +
                         config.output + ")");
  return std::nullopt;
}

SelectionTrial try_selection(const data::PrepareConfig& config, const data::PrepareFormats& formats,
                             const core::Logger& log) {
  const auto files = data::expand_inputs(config.input);
  data::warn_of_incomplete_inputs(describe_input(files.front(), formats), log);
  const auto reader = formats.open_input(files.front(), 0, trial_events);
  SelectionTrial trial;
  core::Event event;
  while (reader->next(event)) {
    core::check_consistency(event, reader->where());
    ++trial.input.events;
    const data::SelectionResult result = data::apply_selection(event, config.selection);
    trial.input.add(result);
    if (result.kept) trial.kept.add(event);
  }
  return trial;
}

}  // namespace stationhit::workflow
