// A split is its manifest and the shards that the manifest lists. Opening compares counts and
// existence, which is cheap; the checksums of the columns are compared while reading, if that is
// asked for.
#include <numeric>
#include <optional>
#include <utility>

#include <stationhit/data/prepared_split.hpp>

#include "verifying_reader.hpp"

namespace stationhit::data {
namespace {

// The reader of a file does not know how it was made.
class ShardOfSet final : public core::EventReader {
 public:
  explicit ShardOfSet(std::unique_ptr<core::EventReader> reader) : reader_(std::move(reader)) {}

  bool next(core::Event& event) override {
    return say_how_to_make_shards([&] { return reader_->next(event); });
  }
  [[nodiscard]] std::string where() const override { return reader_->where(); }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return reader_->size(); }

 private:
  std::unique_ptr<core::EventReader> reader_;
};

class SplitReader final : public core::EventReader {
 public:
  SplitReader(const PreparedSplit& split, std::vector<std::size_t> shards, ShardOpener open,
              Verification verification)
      : split_(split),
        shards_(std::move(shards)),
        open_(std::move(open)),
        verification_(verification) {}

  bool next(core::Event& event) override {
    while (true) {
      if (reader_ && reader_->next(event)) return true;
      // Shards without events are skipped by the loop.
      if (next_ == shards_.size()) return false;
      reader_ = read_shard(split_, shards_[next_++], open_, verification_);
    }
  }
  [[nodiscard]] std::string where() const override {
    return reader_ ? reader_->where() : split_.folder.string();
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override {
    std::uint64_t events = 0;
    for (const std::size_t shard : shards_) events += split_.manifest.shards[shard].counts.events;
    return events;
  }

 private:
  const PreparedSplit& split_;
  std::vector<std::size_t> shards_;
  ShardOpener open_;
  Verification verification_;
  std::size_t next_ = 0;  // in shards_
  std::unique_ptr<core::EventReader> reader_;
};

}  // namespace

PreparedSplit open_split(const std::filesystem::path& folder) {
  PreparedSplit split{folder, read_split_manifest(folder)};
  Counts sum;
  for (std::size_t i = 0; i < split.n_shards(); ++i) {
    const std::filesystem::path shard = split.shard_path(i);
    std::error_code error;
    const auto size = std::filesystem::file_size(shard, error);
    if (error)
      throw core::DataError(
          shard.string() + ": the manifest of the split lists this shard, but it cannot be read: " +
          error.message() + make_shards_again);
    if (size == 0)
      throw core::DataError(shard.string() + ": the shard is empty" + make_shards_again);
    sum += split.manifest.shards[i].counts;
  }
  if (sum != split.counts())
    throw core::DataError(
        (folder / manifest_file_name).string() +
        ": the counts of the split are not the sum of its shards; the manifest was changed");
  return split;
}

std::unique_ptr<core::EventReader> read_shard(const PreparedSplit& split, std::size_t shard,
                                              const ShardOpener& open, Verification verification) {
  const std::filesystem::path path = split.shard_path(shard);
  std::unique_ptr<core::EventReader> reader =
      std::make_unique<ShardOfSet>(say_how_to_make_shards([&] { return open(path); }));
  if (verification == Verification::none) return reader;
  return verify_while_reading(std::move(reader), split.manifest.shards[shard], path.string());
}

std::unique_ptr<core::EventReader> read_split(const PreparedSplit& split, ShardOpener open,
                                              Verification verification) {
  std::vector<std::size_t> all(split.n_shards());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return read_shards(split, std::move(all), std::move(open), verification);
}

std::unique_ptr<core::EventReader> read_shards(const PreparedSplit& split,
                                               std::vector<std::size_t> shards, ShardOpener open,
                                               Verification verification) {
  return std::make_unique<SplitReader>(split, std::move(shards), std::move(open), verification);
}

}  // namespace stationhit::data
