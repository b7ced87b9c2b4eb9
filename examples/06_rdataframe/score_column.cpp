// The lists of hits of an entry are read in place: nothing of them is copied but the buckets, which
// the file keeps as lists of lists.
#include "score_column.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

#include <stationhit/core/event_columns.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/root_io/dictionaries.hpp>

namespace example {
namespace {

template <class T>
std::span<const T> view(const ROOT::RVec<T>& values) {
  return {values.data(), values.size()};
}

// The same bytes under the type that the library has for them: files keep small integers as char
// and flags as bool.
template <class Byte, class T>
std::span<const Byte> view_bytes(const ROOT::RVec<T>& values) {
  static_assert(sizeof(Byte) == sizeof(T));
  return {reinterpret_cast<const Byte*>(values.data()), values.size()};
}

}  // namespace

ScoreColumn::ScoreColumn(const std::string& model)
    : classifier_(std::make_shared<const stationhit::inference::HitClassifier>(model)) {
  using stationhit::inference::EventBuckets;
  for (const std::string& name : classifier_->needed_columns(EventBuckets::present)) {
    if (std::find(score_inputs.begin(), score_inputs.end(), name) == score_inputs.end())
      throw std::runtime_error(model + ": needs the branch " + name +
                               "; add it to score_inputs and to ScoreColumn::operator()");
  }
  stationhit::root_io::register_dictionaries();
}

float ScoreColumn::threshold(const std::string& working_point) const {
  return classifier_->threshold(working_point);
}

ROOT::RVec<float> ScoreColumn::operator()(
    const ROOT::RVec<float>& x, const ROOT::RVec<float>& y, const ROOT::RVec<float>& z,
    const ROOT::RVec<float>& glob_x, const ROOT::RVec<float>& glob_y,
    const ROOT::RVec<float>& glob_z, const ROOT::RVec<float>& drift_r,
    const ROOT::RVec<float>& time, const ROOT::RVec<float>& cov_xx, const ROOT::RVec<float>& cov_yy,
    const ROOT::RVec<bool>& meas_phi, const ROOT::RVec<std::uint8_t>& technology,
    const ROOT::RVec<std::uint8_t>& station_index, const ROOT::RVec<char>& station_eta,
    const ROOT::RVec<std::uint8_t>& station_phi, const ROOT::RVec<std::uint8_t>& layer,
    const ROOT::RVec<std::uint16_t>& channel, const ROOT::RVec<std::int16_t>& sec_channel,
    const ROOT::RVec<float>& x_min, const ROOT::RVec<float>& x_max,
    const ROOT::RVec<std::vector<std::uint16_t>>& bucket_hits) const {
  stationhit::core::EventColumns event;
  auto& hits = event.hits;
  hits.n_hits = x.size();
  hits.local_x = view(x);
  hits.local_y = view(y);
  hits.local_z = view(z);
  hits.glob_x = view(glob_x);
  hits.glob_y = view(glob_y);
  hits.glob_z = view(glob_z);
  hits.drift_r = view(drift_r);
  hits.time = view(time);
  hits.cov_xx = view(cov_xx);
  hits.cov_yy = view(cov_yy);
  hits.meas_phi = view_bytes<std::uint8_t>(meas_phi);
  hits.technology = view(technology);
  hits.station_index = view(station_index);
  hits.station_eta = view_bytes<std::int8_t>(station_eta);
  hits.station_phi = view(station_phi);
  hits.layer = view(layer);
  hits.channel = view(channel);
  hits.sec_channel = view(sec_channel);
  std::vector<std::uint32_t> offsets{0}, flat;
  for (const std::vector<std::uint16_t>& of_bucket : bucket_hits) {
    flat.insert(flat.end(), of_bucket.begin(), of_bucket.end());
    offsets.push_back(static_cast<std::uint32_t>(flat.size()));
  }
  event.buckets.n_buckets = bucket_hits.size();
  event.buckets.x_min = view(x_min);
  event.buckets.x_max = view(x_max);
  event.buckets.offsets = offsets;
  event.buckets.hits = flat;
  ROOT::RVec<float> scores(hits.n_hits);
  classifier_->scores(event, std::span<float>(scores.data(), scores.size()));
  return scores;
}

}  // namespace example
