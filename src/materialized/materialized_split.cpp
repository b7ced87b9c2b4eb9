// Parts are opened on first use, under a lock, compared with the manifest and then kept; they are
// mapped, so keeping them costs address space and no copies, and their pages are dropped when a
// stream and its jobs have read them. The jobs that a stream hands out share ownership of their
// part, so it may outlive the split.
#include <mutex>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/materialized/materialized_split.hpp>

#include "part.hpp"

namespace stationhit::materialized {

namespace fs = std::filesystem;

// The parts of a split, each opened when it is first needed.
class MaterializedSplit::Parts {
 public:
  explicit Parts(fs::path folder)
      : folder_(std::move(folder)),
        manifest_(read_manifest(folder_)),
        opened_(manifest_.parts.size()) {
    for (const PartInfo& part : manifest_.parts) {
      std::error_code error;
      const auto size = fs::file_size(folder_ / part.file, error);
      if (error)
        fail(part, "the manifest of the split lists this part, but it cannot be read: " +
                       error.message());
      if (size == 0) fail(part, "the part is empty");
    }
  }

  [[nodiscard]] const fs::path& folder() const { return folder_; }
  [[nodiscard]] const Manifest& manifest() const { return manifest_; }

  // Thread-safe.
  [[nodiscard]] std::shared_ptr<const Part> open(std::size_t index) {
    const std::scoped_lock lock(mutex_);
    if (!opened_[index]) opened_[index] = verified(manifest_.parts[index]);
    return opened_[index];
  }

 private:
  static constexpr const char* make_again =
      "; `stationhit prepare --materialize` makes missing and damaged parts again";

  [[noreturn]] void fail(const PartInfo& part, const std::string& what) const {
    throw core::DataError((folder_ / part.file).string() + ": " + what + make_again);
  }

  [[nodiscard]] std::shared_ptr<const Part> verified(const PartInfo& info) const {
    std::shared_ptr<const Part> part;
    try {
      part =
          std::make_shared<const Part>(folder_ / info.file, manifest_.settings, manifest_.format);
    } catch (const core::DataError& error) {
      throw core::DataError(error.what() + std::string(make_again));
    }
    if (part->checksum() != info.checksum || part->counts() != info.counts) {
      fail(info, "is not the part that the manifest lists (checksum " + part->checksum() +
                     ", expected " + info.checksum + ")");
    }
    return part;
  }

  fs::path folder_;
  Manifest manifest_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<const Part>> opened_;
};

namespace {

// Drops the pages of the part with the last copy of the pointer: they count as memory of the
// process, and at the end of a set that would be all of it.
std::shared_ptr<const Part> drop_pages_after_use(std::shared_ptr<const Part> part) {
  const Part* used = part.get();
  return {used, [part = std::move(part)](const Part*) { part->drop_pages(); }};
}

class PartsStream final : public features::LabeledEventStream {
 public:
  using PartOpener = std::function<std::shared_ptr<const Part>(std::size_t)>;

  PartsStream(std::vector<std::size_t> order, std::uint64_t events, PartOpener open)
      : order_(std::move(order)), events_(events), open_(std::move(open)) {}

  std::optional<Job> next() override {
    while (!part_ || event_ == part_->counts().events) {
      if (next_part_ == order_.size()) return std::nullopt;
      part_ = drop_pages_after_use(open_(order_[next_part_++]));
      event_ = 0;
    }
    return [part = part_, event = event_++] { return part->event(event); };
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return events_; }

 private:
  std::vector<std::size_t> order_;
  std::uint64_t events_;
  PartOpener open_;
  std::shared_ptr<const Part> part_;
  std::size_t next_part_ = 0, event_ = 0;
};

}  // namespace

MaterializedSplit::MaterializedSplit(fs::path folder)
    : parts_(std::make_shared<Parts>(std::move(folder))) {}

const fs::path& MaterializedSplit::folder() const { return parts_->folder(); }
const Manifest& MaterializedSplit::manifest() const { return parts_->manifest(); }

std::unique_ptr<features::LabeledEventStream> MaterializedSplit::read(
    std::vector<std::size_t> parts) const {
  std::uint64_t events = 0;
  for (const std::size_t part : parts) events += manifest().parts[part].counts.events;
  return std::make_unique<PartsStream>(
      std::move(parts), events,
      [parts_of_split = parts_](std::size_t part) { return parts_of_split->open(part); });
}

}  // namespace stationhit::materialized
