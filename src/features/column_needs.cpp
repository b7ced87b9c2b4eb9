// A column that is left out stands for zeros, as a branch does that a file lacks: it may only
// break ties, so the score of an event is the same from columns and from a file without the branch.
#include <algorithm>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/features/column_needs.hpp>
#include <stationhit/features/needed_branches.hpp>

namespace stationhit::features {
namespace {

const std::string prefix = "spacePoint_";

// What needs the branch and what to do without it; empty if nothing does.
std::string need_of(const std::string& branch, std::span<const MissingInput> needed, NeededBy by) {
  const auto found = std::ranges::find(needed, branch, &MissingInput::branch);
  if (found == needed.end()) return {};
  const bool is_model = by == NeededBy::model;
  return found->needed_by + (is_model ? " of the model" : "") + " needs it; give the column, or " +
         (is_model ? "use another model" : found->remedy);
}

[[noreturn]] void refuse(const std::string& where, const std::string& column,
                         const std::string& need) {
  throw core::DataError(where + ": the event has no " + column + ", but " + need);
}

}  // namespace

ColumnNeeds::ColumnNeeds(std::span<const std::string> features, const graph::GraphConfig& graph,
                         NeededBy by) {
  const auto make = [&](EventBuckets buckets) {
    const auto needed = find_needed_inputs(features, graph, buckets);
    Needs needs;
    core::for_each_column([&](const char* column, auto, auto) {
      needs.hits.push_back(need_of(prefix + column, needed, by));
    });
    needs.bucket_ranges = need_of("bucket_xMin", needed, by);
    needs.bucket_hits = need_of("bucket_spacePoints", needed, by);
    return needs;
  };
  with_buckets_ = make(EventBuckets::present);
  without_buckets_ = make(EventBuckets::missing);
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
    const std::string& of_column = *need++;
    if (!of_column.empty() && (event.hits.*member).empty())
      refuse(where, prefix + column, of_column);
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

// Numbers that are not finite are no error: such hits get no node.
void check_technologies(std::span<const std::uint8_t> codes, const std::string& where) {
  const auto last = static_cast<std::uint8_t>(core::Technology::mm);
  const auto wrong = std::ranges::find_if(codes, [&](std::uint8_t code) { return code > last; });
  if (wrong == codes.end()) return;
  throw core::DataError(where + ": spacePoint_technology[" + std::to_string(wrong - codes.begin()) +
                        "] = " + std::to_string(*wrong) + ", expected 0 to " +
                        std::to_string(last) + "; the event is damaged, recreate it");
}

}  // namespace stationhit::features
