#include <chrono>
#include <string>
#include <utility>

#include <stationhit/workflow/prepare_set.hpp>

namespace stationhit::workflow {
namespace {

constexpr std::uint64_t trial_events = 50;

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

SelectionTrial try_selection(const data::PrepareConfig& config,
                             const data::PrepareFormats& formats) {
  const auto files = data::expand_inputs(config.input);
  const auto reader = formats.open_input(files.front(), 0, trial_events);
  SelectionTrial trial;
  core::Event event;
  while (reader->next(event)) {
    ++trial.input.events;
    const data::SelectionResult result = data::apply_selection(event, config.selection);
    trial.input.add(result);
    if (result.kept) trial.kept.add(event);
  }
  return trial;
}

}  // namespace stationhit::workflow
