// The folders that networks are trained and measured on: prepared splits (shards, which are ROOT
// files) and materialised ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include <stationhit/core/sample_info.hpp>
#include <stationhit/features/labelled_events.hpp>
#include <stationhit/materialised/manifest.hpp>

namespace stationhit::app {

// Streams must not outlive the split.
class LabelledSplit {
 public:
  virtual ~LabelledSplit() = default;
  [[nodiscard]] virtual std::uint64_t n_events() const = 0;
  [[nodiscard]] virtual const core::SampleInfo& sample() const = 0;
  [[nodiscard]] virtual std::size_t n_shards()
      const = 0;  // a materialised split has a part for each
  // All events in the order of the manifest. verify: compares shards with the checksums of their
  // columns at their end; parts are always compared, once.
  [[nodiscard]] virtual std::unique_ptr<features::LabelledEventStream> read(bool verify) const = 0;
  // The events of the given shards, in this order.
  [[nodiscard]] virtual std::unique_ptr<features::LabelledEventStream> read(
      const std::vector<std::size_t>& shards) const = 0;
};

// Throws DataError for a folder that is no split, a damaged one or one without events, ConfigError
// for a materialised split with other settings; in a build without ROOT DataError for a split of
// shards.
[[nodiscard]] std::unique_ptr<LabelledSplit> open_labelled_split(
    const std::filesystem::path& folder, const materialised::Settings& settings);

// The first max_events events of the split, fewer if it has fewer; their inputs are built by
// `threads` threads. Throws DataError.
[[nodiscard]] std::vector<features::LabelledEvent> first_events(const LabelledSplit& split,
                                                                std::uint64_t max_events,
                                                                unsigned threads);

}  // namespace stationhit::app
