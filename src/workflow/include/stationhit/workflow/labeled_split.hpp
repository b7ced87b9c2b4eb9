// The folders that networks are trained and measured on: prepared splits (shards, which are ROOT
// files) and materialized ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <stationhit/core/logger.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/features/labeled_events.hpp>
#include <stationhit/materialized/manifest.hpp>
#include <stationhit/metrics/scored_sample.hpp>

namespace stationhit::workflow {

// Streams must not outlive the split.
class LabeledSplit {
 public:
  virtual ~LabeledSplit() = default;
  [[nodiscard]] virtual std::uint64_t n_events() const = 0;
  // What the manifest says about the sample.
  [[nodiscard]] virtual const core::SampleInfo& sample() const = 0;
  // Which events these are (make_events_id), the same whether they are shards or materialized.
  [[nodiscard]] virtual std::string events_id() const = 0;
  // A materialized split has a part for each shard.
  [[nodiscard]] virtual std::size_t n_shards() const = 0;
  [[nodiscard]] virtual std::uint64_t shard_events(std::size_t shard) const = 0;
  // All events in the order of the manifest. The checksums of parts are always verified, those of
  // shards are not.
  [[nodiscard]] virtual std::unique_ptr<features::LabeledEventStream> read_all() const = 0;
  // All events in the order of the manifest; at the end the stream throws DataError if a column of
  // the shards has another checksum than the manifest says.
  [[nodiscard]] virtual std::unique_ptr<features::LabeledEventStream> read_verified() const = 0;
  // The events of the given shards, in this order; verified likewise at the end of each shard.
  [[nodiscard]] virtual std::unique_ptr<features::LabeledEventStream> read_shards(
      const std::vector<std::size_t>& shards) const = 0;
};

// Equal for equal events: the fingerprint of the prepared set and the name of the split. Empty if
// the set has no fingerprint.
[[nodiscard]] std::string make_events_id(const std::string& set_fingerprint,
                                         const std::string& split);

// Throws DataError for a folder that is no split, a damaged one or one without events, ConfigError
// for a materialized split with other settings; in a build without ROOT DataError for a split of
// shards.
[[nodiscard]] std::unique_ptr<LabeledSplit> open_labeled_split(
    const std::filesystem::path& folder, const materialized::Settings& settings);

// The first `events` events of `split` as a split of its own: its shards are those of the first
// events, the last one cut, and a cut shard is not verified. Throws ConfigError if there are fewer.
[[nodiscard]] std::unique_ptr<LabeledSplit> take_first_events(std::unique_ptr<LabeledSplit> split,
                                                              std::uint64_t events);

// The first max_events events of the split, fewer if it has fewer; their inputs are built by
// `threads` threads. Throws DataError.
[[nodiscard]] std::vector<features::LabeledEvent> read_first_events(const LabeledSplit& split,
                                                                    std::uint64_t max_events,
                                                                    unsigned threads);

// What figures say about the sample of a split: what its manifest says, and sample_label where that
// says nothing of the origin. Simulated events stay so whatever the configuration says.
[[nodiscard]] core::SampleInfo label_sample(const LabeledSplit& split,
                                            const std::string& sample_label);

// Warns that measures of stations, segments and hit pairs are left out if the sample, scored on the
// split in `folder`, has no places.
void warn_of_missing_places(const metrics::ScoredSample& sample,
                            const std::filesystem::path& folder, const core::Logger& log);

}  // namespace stationhit::workflow
