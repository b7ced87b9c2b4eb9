#include <utility>

#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/core/settings.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/workflow/event_display.hpp>
#include <stationhit/workflow/validate_simulation.hpp>
#include <stationhit/workflow/validation_figures.hpp>

#include "generate_until_stopped.hpp"

namespace stationhit::workflow {
namespace {

constexpr double published_mu = 200;

void require_published_sample(const simulation::SimulationConfig& config) {
  using simulation::MuonSource, simulation::ProcessChoice;
  if (config.mu == published_mu && config.process == ProcessChoice::mix &&
      config.source == MuonSource::generator)
    return;
  throw core::ConfigError("--validate with mu = " + core::to_text(config.mu) +
                          ", source = " + std::string(core::name(config.source)) +
                          " and process = " + std::string(core::name(config.process)) +
                          ": the published statistics are those of mu = 200, source = generator "
                          "and process = mix; set these");
}

void require_default_detector(const simulation::VariationConfig& variation) {
  const auto varied = core::find_differences(variation, {}, "variation");
  if (varied.empty()) return;
  throw core::ConfigError("--validate with " + varied.front().key + " = " + varied.front().first +
                          ": the published statistics are compared with the default detector; "
                          "leave the variation out");
}

std::optional<ValidationSample> make_sample(const simulation::SimulationConfig& config,
                                            const simulation::Simulator& simulator,
                                            const core::Observer& observer) {
  ValidationSample sample;
  const auto progress = observer.start_progress("validate", config.events);
  const auto add = [&](const simulation::SimulatedEvent& event) {
    sample.add(event);
    progress->update(sample.statistics().events);
  };
  const Generation generation = generate_until_stopped(
      simulator, simulation::make_hard_events(config, simulator), config.first_event, config.events,
      core::resolve_threads(config.threads), observer, add);
  if (generation == Generation::stopped) return std::nullopt;
  return sample;
}

void draw_figures(const ValidationSample& sample, const simulation::Detector& detector,
                  const core::SampleInfo& info, const std::filesystem::path& folder) {
  if (sample.statistics().kept_events() == 0) return;
  const plots::Style style = plots::style_of(
      info, std::to_string(sample.statistics().kept_events()) + " events after the cuts");
  for (const plots::Figure& figure : make_validation_figures(sample, detector))
    plots::write_figure(figure, style, folder);
  if (!sample.display_event()) return;
  for (const plots::Figure& figure : make_event_display(*sample.display_event()))
    plots::write_figure(figure, plots::style_of(info), folder);
}

}  // namespace

std::optional<ValidationResult> validate_simulation(const simulation::SimulationConfig& config,
                                                    const ValidationOptions& options,
                                                    const core::Observer& observer) {
  require_published_sample(config);
  require_default_detector(config.variation);
  const core::DirectoryLock lock(options.folder, observer.log());
  const simulation::Simulator simulator(config);
  auto sample = make_sample(config, simulator, observer);
  if (!sample) {
    observer.log().warning("stopped: the validation is not written");
    return std::nullopt;
  }
  auto checks = simulation::validate(sample->statistics(), options.sigmas);
  core::write_text_file(options.folder / "validation.csv", simulation::check_csv(checks));
  draw_figures(*sample, simulator.detector(), simulation::sample_info(config), options.folder);
  observer.log().info("wrote validation.csv and the figures to " + options.folder.string());
  if (observer.stop_requested())
    observer.log().warning("stopped: all events were made before, so nothing is missing");
  return ValidationResult{std::move(*sample), std::move(checks)};
}

}  // namespace stationhit::workflow
