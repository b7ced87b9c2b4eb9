#include <numeric>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/materialized/materialized_split.hpp>
#include <stationhit/workflow/labeled_split.hpp>

#include "root_files.hpp"

namespace stationhit::workflow {
namespace {

class PartsSplit final : public LabeledSplit {
 public:
  explicit PartsSplit(materialized::MaterializedSplit split) : split_(std::move(split)) {}

  [[nodiscard]] std::uint64_t n_events() const override { return split_.manifest().counts.events; }
  [[nodiscard]] const core::SampleInfo& sample() const override { return split_.manifest().sample; }
  [[nodiscard]] std::string events_id() const override {
    return make_events_id(split_.manifest().source_fingerprint, split_.manifest().source_split);
  }
  [[nodiscard]] std::size_t n_shards() const override { return split_.n_parts(); }
  [[nodiscard]] std::uint64_t shard_events(std::size_t shard) const override {
    return split_.manifest().parts[shard].counts.events;
  }
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> read_all() const override {
    std::vector<std::size_t> all(n_shards());
    std::iota(all.begin(), all.end(), std::size_t{0});
    return split_.read(std::move(all));
  }
  // Parts verify themselves.
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> read_verified() const override {
    return read_all();
  }
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> read_shards(
      const std::vector<std::size_t>& shards) const override {
    return split_.read(shards);
  }

 private:
  materialized::MaterializedSplit split_;
};

std::unique_ptr<LabeledSplit> open_parts(const std::filesystem::path& folder,
                                         const materialized::Settings& settings) {
  materialized::MaterializedSplit split(folder);
  materialized::require_same_settings(split.manifest(), folder, settings);
  return std::make_unique<PartsSplit>(std::move(split));
}

}  // namespace

std::unique_ptr<LabeledSplit> open_labeled_split(const std::filesystem::path& folder,
                                                 const materialized::Settings& settings) {
  auto split = materialized::is_materialized_split(folder) ? open_parts(folder, settings)
                                                           : open_shards(folder, settings);
  if (split->n_events() > 0) return split;
  throw core::DataError(folder.string() +
                        ": there are no events in this split; give one with at least one event");
}

std::vector<features::LabeledEvent> read_first_events(const LabeledSplit& split,
                                                      std::uint64_t max_events, unsigned threads) {
  const auto stream = split.read_all();
  std::vector<features::LabeledEventStream::Job> jobs;
  while (jobs.size() < max_events) {
    auto job = stream->next();
    if (!job) break;
    jobs.push_back(std::move(*job));
  }
  std::vector<features::LabeledEvent> events(jobs.size());
  core::parallel_for(jobs.size(), threads, [&](std::size_t i) { events[i] = jobs[i](); });
  return events;
}

std::string make_events_id(const std::string& set_fingerprint, const std::string& split) {
  return set_fingerprint.empty() ? "" : set_fingerprint + " " + split;
}

core::SampleInfo label_sample(const LabeledSplit& split, const std::string& sample_label) {
  core::SampleInfo sample = split.sample();
  if (sample.origin.empty()) sample.origin = sample_label;
  return sample;
}

void warn_of_missing_places(const metrics::ScoredSample& sample,
                            const std::filesystem::path& folder, const core::Logger& log) {
  if (sample.has_places()) return;
  log.warning(folder.string() +
              ": this materialized set of an earlier version does not say where the hits are, so "
              "station layers, segments and hit pairs are left out; `stationhit prepare "
              "--materialize` into its folder makes its parts again");
}

}  // namespace stationhit::workflow
