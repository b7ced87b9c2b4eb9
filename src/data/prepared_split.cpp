#include <optional>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/data/prepared_split.hpp>

namespace stationhit::data {
namespace {

// Passes events on and compares their content with the manifest at the end.
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
                            "; the shard is damaged, prepare the data again");
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

class SplitReader final : public core::EventReader {
 public:
  SplitReader(const PreparedSplit& split, ShardOpener open, bool verify)
      : split_(split), open_(std::move(open)), verify_(verify) {}

  bool next(core::Event& event) override {
    while (true) {
      if (reader_ && reader_->next(event)) return true;
      if (next_shard_ == split_.n_shards()) return false;
      reader_ = read_shard(split_, next_shard_++, open_, verify_);
    }
  }
  [[nodiscard]] std::string where() const override {
    return reader_ ? reader_->where() : split_.folder.string();
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override {
    return split_.counts().events;
  }

 private:
  const PreparedSplit& split_;
  ShardOpener open_;
  bool verify_;
  std::size_t next_shard_ = 0;
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
          error.message());
    if (size == 0)
      throw core::DataError(shard.string() + ": the shard is empty; prepare the data again");
    sum += split.manifest.shards[i].counts;
  }
  if (sum != split.counts())
    throw core::DataError(
        (folder / manifest_file_name).string() +
        ": the counts of the split are not the sum of its shards; the manifest was changed");
  return split;
}

std::unique_ptr<core::EventReader> verified(std::unique_ptr<core::EventReader> reader,
                                            const ShardInfo& shard, std::string file) {
  return std::make_unique<VerifyingReader>(std::move(reader), shard, std::move(file));
}

std::unique_ptr<core::EventReader> read_shard(const PreparedSplit& split, std::size_t shard,
                                              const ShardOpener& open, bool verify) {
  const std::filesystem::path path = split.shard_path(shard);
  auto reader = open(path);
  if (!verify) return reader;
  return verified(std::move(reader), split.manifest.shards[shard], path.string());
}

std::unique_ptr<core::EventReader> read_split(const PreparedSplit& split, ShardOpener open,
                                              bool verify) {
  return std::make_unique<SplitReader>(split, std::move(open), verify);
}

}  // namespace stationhit::data
