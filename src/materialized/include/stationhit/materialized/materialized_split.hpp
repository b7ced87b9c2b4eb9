// Reads a materialized split as a stream of events. Depends on neither ROOT nor Torch.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include <stationhit/features/labeled_events.hpp>
#include <stationhit/materialized/manifest.hpp>

namespace stationhit::materialized {

class MaterializedSplit {
 public:
  // Reads the manifest and looks for the parts. Throws DataError naming the file: a damaged
  // manifest, a part that is missing or empty.
  explicit MaterializedSplit(std::filesystem::path folder);

  [[nodiscard]] const std::filesystem::path& folder() const;
  [[nodiscard]] const Manifest& manifest() const;
  [[nodiscard]] std::size_t n_parts() const { return manifest().parts.size(); }

  // The events of the given parts, in this order; the stream may outlive this object. A part is
  // mapped into memory and compared with its checksum when the first stream reaches it, and stays
  // mapped; a damaged one makes next() throw DataError naming it. The jobs copy one event out of
  // the mapping.
  [[nodiscard]] std::unique_ptr<features::LabeledEventStream> read(
      std::vector<std::size_t> parts) const;

 private:
  class Parts;
  std::shared_ptr<Parts> parts_;
};

}  // namespace stationhit::materialized
