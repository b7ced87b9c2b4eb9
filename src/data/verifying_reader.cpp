// The columns are hashed while the events pass, so verification needs no second reading. The
// comparison happens once, when the wrapped reader ends.
#include "verifying_reader.hpp"

#include <optional>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/data/prepared_split.hpp>

namespace stationhit::data {
namespace {

class VerifyingReader final : public core::EventReader {
 public:
  VerifyingReader(std::unique_ptr<core::EventReader> reader, const ShardInfo& shard,
                  std::string file)
      : reader_(std::move(reader)), shard_(shard), file_(std::move(file)) {}

  bool next(core::Event& event) override {
    if (reader_->next(event)) {
      hasher_.add(event);
      ++events_;
      return true;
    }
    if (!std::exchange(verified_, true)) verify();
    return false;
  }
  [[nodiscard]] std::string where() const override { return reader_->where(); }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return shard_.counts.events; }

 private:
  void verify() const {
    if (events_ != shard_.counts.events) {
      throw core::DataError(file_ + ": has " + std::to_string(events_) +
                            " events, the manifest says " + std::to_string(shard_.counts.events) +
                            "; the shard is damaged" + make_shards_again);
    }
    compare_checksums(shard_.columns, hasher_.digest(), file_);
  }

  std::unique_ptr<core::EventReader> reader_;
  const ShardInfo& shard_;
  std::string file_;
  ColumnHasher hasher_;
  std::uint64_t events_ = 0;
  bool verified_ = false;
};

}  // namespace

std::unique_ptr<core::EventReader> verify_while_reading(std::unique_ptr<core::EventReader> reader,
                                                        const ShardInfo& shard, std::string file) {
  return std::make_unique<VerifyingReader>(std::move(reader), shard, std::move(file));
}

}  // namespace stationhit::data
