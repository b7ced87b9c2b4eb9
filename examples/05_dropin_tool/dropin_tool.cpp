// Runs a model as the experiment's inference tool does (docs/deployment.md), using ONNX Runtime
// alone; of stationhit::inference it has only the dump of what it did:
//   dropin_tool MODEL.onnx INPUT.root [CUT [LIBRARY]] [--events N] [--dump FILE.jsonl]
// The metadata of the file name the features. The buckets of an event are concatenated, and each
// bucket is fully connected by an edge list in both directions. A logit that is not finite counts
// as -100, and a hit is kept if its logit is above the cut (default -3.6). A file with the
// interface fused_edges needs the operator library libstationhit_ops.so. The events are those of an
// ntuple, all of them or the first N; --dump writes what the model got and what was decided, for
// `stationhit replay`.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <onnxruntime_cxx_api.h>

#include <stationhit/features/features.hpp>
#include <stationhit/graph/nodes.hpp>
#include <stationhit/inference/event_dump.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

namespace {

using namespace stationhit;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Makes edge_index [2, E]: the sources, then the destinations.
std::vector<std::int64_t> edge_list(const graph::NodeTable& nodes) {
  std::vector<std::int64_t> sources, destinations;
  for (std::size_t bucket = 0; bucket < nodes.n_groups(); ++bucket) {
    for (auto from = nodes.offsets[bucket]; from < nodes.offsets[bucket + 1]; ++from) {
      for (auto to = nodes.offsets[bucket]; to < nodes.offsets[bucket + 1]; ++to) {
        if (from == to) continue;
        sources.push_back(from);
        destinations.push_back(to);
      }
    }
  }
  sources.insert(sources.end(), destinations.begin(), destinations.end());
  return sources;
}

class Model {
 public:
  Model(const std::string& path, const char* library)
      : environment_(ORT_LOGGING_LEVEL_ERROR, "dropin_tool"), session_(nullptr) {
    Ort::SessionOptions options;
    options.SetIntraOpNumThreads(1);
    if (library != nullptr) options.RegisterCustomOpsLibrary(library);
    session_ = Ort::Session(environment_, path.c_str(), options);
    const auto metadata = session_.GetModelMetadata();
    const auto text = metadata.LookupCustomMetadataMapAllocated("feature_names",
                                                                Ort::AllocatorWithDefaultOptions());
    if (text == nullptr)
      throw std::runtime_error(path + ": the metadata lack the key feature_names");
    names_ = nlohmann::json::parse(text.get()).get<std::vector<std::string>>();
  }

  [[nodiscard]] const std::vector<std::string>& feature_names() const { return names_; }

  // Returns one logit per node.
  [[nodiscard]] std::vector<float> run(std::vector<float>& features,
                                       std::vector<std::int64_t>& edges) {
    const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    const std::int64_t n_features = static_cast<std::int64_t>(names_.size()),
                       n = static_cast<std::int64_t>(features.size()) / n_features;
    const std::int64_t feature_shape[] = {n, n_features},
                       edge_shape[] = {2, static_cast<std::int64_t>(edges.size()) / 2};
    features.reserve(1);  // so that tensors without elements have a pointer, too
    edges.reserve(1);
    Ort::Value inputs[] = {
        Ort::Value::CreateTensor<float>(memory, features.data(), features.size(), feature_shape, 2),
        Ort::Value::CreateTensor<std::int64_t>(memory, edges.data(), edges.size(), edge_shape, 2)};
    const char* input_names[] = {"features", "edge_index"};
    const char* output_name = "output";
    const auto outputs =
        session_.Run(Ort::RunOptions{nullptr}, input_names, inputs, 2, &output_name, 1);
    const float* logits = outputs[0].GetTensorData<float>();
    return {logits, logits + n};
  }

 private:
  Ort::Env environment_;
  Ort::Session session_;
  std::vector<std::string> names_;
};

struct Totals {
  std::size_t hits = 0, kept = 0, true_hits = 0, true_kept = 0, edges = 0;
  double list_ms = 0, model_ms = 0;
};

// The dump of a tool: what holds for all events is said once.
class Dump {
 public:
  Dump(const std::string& file, const std::string& model, std::vector<std::string> names, float cut)
      : writer_(file) {
    event_.model_hash = inference::hash_model_file(model);
    event_.feature_names = std::move(names);
    event_.cut = cut;
  }

  // Scores are those of the nodes, which the cut decides.
  void write(const core::EventHeader& header, const std::vector<float>& features,
             const std::vector<std::int64_t>& edges, const std::vector<float>& scores) {
    const auto half = edges.begin() + static_cast<std::ptrdiff_t>(edges.size() / 2);
    event_.run_number = header.run_number;
    event_.event_number = header.event_number;
    event_.features = features;
    event_.edge_sources.assign(edges.begin(), half);
    event_.edge_destinations.assign(half, edges.end());
    event_.scores = scores;
    event_.kept.clear();
    for (const float score : scores) event_.kept.push_back(score > event_.cut ? 1 : 0);
    writer_.write(event_);
  }
  void close() { writer_.close(); }

 private:
  inference::EventDumpWriter writer_;
  inference::DumpedEvent event_;
};

void filter(Model& model, const core::Event& event, float cut, Totals& totals,
            Dump* dump = nullptr) {
  graph::GraphConfig buckets;
  buckets.edges = graph::EdgeKind::fully_connected;
  const graph::NodeTable nodes = graph::make_nodes(event, buckets);
  std::vector<float> features =
      features::compute_features(event, nodes, model.feature_names()).values;
  auto start = Clock::now();
  std::vector<std::int64_t> edges = edge_list(nodes);
  totals.list_ms += milliseconds_since(start);
  start = Clock::now();
  std::vector<float> logits = model.run(features, edges);
  totals.model_ms += milliseconds_since(start);
  for (float& logit : logits) logit = std::isfinite(logit) ? logit : -100.0F;
  if (dump != nullptr) dump->write(event.header, features, edges, logits);
  const std::vector<float> scores = graph::hit_scores(nodes, logits, event.hits.size());
  for (std::size_t hit = 0; hit < scores.size(); ++hit) {
    const bool kept = scores[hit] > cut, is_true = event.hits.truth_link[hit] >= 0;
    totals.kept += kept ? 1 : 0;
    totals.true_hits += is_true ? 1 : 0;
    totals.true_kept += kept && is_true ? 1 : 0;
  }
  totals.hits += event.hits.size();
  totals.edges += edges.size() / 2;
}

struct Arguments {
  std::string model, input;
  float cut = -3.6F;
  const char* library = nullptr;
  std::optional<std::uint64_t> n_events;
  const char* dump = nullptr;
};

// Nothing where the text is anything but one number.
template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Nothing where the call is wrong.
std::optional<Arguments> read_arguments(int argc, char** argv) {
  Arguments arguments;
  std::vector<const char*> positional;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option != "--dump" && option != "--events") {
      positional.push_back(argv[i]);
      continue;
    }
    if (++i == argc) return std::nullopt;
    if (option == "--dump") {
      arguments.dump = argv[i];
    } else {
      arguments.n_events = read_number<std::uint64_t>(argv[i]);
      if (!arguments.n_events) return std::nullopt;
    }
  }
  if (positional.size() < 2 || positional.size() > 4) return std::nullopt;
  arguments.model = positional[0];
  arguments.input = positional[1];
  if (positional.size() > 2) {
    const std::optional<float> cut = read_number<float>(positional[2]);
    if (!cut) return std::nullopt;
    arguments.cut = *cut;
  }
  if (positional.size() > 3) arguments.library = positional[3];
  return arguments;
}

void print(const Arguments& arguments, std::uint64_t n_events, const Totals& totals) {
  const double events = std::max(1.0, static_cast<double>(n_events));
  std::printf("%s, %ju events: %zu of %zu hits kept at logit > %g, %zu of %zu true hits\n",
              arguments.input.c_str(), static_cast<std::uintmax_t>(n_events), totals.kept,
              totals.hits, static_cast<double>(arguments.cut), totals.true_kept, totals.true_hits);
  std::printf("%.0f edges per event; list %.2f ms, model %.2f ms per event\n",
              static_cast<double>(totals.edges) / events, totals.list_ms / events,
              totals.model_ms / events);
}

void run(const Arguments& arguments) {
  Model model(arguments.model, arguments.library);
  root_io::DumpReaderOptions options;
  options.need_truth = false;
  if (arguments.n_events) options.range.count = *arguments.n_events;
  root_io::MuonHitDumpReader reader({arguments.input}, options);
  std::optional<Dump> dump;
  if (arguments.dump != nullptr)
    dump.emplace(arguments.dump, arguments.model, model.feature_names(), arguments.cut);
  Totals totals;
  filter(model, core::Event{}, arguments.cut, totals);  // an event without hits must work
  totals = {};
  std::uint64_t n_events = 0;
  for (core::Event event; reader.next(event); ++n_events)
    filter(model, event, arguments.cut, totals, dump ? &*dump : nullptr);
  if (dump) dump->close();
  print(arguments, n_events, totals);
}

}  // namespace

int main(int argc, char** argv) {
  const std::optional<Arguments> arguments = read_arguments(argc, argv);
  if (!arguments) {
    std::fprintf(stderr,
                 "usage: dropin_tool MODEL.onnx INPUT.root [CUT [LIBRARY]] [--events N] "
                 "[--dump FILE.jsonl]\n");
    return 2;
  }
  try {
    run(*arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
