// Input files and shards in memory; on disk they are small files so that paths, sizes and renames
// are real.
#pragma once

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/input_files.hpp>
#include <stationhit/core/output_file.hpp>
#include <stationhit/data/prepare.hpp>

namespace stationhit::data {

class FakeFormats {
 public:
  using Events = std::vector<core::Event>;

  // Makes the input file.
  void add_input(const std::filesystem::path& path, Events events) {
    std::ofstream(path) << path.filename() << events.size();
    inputs_[std::filesystem::canonical(path)] = std::move(events);
  }
  // Makes an input file of another machine with the content of one here.
  void add_remote_input(const std::string& url, const std::filesystem::path& content) {
    inputs_[url] = inputs_.at(std::filesystem::canonical(content));
    contents_[url] = content;
  }
  [[nodiscard]] Events shard(const std::filesystem::path& path) const { return shards_.at(path); }
  void damage_shard(const std::filesystem::path& path) {
    shards_.at(path).at(0).hits.local_y.at(0) += 1.0F;
  }

  // After so many events have been written, writing throws as on a full disk.
  std::size_t write_limit = SIZE_MAX;
  // After so many shards have got their names, giving one its name throws.
  std::size_t publish_limit = SIZE_MAX;
  std::function<void()> before_publishing;
  std::atomic<std::size_t> inputs_opened = 0;
  std::uint64_t reader_bytes = 0, writer_bytes = 0;
  std::map<std::string, std::vector<std::string>> missing_branches;  // by name of the input file
  std::map<std::string, core::UnfinishedFile> losses;                // likewise
  std::set<std::string> damaged;                                     // likewise
  std::map<std::string, std::size_t> damaged_entries;                // likewise
  std::set<std::string> damaged_keys;                                // likewise
  InputPolicy policy;

  [[nodiscard]] PrepareFormats formats() {
    PrepareFormats result;
    result.shard_extension = ".fake";
    result.writer_bytes = writer_bytes;
    result.policy = policy;
    result.examine = [this](const auto& path) {
      if (damaged.contains(core::file_name(path)))
        throw core::DataError(path.string() + ": is damaged");
      const auto missing = missing_branches.find(path.filename().string());
      const auto loss = losses.find(path.filename().string());
      return InputSummary{
          inputs_.at(path).size(),
          reader_bytes,
          {},
          missing == missing_branches.end() ? std::vector<std::string>{} : missing->second,
          loss == losses.end() ? std::nullopt : std::optional(loss->second)};
    };
    result.identify = [this](const std::filesystem::path& path) {
      if (!core::is_remote(path)) return examine_input(path);
      InputFile file = examine_input(contents_.at(path));
      file.path = path;
      file.name = core::file_name(path);
      return file;
    };
    result.read_keys = [this](const auto& path) {
      if (damaged_keys.contains(core::file_name(path)))
        throw core::DataError(path.string() + ": its numbers are damaged");
      std::vector<EventKey> keys;
      for (const core::Event& event : inputs_.at(path))
        keys.push_back({event.header.run_number, event.header.event_number});
      return keys;
    };
    result.open_input = [this](const auto& path, std::uint64_t first,
                               std::uint64_t count) -> std::unique_ptr<core::EventReader> {
      const std::scoped_lock lock(mutex_);
      ++inputs_opened;
      std::unique_ptr<core::EventReader> reader = std::make_unique<core::MemoryReader>(
          std::span(inputs_.at(path)).subspan(first, count), path.string());
      const auto bad = damaged_entries.find(core::file_name(path));
      if (bad != damaged_entries.end() && bad->second >= first && bad->second < first + count)
        reader = std::make_unique<DamagedReader>(std::move(reader), bad->second - first);
      return reader;
    };
    result.create_shard = [this](const auto& path) {
      return std::make_unique<Writer>(*this, path);
    };
    result.open_shard = [this](const auto& path) {
      const std::scoped_lock lock(mutex_);
      if (!std::filesystem::exists(path)) throw core::DataError(path.string() + ": no such shard");
      return std::make_unique<core::MemoryReader>(shards_.at(path), path.string());
    };
    return result;
  }

 private:
  // Events can be read up to a damaged one.
  class DamagedReader final : public core::EventReader {
   public:
    DamagedReader(std::unique_ptr<core::EventReader> reader, std::size_t good)
        : reader_(std::move(reader)), good_(good) {}
    bool next(core::Event& event) override {
      if (good_-- == 0) throw core::DataError(reader_->where() + ": cannot be read");
      return reader_->next(event);
    }
    [[nodiscard]] std::string where() const override { return reader_->where(); }
    [[nodiscard]] std::optional<std::uint64_t> size() const override { return reader_->size(); }

   private:
    std::unique_ptr<core::EventReader> reader_;
    std::size_t good_;
  };

  class Writer final : public core::StagedEventWriter {
   public:
    Writer(FakeFormats& formats, std::filesystem::path path)
        : formats_(formats), path_(std::move(path)), output_(path_) {
      output_.write("shard");
    }
    void write(const core::Event& event) override {
      const std::scoped_lock lock(formats_.mutex_);
      if (formats_.write_limit == 0)
        throw core::DataError(path_.string() + ": writing failed: No space left on device");
      --formats_.write_limit;
      events_.push_back(event);
    }
    void complete() override {}
    void close() override {
      if (formats_.before_publishing) formats_.before_publishing();
      const std::scoped_lock lock(formats_.mutex_);
      if (formats_.publish_limit == 0)
        throw core::DataError(path_.string() + ": writing failed: Input/output error");
      --formats_.publish_limit;
      formats_.shards_[path_] = events_;
      output_.publish();
    }

   private:
    FakeFormats& formats_;
    std::filesystem::path path_;
    core::OutputFile output_;
    Events events_;
  };

  std::mutex mutex_;
  std::map<std::filesystem::path, Events> inputs_, shards_;
  std::map<std::filesystem::path, std::filesystem::path> contents_;  // of remote inputs
};

}  // namespace stationhit::data
