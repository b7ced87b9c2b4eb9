// stationhit prune: smaller and smaller networks out of a trained one, each trained on, tested and
// exported; the curve of what that costs.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/exporter/exporter.hpp>
#include <stationhit/inference/latency.hpp>
#include <stationhit/metrics/working_points.hpp>
#include <stationhit/models/cost.hpp>
#include <stationhit/plots/figure.hpp>
#include <stationhit/training/pruning.hpp>
#include <stationhit/workflow/evaluate_checkpoint.hpp>
#include <stationhit/workflow/train.hpp>
#include <stationhit/workflow/trained_network.hpp>

#include "frame/verbs.hpp"
#include "print_results.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t latency_events = 20;
constexpr std::size_t latency_passes = 6;

// A network of the curve. Its folder is a run directory.
struct Point {
  fs::path folder;
  architecture::ModelConfig model;
  std::uint64_t parameters = 0;
  evaluation::Estimate purity;  // at the reference working point
  double milliseconds = 0;      // per event, ONNX Runtime, one thread, median
};

std::string sizes_of(const architecture::ModelConfig& model) {
  std::string text = "width " + std::to_string(model.width) + ", " +
                     std::to_string(model.encoding.scales.size()) + " scales";
  if (model.architecture == "edgeconv_gat" || model.architecture == "edgeconv_attention")
    text += ", " + std::to_string(model.heads) + " heads";
  if (model.architecture == "edgeconv_attention")
    text += ", feed-forward " + std::to_string(model.feed_forward);
  for (const auto width : model.head) text += ", head " + std::to_string(width);
  return text;
}

class Pruning {
 public:
  Pruning(const Program& program, const config::RunConfig& run)
      : program_(program),
        run_(run),
        splits_(workflow::open_splits(run, program.options.config_file)),
        folder_(fs::path(run.experiment_dir) / "prune") {}

  void start() {
    auto trained = workflow::load_trained_network(run_).loaded;
    if (program_.options.debug) return show_sizes(trained);
    if (!add_point(trained, folder_ / "step_0")) return;
    for (std::int32_t step = 1; step <= run_.prune.steps; ++step) {
      const fs::path folder = folder_ / ("step_" + std::to_string(step));
      if (!fine_tune(trained, folder) || !add_point(trained, folder))
        return program_.log().warning("stopped: the same command goes on from here");
    }
    measure();
    write_curve();
  }

 private:
  training::Importance importance_of(const training::LoadedNetwork& trained, std::int32_t events) {
    return training::importance(trained, workflow::make_training_run(run_),
                                workflow::make_training_data(splits_, run_.seed), events);
  }

  // What the steps would leave, without training.
  void show_sizes(training::LoadedNetwork trained) {
    for (std::int32_t step = 1; step <= run_.prune.steps; ++step) {
      const auto scores = importance_of(trained, std::min(run_.prune.events, std::int32_t{10}));
      trained = training::prune(
          trained, training::pruned_model(trained.metadata.model, run_.prune, scores), scores);
      std::printf("step %d: %ju parameters, %s\n", step,
                  static_cast<std::uintmax_t>(parameters(trained)),
                  sizes_of(trained.metadata.model).c_str());
    }
  }

  static std::uint64_t parameters(const training::LoadedNetwork& trained) {
    return models::cost(trained.metadata.model, trained.metadata.feature_names).parameters;
  }

  // The pruned network is written first, so that a run that is continued prunes the same.
  fs::path pruned_network(const training::LoadedNetwork& trained, const fs::path& folder) {
    fs::path file = folder / "pruned.safetensors";
    if (fs::exists(file)) return file;
    fs::create_directories(folder);
    program_.log().info("importance of " + std::to_string(parameters(trained)) + " parameters on " +
                        std::to_string(run_.prune.events) + " events");
    const auto scores = importance_of(trained, run_.prune.events);
    training::write_network(
        file,
        training::prune(trained, training::pruned_model(trained.metadata.model, run_.prune, scores),
                        scores));
    return file;
  }

  config::RunConfig run_of(const training::LoadedNetwork& network, const fs::path& folder) const {
    config::RunConfig run = run_;
    run.experiment_dir = folder;
    run.checkpoint_path.clear();
    run.model = network.metadata.model;
    run.training.epochs = run_.prune.epochs;
    run.training.optimizer.learning_rate = run_.prune.learning_rate;
    run.training.early_stopping.enabled = false;
    run.training.loss.pos_weight = network.metadata.pos_weight;
    return run;
  }

  // trained becomes the next network. False: stopped.
  bool fine_tune(training::LoadedNetwork& trained, const fs::path& folder) {
    const fs::path start = pruned_network(trained, folder);
    const auto pruned = training::load_network(start);
    std::printf("%s: %ju parameters, %s\n", folder.c_str(),
                static_cast<std::uintmax_t>(parameters(pruned)),
                sizes_of(pruned.metadata.model).c_str());
    const config::RunConfig run = run_of(pruned, folder);
    auto settings = workflow::make_training_run(run);
    settings.initial_weights = start;
    const auto result = workflow::train_network(run, settings, splits_, program_, print_epoch);
    if (result.interrupted) return false;
    trained = training::load_network(result.best_checkpoint);
    return true;
  }

  bool add_point(const training::LoadedNetwork& network, const fs::path& folder) {
    config::RunConfig run = run_;
    run.experiment_dir = folder;
    const auto result = workflow::evaluate_checkpoint(
        run, network, {program_.options.config_file, false}, program_);
    if (!result) return false;
    print_test(*result);
    Point point{folder, network.metadata.model, parameters(network), {}, 0};
    for (const auto& at : result->evaluation.working_points) {
      if (at.working_point == result->evaluation.reference_point)
        point.purity = at.estimates["purity"];
    }
    fs::create_directories(folder / "checkpoints");
    exporter::export_network(*network.network, {network.metadata.graph, network.metadata.thresholds,
                                                network.metadata.pos_weight, ""})
        .write(folder / "checkpoints" / "model.onnx");
    points_.push_back(std::move(point));
    return true;
  }

  // All models in turns: the machine may be busy. The graph is the same for all.
  void measure() {
    std::vector<inference::HitClassifier> models;
    for (const Point& point : points_)
      models.emplace_back(point.folder / "checkpoints" / "model.onnx");
    std::vector<inference::PreparedEvents> events;
    for (auto& event : workflow::read_first_events(*splits_.test, latency_events,
                                                   core::resolve_threads(run_.threads))) {
      events.push_back(models.front().prepare(std::move(event.inputs)));
    }
    std::vector<const inference::HitClassifier*> in_turn;
    for (const auto& model : models) in_turn.push_back(&model);
    const auto times = inference::measure_sessions(in_turn, events, latency_passes);
    for (std::size_t i = 0; i < points_.size(); ++i) points_[i].milliseconds = times[i].ms.p50;
  }

  void write_curve() {
    std::string csv = "folder,parameters,ms_per_event,purity,purity_low,purity_high,sizes\n";
    std::printf("\n%-10s %12s %10s %28s  %s\n", "network", "parameters", "ms/event",
                "purity at 99 %", "");
    for (const Point& point : points_) {
      const auto& [purity, interval] = point.purity;
      std::printf("%-10s %12ju %10.2f %12.4f [%.4f, %.4f]  %s\n", point.folder.filename().c_str(),
                  static_cast<std::uintmax_t>(point.parameters), point.milliseconds, purity,
                  interval.low, interval.high, sizes_of(point.model).c_str());
      csv += point.folder.filename().string() + "," + std::to_string(point.parameters) + "," +
             core::to_text(point.milliseconds) + "," + core::to_text(purity) + "," +
             core::to_text(interval.low) + "," + core::to_text(interval.high) + ",\"" +
             sizes_of(point.model) + "\"\n";
    }
    core::write_text_file(folder_ / "curve.csv", csv);
    draw("purity_and_latency", {.title = "ms per event, ONNX Runtime, one thread"},
         [](const Point& point) { return point.milliseconds; });
    draw("purity_and_parameters", {.title = "Parameters", .log = true},
         [](const Point& point) { return static_cast<double>(point.parameters); });
    std::printf("wrote %s and two figures beside it\n", (folder_ / "curve.csv").c_str());
  }

  template <class Quantity>
  void draw(const std::string& stem, const plots::Axis& x, const Quantity& quantity) const {
    plots::Series points{.label = run_.model.architecture, .draw = plots::Draw::line_with_points};
    for (const Point& point : points_) {
      points.x.push_back(quantity(point));
      points.y.push_back(point.purity.value);
      points.y_low.push_back(point.purity.interval.low);
      points.y_high.push_back(point.purity.interval.high);
    }
    const core::SampleInfo sample = workflow::label_sample(*splits_.test, run_.sample_label);
    plots::Figure figure;
    figure.stem = stem;
    figure.x = x;
    figure.y.title = "Purity at 99 % hit efficiency";
    figure.series = {points};
    plots::write_figure(figure, plots::style_of(sample), folder_);
  }

  const Program& program_;
  const config::RunConfig& run_;
  workflow::Splits splits_;
  fs::path folder_;
  std::vector<Point> points_;
};

void run(const Program& program) {
  const auto run_config =
      config::load<config::RunConfig>(program.options.config_file, program.overrides());
  training::keep_freed_memory();
  Pruning(program, run_config).start();
}

}  // namespace

void add_prune(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand(
      "prune", "Make smaller networks out of a trained one and draw what that costs");
  add_common_options(*verb, program);
  verb->callback([&program] { run(program); });
}

}  // namespace stationhit::app
