// A column that is left out stands for zeros, as a branch does that a file lacks: it may only
// break ties, so the score of an event is the same from columns and from a file without the branch.
#include "column_needs.hpp"

#include <algorithm>

#include <stationhit/core/errors.hpp>
#include <stationhit/features/needed_branches.hpp>

namespace stationhit::inference {
namespace {

const std::string prefix = "spacePoint_";

// What needs the branch; empty if nothing does.
std::string need_of(const std::string& branch, std::span<const features::MissingInput> needed) {
  const auto found = std::ranges::find(needed, branch, &features::MissingInput::branch);
  return found == needed.end() ? std::string() : found->needed_by;
}

[[noreturn]] void refuse(const std::string& where, const std::string& column,
                         const std::string& needed_by) {
  throw core::DataError(where + ": the event has no " + column + ", but " + needed_by +
                        " of the model needs it; give the column, or use another model");
}

}  // namespace

ColumnNeeds::ColumnNeeds(const Model& model) {
  const auto make = [&](features::EventBuckets buckets) {
    const auto needed =
        features::find_needed_inputs(model.metadata().feature_names, model.graph(), buckets);
    Needs needs;
    core::for_each_column([&](const char* column, auto, auto) {
      needs.hits.push_back(need_of(prefix + column, needed));
    });
    needs.bucket_ranges = need_of("bucket_xMin", needed);
    needs.bucket_hits = need_of("bucket_spacePoints", needed);
    return needs;
  };
  with_buckets_ = make(features::EventBuckets::present);
  without_buckets_ = make(features::EventBuckets::missing);
}

std::vector<std::string> ColumnNeeds::names(bool with_buckets) const {
  const Needs& needs = with_buckets ? with_buckets_ : without_buckets_;
  std::vector<std::string> names;
  if (!needs.bucket_ranges.empty()) names.insert(names.end(), {"bucket_xMin", "bucket_xMax"});
  if (!needs.bucket_hits.empty()) names.emplace_back("bucket_spacePoints");
  auto need = needs.hits.begin();
  core::for_each_column([&](const char* column, auto, auto) {
    if (!need++->empty()) names.push_back(prefix + column);
  });
  return names;
}

void ColumnNeeds::check(const core::EventColumns& event, const std::string& where) const {
  if (event.hits.size() == 0) return;
  const Needs& needs = event.buckets.size() > 0 ? with_buckets_ : without_buckets_;
  auto need = needs.hits.begin();
  core::for_each_column([&](const char* column, auto member, auto) {
    const std::string& needed_by = *need++;
    if (!needed_by.empty() && (event.hits.*member).empty())
      refuse(where, prefix + column, needed_by);
  });
  if (!needs.bucket_ranges.empty() && event.buckets.size() > 0 && event.buckets.x_min.empty())
    refuse(where, "bucket_xMin", needs.bucket_ranges);
  if (!needs.bucket_hits.empty() && event.buckets.offsets.empty())
    refuse(where, "bucket_spacePoints", needs.bucket_hits);
}

void ZeroColumns::fill_in(core::HitColumns& hits) {
  const auto fill = [&]<class T>(std::span<const T>& column) {
    if (!column.empty()) return;
    auto& zeros = std::get<std::vector<T>>(zeros_);
    if (zeros.size() < hits.size()) zeros.resize(hits.size());
    column = std::span(zeros).first(hits.size());
  };
  fill(hits.technology);
  fill(hits.station_index);
  fill(hits.station_eta);
  fill(hits.station_phi);
  fill(hits.layer);
  fill(hits.channel);
  fill(hits.sec_channel);
  for (const auto column :
       {&core::HitColumns::local_x, &core::HitColumns::local_y, &core::HitColumns::local_z,
        &core::HitColumns::drift_r, &core::HitColumns::time})
    fill(hits.*column);
}

}  // namespace stationhit::inference
