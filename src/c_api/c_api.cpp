// Every function is a call of the C++ interface inside of guard(), where all exceptions end. What
// comes as a structure is first copied into one of the present size: members that an older program
// does not have are zero.
#include <array>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include <stationhit.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/inference/hit_classifier.hpp>

struct stationhit_error {
  std::int32_t code = 0;
  std::string text;
};

struct stationhit_model {
  explicit stationhit_model(stationhit::inference::HitClassifier of_file)
      : classifier(std::move(of_file)) {
    for (const bool has_buckets : {false, true}) {
      auto& names = needed_columns[has_buckets ? 1 : 0];
      names = classifier.needed_columns(has_buckets ? stationhit::inference::EventBuckets::present
                                                    : stationhit::inference::EventBuckets::missing);
      for (const std::string& name : names)
        needed_names[has_buckets ? 1 : 0].push_back(name.c_str());
    }
  }

  stationhit::inference::HitClassifier classifier;
  // For events without and with buckets.
  std::array<std::vector<std::string>, 2> needed_columns;
  std::array<std::vector<const char*>, 2> needed_names;
};

namespace stationhit::c_api {
namespace {

using inference::HitClassifier;

// Where an error cannot be made, because there is no memory.
stationhit_error* no_memory() {
  static stationhit_error error{STATIONHIT_ERROR_MEMORY,
                                "out of memory"};  // short, so that the string needs none
  return &error;
}

stationhit_error* make_error(std::int32_t code, const char* text) noexcept {
  try {
    return new stationhit_error{code, text};
  } catch (...) {
    return no_memory();
  }
}

// Null if work() ends without an exception.
template <class Work>
stationhit_error* guard(const Work& work) noexcept {
  try {
    work();
    return nullptr;
  } catch (const core::Error& error) {
    return make_error(static_cast<std::int32_t>(error.code()), error.what());
  } catch (const std::invalid_argument& error) {
    return make_error(STATIONHIT_ERROR_USAGE, error.what());
  } catch (const std::bad_alloc&) {
    return no_memory();
  } catch (const std::exception& error) {
    return make_error(STATIONHIT_ERROR_INTERNAL, error.what());
  } catch (...) {
    return make_error(STATIONHIT_ERROR_INTERNAL, "an exception of unknown type");
  }
}

void require(const void* pointer, const char* name) {
  if (pointer == nullptr)
    throw core::UsageError(std::string(name) + " is a null pointer; give what stationhit.h says");
}

// smallest: the size of the structure in the first version that had it.
template <class Struct>
Struct read_struct(const Struct* given, std::size_t smallest, const char* name) {
  static_assert(std::is_trivially_copyable_v<Struct>);
  require(given, name);
  const std::size_t size = given->struct_size;
  if (size < smallest || size > sizeof(Struct)) {
    throw core::UsageError(std::string(name) + ".struct_size is " + std::to_string(size) +
                           ", expected sizeof(stationhit_" + name +
                           ") = " + std::to_string(sizeof(Struct)) +
                           "; set it, and use the stationhit.h of this library (" +
                           std::string(core::version()) + ")");
  }
  Struct result{};
  std::memcpy(&result, given, size);
  return result;
}

template <class Choice>
Choice to_choice(std::int32_t number, std::initializer_list<Choice> choices, const char* name) {
  if (number < 0 || static_cast<std::size_t>(number) >= choices.size()) {
    throw core::UsageError("options." + std::string(name) + " is " + std::to_string(number) +
                           ", expected 0 to " + std::to_string(choices.size() - 1));
  }
  return *(choices.begin() + number);
}

inference::LoadOptions to_load_options(const stationhit_options* given) {
  inference::LoadOptions options;
  if (given == nullptr) return options;
  const auto read = read_struct(given, sizeof(stationhit_options), "options");
  using inference::BackendChoice, inference::Precision;
  options.backend = to_choice(
      read.backend, {BackendChoice::automatic, BackendChoice::engine, BackendChoice::onnxruntime},
      "backend");
  options.precision =
      to_choice(read.precision, {Precision::float32, Precision::bfloat16}, "precision");
  if (read.log != nullptr) {
    options.log = core::Logger(
        [log = read.log, user = read.log_user](core::LogLevel level, const std::string& message) {
          log(static_cast<std::int32_t>(level), message.c_str(), user);
        });
  }
  return options;
}

template <class T>
void set(std::span<const T>& column, const T* values, std::size_t n) {
  if (values != nullptr) column = {values, n};
}

void set_hits(core::HitColumns& hits, const stationhit_event& event) {
  hits.n_hits = event.n_hits;
  set(hits.local_x, event.local_x, event.n_hits);
  set(hits.local_y, event.local_y, event.n_hits);
  set(hits.local_z, event.local_z, event.n_hits);
  set(hits.glob_x, event.glob_x, event.n_hits);
  set(hits.glob_y, event.glob_y, event.n_hits);
  set(hits.glob_z, event.glob_z, event.n_hits);
  set(hits.edge_low_x, event.edge_low_x, event.n_hits);
  set(hits.edge_low_y, event.edge_low_y, event.n_hits);
  set(hits.edge_low_z, event.edge_low_z, event.n_hits);
  set(hits.edge_high_x, event.edge_high_x, event.n_hits);
  set(hits.edge_high_y, event.edge_high_y, event.n_hits);
  set(hits.edge_high_z, event.edge_high_z, event.n_hits);
  set(hits.time, event.time, event.n_hits);
  set(hits.drift_r, event.drift_r, event.n_hits);
  set(hits.read_out_side, event.read_out_side, event.n_hits);
  set(hits.cov_xx, event.cov_xx, event.n_hits);
  set(hits.cov_xy, event.cov_xy, event.n_hits);
  set(hits.cov_yx, event.cov_yx, event.n_hits);
  set(hits.cov_yy, event.cov_yy, event.n_hits);
  set(hits.meas_eta, event.meas_eta, event.n_hits);
  set(hits.meas_phi, event.meas_phi, event.n_hits);
  set(hits.n_eta_in_use, event.n_eta_in_use, event.n_hits);
  set(hits.n_phi_in_use, event.n_phi_in_use, event.n_hits);
  set(hits.technology, event.technology, event.n_hits);
  set(hits.station_index, event.station_index, event.n_hits);
  set(hits.station_eta, event.station_eta, event.n_hits);
  set(hits.station_phi, event.station_phi, event.n_hits);
  set(hits.layer, event.layer, event.n_hits);
  set(hits.channel, event.channel, event.n_hits);
  set(hits.sec_channel, event.sec_channel, event.n_hits);
}

core::EventColumns to_columns(const stationhit_event& event) {
  core::EventColumns columns;
  columns.header.run_number = event.run_number;
  columns.header.event_number = event.event_number;
  set_hits(columns.hits, event);
  core::BucketColumns& buckets = columns.buckets;
  buckets.n_buckets = event.n_buckets;
  set(buckets.offsets, event.bucket_offsets, event.n_buckets + 1);
  set(buckets.hits, event.bucket_hits, event.n_bucket_hits);
  set(buckets.x_min, event.bucket_x_min, event.n_buckets);
  set(buckets.x_max, event.bucket_x_max, event.n_buckets);
  return columns;
}

using Scoring = void (HitClassifier::*)(const core::EventColumns&, std::span<float>) const;

stationhit_error* score(const stationhit_model* model, const stationhit_event* event, float* scores,
                        std::size_t n_scores, Scoring scoring) noexcept {
  return guard([&] {
    require(model, "model");
    const core::EventColumns columns =
        to_columns(read_struct(event, sizeof(stationhit_event), "event"));
    if (columns.hits.size() > 0) require(scores, "scores");
    (model->classifier.*scoring)(columns, {scores, n_scores});
  });
}

}  // namespace
}  // namespace stationhit::c_api

using namespace stationhit;

// The string is a literal, which ends with a zero.
const char* stationhit_version(void) { return core::version().data(); }

std::int32_t stationhit_error_code(const stationhit_error* error) {
  return error == nullptr ? 0 : error->code;
}
const char* stationhit_error_text(const stationhit_error* error) {
  return error == nullptr ? "" : error->text.c_str();
}
void stationhit_error_free(stationhit_error* error) {
  if (error != c_api::no_memory()) delete error;
}

stationhit_error* stationhit_model_load(const char* path, const stationhit_options* options,
                                        stationhit_model** model) {
  return c_api::guard([&] {
    c_api::require(model, "model");
    *model = nullptr;
    c_api::require(path, "path");
    inference::HitClassifier classifier(path, c_api::to_load_options(options));
    *model = std::make_unique<stationhit_model>(std::move(classifier)).release();
  });
}

void stationhit_model_free(stationhit_model* model) { delete model; }

stationhit_error* stationhit_model_threshold(const stationhit_model* model,
                                             const char* working_point, float* cut) {
  return c_api::guard([&] {
    c_api::require(model, "model");
    c_api::require(working_point, "working_point");
    c_api::require(cut, "cut");
    *cut = model->classifier.threshold(working_point);
  });
}

stationhit_error* stationhit_model_needed_columns(const stationhit_model* model,
                                                  std::int32_t has_buckets,
                                                  const char* const** names, std::size_t* n_names) {
  return c_api::guard([&] {
    c_api::require(model, "model");
    c_api::require(names, "names");
    c_api::require(n_names, "n_names");
    const auto& needed = model->needed_names[has_buckets != 0 ? 1 : 0];
    *names = needed.data();
    *n_names = needed.size();
  });
}

stationhit_error* stationhit_model_scores(const stationhit_model* model,
                                          const stationhit_event* event, float* scores,
                                          std::size_t n_scores) {
  return c_api::score(model, event, scores, n_scores, &inference::HitClassifier::scores);
}

stationhit_error* stationhit_model_scores_unchecked(const stationhit_model* model,
                                                    const stationhit_event* event, float* scores,
                                                    std::size_t n_scores) {
  return c_api::score(model, event, scores, n_scores, &inference::HitClassifier::scores_unchecked);
}
