// Everything that can be refused is looked at before the scores are read, which takes longest. The
// scores of the first run stay in memory, those of the others are read one after the other.
#include <algorithm>
#include <cctype>
#include <utility>
#include <variant>

#include <stationhit/architecture/cost.hpp>
#include <stationhit/config/load.hpp>
#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/root_io/score_file.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/workflow/compare_runs.hpp>
#include <stationhit/workflow/describe_file.hpp>

#include "training_curves.hpp"
#include "training_texts.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

constexpr const char* unprintable = "#|,\\^{}<>\"";  // in tables and in the markup of figures

fs::path config_of(const fs::path& run) { return run / "config.yaml"; }
fs::path results_of(const fs::path& run) { return run / "test" / "metrics.json"; }
fs::path scores_of(const fs::path& run) { return run / "test" / "scores.root"; }

std::string test_again(const fs::path& run) {
  return "`stationhit test -c " + config_of(run).string() + "`";
}

void require_tested_run(const fs::path& run) {
  if (!fs::is_directory(run))
    throw core::DataError(run.string() + ": no such run directory; check the path");
  if (!fs::exists(config_of(run)))
    throw core::DataError(run.string() +
                          ": not a run directory, there is no config.yaml in it; give the "
                          "experiment_dir of a training");
  for (const fs::path& file : {results_of(run), scores_of(run)})
    if (!fs::exists(file))
      throw core::DataError(run.string() + ": has no test results yet (" + file.string() +
                            " is missing); make them with " + test_again(run));
}

void require_different_runs(const std::vector<fs::path>& runs) {
  for (std::size_t i = 0; i < runs.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (fs::equivalent(runs[i], runs[j]))
        throw core::UsageError(runs[i].string() + " is the same run as " + runs[j].string() +
                               "; give each run once");
}

std::string directory_name(const fs::path& run) { return fs::canonical(run).filename().string(); }

void require_name(const std::string& name) {
  const bool has_control =
      std::ranges::any_of(name, [](unsigned char letter) { return letter < ' '; });
  if (name.empty() || has_control || name.find_first_of(unprintable) != std::string::npos)
    throw core::UsageError("the name \"" + name +
                           "\" of a run cannot stand in tables and legends; "
                           "give names without any of " +
                           unprintable + " with --names");
}

std::vector<std::string> find_names(const CompareOptions& options) {
  std::vector<std::string> names = options.names;
  if (names.empty())
    for (const fs::path& run : options.runs) names.push_back(directory_name(run));
  if (names.size() != options.runs.size())
    throw core::UsageError("--names has " + std::to_string(names.size()) + " names for " +
                           std::to_string(options.runs.size()) + " runs; give one for each");
  for (std::size_t i = 0; i < names.size(); ++i) {
    require_name(names[i]);
    const auto before =
        std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]);
    if (before != names.begin() + static_cast<std::ptrdiff_t>(i))
      throw core::UsageError(
          "two runs have the name \"" + names[i] +
          "\": " + options.runs[static_cast<std::size_t>(before - names.begin())].string() +
          " and " + options.runs[i].string() + "; name all with --names");
  }
  return names;
}

// What is in the folder must be an earlier comparison: its files are replaced.
void require_output(const fs::path& folder) {
  core::require_output_folder(folder);
  core::require_output_folder(folder / "plots");
  if (fs::is_directory(folder) && !fs::is_empty(folder) && !fs::exists(folder / "compare.json"))
    throw core::DataError(folder.string() +
                          ": holds other files than a comparison; give an empty or new folder "
                          "with -o");
}

struct LoadedRun {
  config::RunConfig config;
  evaluation::TestResults results;
};

LoadedRun load_run(const fs::path& run) {
  return {config::load<config::RunConfig>(config_of(run), {}),
          evaluation::read_test_results(results_of(run))};
}

std::vector<double> working_points_of(const evaluation::TestResults& results) {
  std::vector<double> points;
  for (const auto& point : results.working_points) points.push_back(point.working_point);
  return points;
}

void require_same_points(const CompareOptions& options, const std::vector<LoadedRun>& runs) {
  const std::vector<double> first = working_points_of(runs.front().results);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::vector<double> other = working_points_of(runs[i].results);
    if (other.empty() || other != first)
      throw core::DataError(options.runs[i].string() + ": tested at the working points " +
                            core::value_text(other) + ", " + options.runs.front().string() +
                            " at " + core::value_text(first) +
                            "; compare runs that were trained with the same working_points");
  }
}

void warn_of_other_checkpoints(const std::vector<fs::path>& folders,
                               const std::vector<LoadedRun>& runs, const core::Logger& log) {
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string& checkpoint = runs[i].results.checkpoint;
    if (!checkpoint.empty())
      log.warning(folders[i].string() + ": its results are those of " + checkpoint +
                  ", not of its best checkpoint; make these with " + test_again(folders[i]));
  }
}

std::vector<evaluation::ComparedSetting> find_different_settings(
    const std::vector<LoadedRun>& runs) {
  std::vector<evaluation::ComparedSetting> settings;
  for (const LoadedRun& run : runs) {
    auto setting = settings.begin();
    core::visit_settings(
        run.config, "",
        [&](const std::string& path, const auto& value, const char*, const core::SettingRule&) {
          if (&run == &runs.front())
            settings.push_back({path, {core::value_text(value)}});
          else
            (setting++)->values.push_back(core::value_text(value));
        });
  }
  // The run directories are in the table of the runs.
  std::erase_if(settings, [](const evaluation::ComparedSetting& setting) {
    return setting.key == "experiment_dir" ||
           std::ranges::count(setting.values, setting.values.front()) == std::ssize(setting.values);
  });
  return settings;
}

// What the manifest of the test split says where it is still there, else the configuration.
core::SampleInfo find_sample(const config::RunConfig& run) {
  core::SampleInfo sample;
  try {
    const FileDescription split = describe_file(run.test_path);
    if (const auto* shards = std::get_if<data::SplitManifest>(&split))
      sample = shards->provenance.sample;
    if (const auto* parts = std::get_if<materialized::Manifest>(&split)) sample = parts->sample;
  } catch (const core::Error&) {
    // Results are compared without the data that they were made of.
  }
  if (sample.origin.empty()) sample.origin = run.sample_label;
  return sample;
}

// The events of the first run have one label, whichever of the runs on them still knows it.
core::SampleInfo label_samples(const std::vector<evaluation::ComparedRun>& runs,
                               const std::vector<LoadedRun>& loaded) {
  std::vector<core::SampleInfo> samples(1);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    core::SampleInfo sample = find_sample(loaded[i].config);
    if (!runs[i].same_events)
      samples.push_back(std::move(sample));
    else if (samples.front().origin.empty())
      samples.front() = std::move(sample);
  }
  return core::combine_samples(samples);
}

std::vector<std::pair<std::string, std::string>> summarize(const fs::path& run,
                                                           const LoadedRun& loaded) {
  const config::RunConfig& config = loaded.config;
  const auto cost =
      architecture::compute_cost(architecture::describe_network(config.model, config.features));
  const fs::path best = training::best_checkpoint(run);
  std::string best_epoch = "-", device = "-";
  if (fs::exists(best)) {
    const training::CheckpointMetadata metadata = training::read_checkpoint_metadata(best);
    best_epoch = std::to_string(metadata.epoch);
    device = describe_device(metadata);
  }
  return {
      {"folder", run.string()},
      {"architecture", config.model.architecture},
      {"parameters", std::to_string(cost.parameters)},
      {"seed", std::to_string(config.seed)},
      {"optimizer", std::string(core::name(config.training.optimizer.name))},
      {"schedule", describe_schedule(config.training)},
      {"weights", describe_weights(config.training)},
      {"device", device},
      {"epochs", describe_epochs(run, config.training)},
      {"best epoch", best_epoch},
      {"tested checkpoint", loaded.results.checkpoint.empty() ? "best" : loaded.results.checkpoint},
      {"test events", std::to_string(loaded.results.n_events)}};
}

// The scores must be those that the results were measured on.
void require_scores_of_results(const fs::path& run, const evaluation::TestResults& results,
                               const evaluation::PointCounts& counts, std::uint64_t n_events) {
  bool same = n_events == results.n_events;
  for (std::size_t i = 0; same && i < counts.thresholds.size(); ++i)
    same = counts.thresholds[i] == results.working_points[i].threshold;
  if (!same)
    throw core::DataError(scores_of(run).string() +
                          ": these are not the scores of metrics.json beside it; make both again "
                          "with " +
                          test_again(run));
}

std::vector<evaluation::ComparedRun> compare_scores(const CompareOptions& options,
                                                    const std::vector<std::string>& names,
                                                    const std::vector<LoadedRun>& loaded,
                                                    const core::Observer& observer) {
  const std::vector<double> points = working_points_of(loaded.front().results);
  const auto progress = observer.start_progress("compare", options.runs.size());
  metrics::ScoredSample first_sample;
  evaluation::PointCounts first_counts;
  std::vector<evaluation::ComparedRun> runs;
  for (std::size_t i = 0; i < options.runs.size(); ++i) {
    const fs::path& folder = options.runs[i];
    metrics::ScoredSample sample = root_io::read_scores(scores_of(folder));
    evaluation::PointCounts counts = evaluation::count_points(sample, points);
    require_scores_of_results(folder, loaded[i].results, counts, sample.n_events());
    runs.push_back({.name = names[i],
                    .folder = folder,
                    .summary = summarize(folder, loaded[i]),
                    .results = loaded[i].results,
                    .curve = std::move(counts.curve),
                    .same_events = i == 0 || evaluation::have_same_events(first_sample, sample)});
    if (i == 0) {
      first_sample = std::move(sample);
      first_counts = std::move(counts);
    } else if (runs.back().same_events) {
      runs.back().differences = evaluation::paired_differences(first_counts, counts);
    }
    progress->update(i + 1);
  }
  return runs;
}

// Losses, AUC and purity by epoch: what was measured on a sample. Each has a figure of its own,
// where the curves of a single run share one.
std::vector<evaluation::TrainingCurve> compared_curves() {
  std::vector<evaluation::TrainingCurve> curves = training_curves();
  std::erase_if(curves, [](const auto& curve) { return curve.label.empty(); });
  for (evaluation::TrainingCurve& curve : curves) {
    curve.figure = curve.column;
    std::ranges::replace(curve.figure, '.', '_');
    curve.label.front() = static_cast<char>(std::tolower(curve.label.front()));
    curve.axis_title += ", " + curve.label;
    curve.label.clear();
  }
  return curves;
}

}  // namespace

evaluation::RunComparison compare_runs(const CompareOptions& options,
                                       const core::Observer& observer) {
  if (options.runs.size() < 2 || options.runs.size() > most_compared_runs)
    throw core::UsageError(std::to_string(options.runs.size()) +
                           " runs given; compare takes 2 to " + std::to_string(most_compared_runs));
  for (const fs::path& run : options.runs) require_tested_run(run);
  require_different_runs(options.runs);
  const std::vector<std::string> names = find_names(options);
  require_output(options.output);
  std::vector<LoadedRun> loaded;
  for (const fs::path& run : options.runs) loaded.push_back(load_run(run));
  require_same_points(options, loaded);
  warn_of_other_checkpoints(options.runs, loaded, observer.log());

  const core::DirectoryLock lock(options.output, observer.log());
  evaluation::RunComparison comparison;
  comparison.settings = find_different_settings(loaded);
  comparison.training_curves = compared_curves();
  comparison.runs = compare_scores(options, names, loaded, observer);
  comparison.sample = label_samples(comparison.runs, loaded);
  evaluation::write_run_comparison(comparison, options.output, observer.log());
  return comparison;
}

}  // namespace stationhit::workflow
