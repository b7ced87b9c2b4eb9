// stationhit infer MODEL IN.root -o OUT.root: the events of the input with a score per hit, or
// without the hits below the cut.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <numeric>
#include <optional>

#include <CLI/CLI.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/scored_ntuple.hpp>

#include "frame/verbs.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;
using inference::HitClassifier;

struct InferOptions {
  fs::path model, input, output, dump;
  std::string mode = "score";
  std::string working_point;  // empty: 0.99 where the model has it
  std::optional<float> cut;
  std::uint64_t dump_event = 0;
};

struct Totals {
  std::uint64_t events = 0, hits = 0, kept = 0, non_finite = 0, no_logit = 0;

  void add(const core::Event& event, const std::vector<float>& scores, std::optional<float> cut) {
    const auto bad = core::non_finite_hits(event.hits);
    ++events;
    hits += event.hits.size();
    non_finite += std::accumulate(bad.begin(), bad.end(), std::uint64_t{0});
    for (std::size_t hit = 0; hit < scores.size(); ++hit)
      no_logit += bad[hit] == 0 && scores[hit] == graph::score_without_node ? 1 : 0;
    if (cut)
      kept += static_cast<std::uint64_t>(
          std::count_if(scores.begin(), scores.end(), [&](float score) { return score > *cut; }));
  }
};

// In mode score a cut is only for the summary, so a model without thresholds will do.
std::optional<float> find_cut(const HitClassifier& classifier, const InferOptions& options) {
  if (options.cut && !std::isfinite(*options.cut))
    throw core::UsageError("--cut: expected a finite logit, found " + core::to_text(*options.cut));
  if (options.cut) return options.cut;
  const bool needed = options.mode == "filter" || !options.working_point.empty();
  if (!needed && classifier.model().metadata().thresholds.empty()) return std::nullopt;
  return classifier.threshold(options.working_point.empty() ? "0.99" : options.working_point);
}

std::vector<std::uint8_t> above(const std::vector<float>& scores, float cut) {
  std::vector<std::uint8_t> keep(scores.size());
  std::transform(scores.begin(), scores.end(), keep.begin(),
                 [cut](float score) { return score > cut ? std::uint8_t{1} : std::uint8_t{0}; });
  return keep;
}

void write_dump(const HitClassifier& classifier, const core::Event& event, const fs::path& path) {
  const inference::PreparedEvents prepared = classifier.prepare({&event, 1});
  const inference::ModelInputs& inputs = prepared.inputs;
  const graph::NodeTable& nodes = prepared.nodes.front();
  const std::vector<float> logits = classifier.node_logits(prepared);
  const auto n = static_cast<std::int64_t>(inputs.n_nodes);
  const auto n_features =
      static_cast<std::int64_t>(classifier.model().metadata().feature_names.size());
  const auto view = []<class T>(const std::vector<T>& values, std::vector<std::int64_t> shape) {
    return data::view_tensor(std::span<const T>(values), std::move(shape));
  };
  std::vector<data::NamedTensor> tensors{
      {"features", view(inputs.features, {n, n_features})},
      {"node_hit", view(nodes.hit, {n})},
      {"group_offsets", view(nodes.offsets, {static_cast<std::int64_t>(nodes.offsets.size())})},
      {"logits", view(logits, {n})}};
  if (classifier.model().table_inputs().neighbors)
    tensors.push_back({"neighbours", view(inputs.neighbors, {n, inputs.k})});
  if (classifier.model().table_inputs().slots) {
    tensors.push_back({"slots", view(inputs.slots, {static_cast<std::int64_t>(inputs.slots.size()) /
                                                        inputs.longest,
                                                    inputs.longest})});
    tensors.push_back({"slot_of_node", view(inputs.slot_of_node, {n})});
  }
  std::vector<std::int64_t> edges = inputs.edge_sources;
  edges.insert(edges.end(), inputs.edge_destinations.begin(), inputs.edge_destinations.end());
  if (classifier.model().interface() == inference::Interface::edges) {
    tensors.push_back(
        {"edge_index", view(edges, {2, static_cast<std::int64_t>(inputs.edge_sources.size())})});
  }
  data::write_safetensors(path, tensors);
}

// Reads some events ahead, scores them on all threads and hands them on in their order.
class ScoringLoop {
 public:
  ScoringLoop(const Program& program, const HitClassifier& classifier, core::EventReader& reader,
              unsigned threads)
      : program_(program),
        classifier_(classifier),
        reader_(reader),
        threads_(threads),
        events_(4 * std::size_t{threads}),
        scores_(events_.size()) {}

  // sink(event, scores, entry of the event in the file)
  template <class Sink>
  void run(Sink&& sink) {
    const auto progress = program_.start_progress("infer", reader_.size().value_or(0));
    std::uint64_t done = 0;
    while (const std::size_t n = fill()) {
      core::parallel_for(n, threads_,
                         [&](std::size_t i) { scores_[i] = classifier_.scores(events_[i]); });
      for (std::size_t i = 0; i < n; ++i) sink(events_[i], scores_[i], done++);
      progress->update(done);
      if (program_.stop_requested())
        throw core::DataError("interrupted after " + std::to_string(done) +
                              " events: no output is kept");
    }
  }

 private:
  std::size_t fill() {
    std::size_t n = 0;
    while (n < events_.size() && reader_.next(events_[n])) ++n;
    return n;
  }

  const Program& program_;
  const HitClassifier& classifier_;
  core::EventReader& reader_;
  unsigned threads_;
  std::vector<core::Event> events_;
  std::vector<std::vector<float>> scores_;
};

void print_summary(const InferOptions& options, const Totals& totals, std::optional<float> cut,
                   double seconds) {
  std::printf("%s: %ju events, %ju hits", options.output.c_str(), std::uintmax_t{totals.events},
              std::uintmax_t{totals.hits});
  if (totals.non_finite > 0)
    std::printf(", %ju of them with NaN or Inf (score -100)", std::uintmax_t{totals.non_finite});
  std::printf("; %.1f events/s\n", static_cast<double>(totals.events) / seconds);
  if (!cut) return;
  const double share = totals.hits == 0 ? 0.0
                                        : 100.0 * static_cast<double>(totals.kept) /
                                              static_cast<double>(totals.hits);
  std::printf("hits above the cut %.4f: %ju, %.3f %% (%.1f per event), reduction by %.3f %%\n",
              static_cast<double>(*cut), std::uintmax_t{totals.kept}, share,
              static_cast<double>(totals.kept) /
                  static_cast<double>(std::max<std::uint64_t>(1, totals.events)),
              100.0 - share);
}

void run_infer(const Program& program, const InferOptions& options) {
  const HitClassifier classifier(options.model);
  const std::optional<float> cut = find_cut(classifier, options);
  root_io::DumpReaderOptions reading;
  reading.non_finite = root_io::NonFinite::keep;
  reading.need_truth = false;
  root_io::MuonHitDumpReader reader({options.input}, reading);
  const std::uint64_t n_events = reader.size().value();
  if (!options.dump.empty() && options.dump_event >= n_events) {
    throw core::UsageError("--dump-event " + std::to_string(options.dump_event) + ": " +
                           options.input.string() + " has " + std::to_string(n_events) +
                           " events, counted from 0; no output is kept");
  }
  const bool filter = options.mode == "filter";
  root_io::ScoredNtupleWriter writer(
      options.input, options.output,
      filter ? root_io::ScoredMode::filter : root_io::ScoredMode::score);
  Totals totals;
  const auto start = std::chrono::steady_clock::now();
  ScoringLoop(program, classifier, reader,
              core::resolve_threads(program.options.threads.value_or(0)))
      .run([&](const core::Event& event, const std::vector<float>& scores, std::uint64_t entry) {
        if (!options.dump.empty() && entry == options.dump_event)
          write_dump(classifier, event, options.dump);
        totals.add(event, scores, cut);
        writer.write(entry, scores, filter ? above(scores, *cut) : std::vector<std::uint8_t>());
      });
  writer.close();
  if (totals.no_logit > 0) {
    program.log().warning(options.model.string() + " gives no finite logit for " +
                          std::to_string(totals.no_logit) + " of " + std::to_string(totals.hits) +
                          " hits: they count as " + core::to_text(graph::score_without_node) +
                          " and pass no cut; check the model");
  }
  print_summary(options, totals, cut,
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

}  // namespace

void add_infer(CLI::App& app, Program& program) {
  auto* verb =
      app.add_subcommand("infer", "Score or filter the hits of a ROOT file with an ONNX file");
  auto options = std::make_shared<InferOptions>();
  add_output_options(*verb, program);
  verb->add_option("model", options->model, "ONNX file")->required();
  verb->add_option("input", options->input, "ROOT ntuple (tree MuonHitDump)")->required();
  verb->add_option("-o,--output", options->output, "ROOT file to write")->required();
  verb->add_option("--mode", options->mode,
                   "score: all hits, with spacePoint_score; filter: only the hits above the cut")
      ->check(CLI::IsMember({"score", "filter"}))
      ->capture_default_str();
  auto* point =
      verb->add_option("--working-point", options->working_point,
                       "Working point of the model that gives the cut; 0.99 if not given");
  verb->add_option("--cut", options->cut, "The cut itself: hits with a logit above it are kept")
      ->excludes(point);
  verb->add_option("--threads", program.options.threads, "Threads; all cores if not given");
  verb->add_option("--dump-inputs", options->dump,
                   "Also write what the model got and gave for one event, as safetensors");
  verb->add_option("--dump-event", options->dump_event, "Which event, from 0")
      ->capture_default_str();
  verb->callback([&program, options] { run_infer(program, *options); });
}

}  // namespace stationhit::app
