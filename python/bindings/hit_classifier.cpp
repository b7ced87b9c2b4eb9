// One event is scored where its arrays are. Of many events all hits stand one after the other in
// the same columns, and each event is a part of them; threads take one event at a time.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/named_enum.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/inference/load_warnings.hpp>
#include <stationhit/onnx_file/model_library.hpp>

#include "bindings.hpp"
#include "event_reader.hpp"
#include "full_events.hpp"
#include "new_array.hpp"

namespace stationhit::python {
namespace {

namespace fs = std::filesystem;
using inference::HitClassifier;
using namespace nb::literals;

template <class Choice>
Choice to_choice(const std::string& given, const char* parameter) {
  if (const auto choice = core::value_of<Choice>(given)) return *choice;
  const std::vector<std::string> names = core::all_names<Choice>();
  throw core::UsageError(std::string(parameter) + " is '" + given + "', expected one of " +
                         core::join(names));
}

HitClassifier load(const fs::path& file, const std::string& backend, const std::string& precision,
                   unsigned threads, bool accept_changed) {
  inference::LoadOptions options;
  options.backend = to_choice<inference::BackendChoice>(backend, "backend");
  options.precision = to_choice<inference::Precision>(precision, "precision");
  options.session.intra_op_threads = threads;
  if (accept_changed) options.session.changed_model = onnx_file::ChangedModel::accept;
  const nb::gil_scoped_release others_run;
  return HitClassifier(file, options);
}

std::span<float> room_for(nb::handle out, std::size_t n_hits, Arrays& arrays) {
  const std::span<float> scores = arrays.write_to<float>(out, "out");
  if (scores.size() == n_hits) return scores;
  const std::string message = "out has room for " + std::to_string(scores.size()) +
                              " scores, but there are " + std::to_string(n_hits) + " hits";
  throw nb::value_error(message.c_str());
}

// Calls write(memory) for n_hits scores: `out` if it is given, else a new array.
template <class Write>
nb::object fill_scores(nb::handle out, std::size_t n_hits, Arrays& arrays, Write&& write) {
  if (!out.is_none()) {
    write(room_for(out, n_hits, arrays));
    return nb::borrow(out);
  }
  NewArray<float> scores(n_hits);
  write(scores.span());
  return nb::cast(std::move(scores).to_python());
}

nb::object score_event(const HitClassifier& classifier, nb::handle given, nb::handle out,
                       bool check) {
  EventArrays event = read_event(columns_of(given));
  const auto score = [&](std::span<float> scores) {
    const nb::gil_scoped_release others_run;
    if (check) {
      classifier.scores(event.columns, scores);
    } else {
      classifier.scores_unchecked(event.columns, scores);
    }
  };
  return fill_scores(out, event.columns.hits.n_hits, event.arrays, score);
}

// Of many events. Buckets are numbered through; without any, event_buckets is empty.
struct ManyEvents {
  Arrays arrays;
  core::HitColumns hits;
  std::span<const std::int64_t> event_hits;      // [n_events + 1]
  std::span<const std::int64_t> event_buckets;   // [n_events + 1]
  std::span<const std::int64_t> bucket_entries;  // [n_buckets + 1]
  std::span<const std::uint32_t> bucket_hits;    // numbered from the first hit of the event
  std::span<const float> x_min, x_max;
  std::span<const std::uint64_t> event_numbers;  // [n_events]

  [[nodiscard]] std::size_t size() const { return event_hits.size() - 1; }
};

template <class T>
std::span<const T> part_of(std::span<const T> values, std::span<const std::int64_t> offsets,
                           std::size_t i) {
  if (values.empty()) return {};
  return values.subspan(static_cast<std::size_t>(offsets[i]),
                        static_cast<std::size_t>(offsets[i + 1] - offsets[i]));
}

void set_buckets(const ManyEvents& events, std::size_t i, std::vector<std::uint32_t>& offsets,
                 core::BucketColumns& buckets) {
  const auto first = static_cast<std::size_t>(events.event_buckets[i]);
  const auto last = static_cast<std::size_t>(events.event_buckets[i + 1]);
  count_entries(events.bucket_entries, first, last, i, offsets);
  buckets.n_buckets = last - first;
  buckets.offsets = offsets;
  buckets.hits = events.bucket_hits.subspan(static_cast<std::size_t>(events.bucket_entries[first]),
                                            offsets.back());
  buckets.x_min = part_of(events.x_min, events.event_buckets, i);
  buckets.x_max = part_of(events.x_max, events.event_buckets, i);
}

// offsets: memory for those of the buckets.
core::EventColumns event_of(const ManyEvents& events, std::size_t i,
                            std::vector<std::uint32_t>& offsets) {
  core::EventColumns event;
  event.header.event_number = events.event_numbers[i];
  event.hits.n_hits = static_cast<std::size_t>(events.event_hits[i + 1] - events.event_hits[i]);
  core::for_each_column([&](const char*, auto member, auto) {
    event.hits.*member = part_of(events.hits.*member, events.event_hits, i);
  });
  if (!events.event_buckets.empty()) set_buckets(events, i, offsets, event.buckets);
  return event;
}

void read_buckets(const nb::dict& given, ManyEvents& events) {
  events.bucket_hits = events.arrays.read<std::uint32_t>(given["hits"], "bucket_spacePoints");
  events.bucket_entries =
      read_offsets(given["entries"], "bucket_offsets", events.bucket_hits.size(), events.arrays);
  const std::size_t n_buckets = events.bucket_entries.size() - 1;
  events.event_buckets =
      read_offsets(given["events"], "buckets of the events", n_buckets, events.arrays);
  if (!given.contains("x_min")) return;
  events.x_min = events.arrays.read<float>(given["x_min"], "bucket_xMin");
  events.x_max = events.arrays.read<float>(given["x_max"], "bucket_xMax");
  if (events.x_min.size() != n_buckets || events.x_max.size() != n_buckets)
    throw nb::value_error("bucket_xMin and bucket_xMax have one value per bucket");
}

// Asks between parts whether the user has pressed Ctrl-C.
void score_all(const HitClassifier& classifier, const ManyEvents& events, unsigned threads,
               std::span<float> scores) {
  const std::size_t part = std::size_t{16} * std::max(threads, 1U);
  for (std::size_t first = 0; first < events.size(); first += part) {
    const std::size_t n = std::min(part, events.size() - first);
    {
      const nb::gil_scoped_release others_run;
      core::parallel_for(n, threads, [&](std::size_t i) {
        std::vector<std::uint32_t> offsets;
        const core::EventColumns event = event_of(events, first + i, offsets);
        const auto begin = static_cast<std::size_t>(events.event_hits[first + i]);
        classifier.scores(event, scores.subspan(begin, event.hits.n_hits));
      });
    }
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  }
}

nb::object score_events(const HitClassifier& classifier, const nb::dict& hits,
                        nb::handle event_hits, const std::optional<nb::dict>& buckets,
                        nb::handle event_numbers, unsigned threads, nb::handle out) {
  ManyEvents events;
  read_hits(hits, events.arrays, events.hits);
  events.event_hits =
      read_offsets(event_hits, "hits of the events", events.hits.n_hits, events.arrays);
  events.event_numbers = events.arrays.read<std::uint64_t>(event_numbers, "eventNumber");
  if (events.event_numbers.size() != events.size())
    throw nb::value_error("eventNumber has one value per event");
  if (buckets) read_buckets(*buckets, events);
  core::check_threads(threads);
  return fill_scores(out, events.hits.n_hits, events.arrays, [&](std::span<float> scores) {
    score_all(classifier, events, threads, scores);
  });
}

std::vector<std::string> needed_columns(const HitClassifier& classifier, bool buckets) {
  return classifier.needed_columns(buckets ? inference::EventBuckets::present
                                           : inference::EventBuckets::missing);
}

void add_properties(nb::class_<HitClassifier>& of_class) {
  const auto model = [](const HitClassifier& classifier) -> const inference::Model& {
    return classifier.model();
  };
  of_class
      .def_prop_ro(
          "backend",
          [=](const HitClassifier& self) { return std::string(core::name(model(self).backend())); },
          "What runs the model: \"engine\" or \"onnxruntime\".")
      .def_prop_ro(
          "precision",
          [=](const HitClassifier& self) { return inference::precision_of(model(self)); },
          "Of the products of the model: \"float32\", \"bfloat16\" or \"int8\".")
      .def_prop_ro(
          "path", [=](const HitClassifier& self) { return model(self).path(); }, "The ONNX file.")
      .def_prop_ro(
          "engine_obstacle", [](const HitClassifier& self) { return self.engine_obstacle(); },
          "Why the engine does not run the file, as half a sentence; empty if it does or was not "
          "tried.")
      .def_prop_ro(
          "thresholds",
          [=](const HitClassifier& self) { return model(self).metadata().thresholds; },
          "Logit cuts of the working points, by their names (\"0.99\"): a hit is kept if its score "
          "is larger. Determined on the validation split.")
      .def_prop_ro(
          "feature_names",
          [=](const HitClassifier& self) { return model(self).metadata().feature_names; },
          "Features that the model reads, in the order of its input.");
}

std::vector<std::string> backends() {
  std::vector<std::string> names;
  for (const inference::BackendChoice choice : inference::built_backends())
    names.emplace_back(core::name(choice));
  return names;
}

// own: the folder of the models that come with the package.
onnx_file::ModelLibrary library(const fs::path& own) { return {own, "this package"}; }

std::vector<std::pair<std::string, fs::path>> models_of(const fs::path& own) {
  const onnx_file::ModelLibrary all = library(own);
  std::vector<std::pair<std::string, fs::path>> models;
  for (const onnx_file::LibraryModel& model : all.models())
    models.emplace_back(model.name, model.file);
  return models;
}

fs::path find_model(const fs::path& model, const fs::path& own) { return library(own).find(model); }

constexpr const char* scores_doc =
    R"(Scores of the hits of one event.

columns: a dict of NumPy arrays by the names of the ntuple ("spacePoint_PositionY"), all of them
    [n_hits]; `needed_columns` lists those that the model needs, `stationhit.columns` the types of
    all. Buckets are given as bucket_spacePoints (uint32 [n_entries], the hits of all buckets one
    after the other), bucket_offsets (uint32 [n_buckets + 1], where each begins) and, where the model
    needs them, bucket_xMin and bucket_xMax (float32 [n_buckets], mm); without them they are built by
    the bucket rule. Names with other beginnings are passed over, except for eventNumber and
    runNumber, which errors name. Nothing is copied.
    An event of an awkward array (events[0]), an awkward array of the records of its hits, and a
    structured NumPy array with such fields (which are copied) are taken, too.
out: float32 [n_hits], where the scores are written to; without it a new array is made.
check: False leaves out the checks of the values: all that they check must hold, else memory out of
    range is read and written. Types and lengths are checked nevertheless.

Returns float32 [n_hits], the logit of every hit. A hit with NaN or Inf among its values gets -100.

The GIL is released while the model runs; any number of threads may call at once.

Raises TypeError for an array of another type, ValueError for an array of another length or shape, or
that is not contiguous, and for an unknown column; both name the column. Raises DataError for a column
that is needed and left out, buckets that contradict each other or refer to hits that do not exist,
and unknown technologies.)";

}  // namespace

void add_hit_classifier(nb::module_& module) {
  nb::class_<HitClassifier> of_class(module, "HitClassifier");
  of_class
      .def(
          "__init__",
          [](HitClassifier* self, const fs::path& file, const std::string& backend,
             const std::string& precision, unsigned threads, bool accept_changed) {
            new (self) HitClassifier(load(file, backend, precision, threads, accept_changed));
          },
          "file"_a, nb::kw_only(), "backend"_a = "auto", "precision"_a = "float32", "threads"_a = 1,
          "accept_changed"_a = false)
      .def("scores", &score_event, "columns"_a.none(), "out"_a = nb::none(), nb::kw_only(),
           "check"_a = true, scores_doc,
           nb::sig("def scores(self, columns: stationhit.events.Event, "
                   "out: numpy.typing.NDArray[numpy.float32] | None = None, *, "
                   "check: bool = True) -> numpy.typing.NDArray[numpy.float32]"))
      .def("_score_events", &score_events, "hits"_a, "event_hits"_a, "buckets"_a.none(),
           "event_numbers"_a, "threads"_a, "out"_a.none(),
           nb::sig("def _score_events(self, hits: dict, event_hits: object, buckets: dict | None, "
                   "event_numbers: object, threads: int, out: object) -> "
                   "numpy.typing.NDArray[numpy.float32]"))
      .def("threshold", &HitClassifier::threshold, "working_point"_a,
           "Logit cut of a working point (\"0.99\"). Raises UsageError naming those of the file.")
      .def("needed_columns", &needed_columns, nb::kw_only(), "buckets"_a = true,
           "Columns that the model needs, by the names of the ntuple, for events with buckets of "
           "their own or without. Others may be left out: they count as 0 where they would break "
           "ties between hits that are equal in all others.")
      .def("_load_warnings",
           [](const HitClassifier& self) { return inference::load_warnings(self.model()); })
      .def("_texts",
           [](const HitClassifier& self) {
             const onnx_file::ModelMetadata& metadata = self.model().metadata();
             return std::map<std::string, std::string>{
                 {"card", metadata.card_json},
                 {"network", metadata.network_json},
                 {"graph", graph::to_json(self.model().graph())},
                 {"architecture", metadata.architecture},
                 {"interface", metadata.interface_name},
                 {"version", metadata.version},
                 {"config_hash", metadata.config_hash},
                 {"quantization", metadata.quantization_json}};
           })
      .def("_pos_weight",
           [](const HitClassifier& self) { return self.model().metadata().pos_weight; });
  add_properties(of_class);
  module.def(
      "backends", &backends,
      "What runs models in this build: \"engine\", and \"onnxruntime\" if it was built with it.");
  module.def("_column_types", &hit_column_types);
  module.def("_models", &models_of, "own"_a);
  module.def("_find_model", &find_model, "model"_a, "own"_a);
}

}  // namespace stationhit::python
