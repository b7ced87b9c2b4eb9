// Fields are created from the list of columns that the reader uses too, so the two cannot differ.
// Memory per open shard is bounded by small clusters, because prepare keeps several shards open in
// every thread.
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <ROOT/RField.hxx>
#include <ROOT/RNTupleModel.hxx>
#include <ROOT/RNTupleWriteOptions.hxx>
#include <ROOT/RNTupleWriter.hxx>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/output_file.hpp>
#include <stationhit/root_io/shards.hpp>

#include "local_file.hpp"
#include "root_session.hpp"
#include "shard_columns.hpp"

namespace stationhit::root_io {
namespace {

// Shards are read in every epoch: LZ4 and floats as they are in memory are read 2.2 times as fast
// as zstd and the split floats that ROOT takes by itself, and take 1.2 times the space.
constexpr int lz4_level_1 = 401;
// A cluster is the unit of reading ahead, about 10 full events. It is kept small to limit the
// memory of open shards, see ShardWriter::buffer_bytes.
constexpr std::size_t cluster_bytes = std::size_t{4} << 20U;
constexpr std::size_t page_budget = std::size_t{8} << 20U;
constexpr std::size_t write_buffer = std::size_t{1} << 20U;

void store_floats_unsplit(ROOT::RFieldBase& list) {
  for (ROOT::RFieldBase* values : list.GetMutableSubfields())
    values->SetColumnRepresentatives({{ROOT::ENTupleColumnType::kReal32}});
}

std::unique_ptr<ROOT::RNTupleModel> make_model() {
  // Bare: the model owns no values, the entry is bound to those of the writer.
  auto model = ROOT::RNTupleModel::CreateBare();
  const core::Event event;
  const BucketLists lists;
  for_each_field(event, lists, [&](const std::string& name, const auto& value) {
    using Value = std::remove_cvref_t<decltype(value)>;
    auto field = std::make_unique<ROOT::RField<Value>>(name);
    if constexpr (std::is_same_v<Value, std::vector<float>>) store_floats_unsplit(*field);
    model->AddField(std::move(field));
  });
  return model;
}

}  // namespace

// Offsets would grow from bucket to bucket; lengths are small numbers, which compress well.
void offsets_to_lengths(const core::BucketTable& buckets, BucketLists& lists) {
  lists.lengths.resize(buckets.size());
  for (std::size_t b = 0; b < buckets.size(); ++b)
    lists.lengths[b] = buckets.offsets[b + 1] - buckets.offsets[b];
}

void lengths_to_offsets(const BucketLists& lists, core::BucketTable& buckets) {
  buckets.offsets.assign(1, 0);
  for (const std::uint32_t length : lists.lengths)
    buckets.offsets.push_back(buckets.offsets.back() + length);
}

struct ShardWriter::Impl {
  std::filesystem::path path;
  const core::Event* event = nullptr;  // the one whose columns the entry points to
  BucketLists lists;
  std::optional<core::OutputFile> output;
  std::unique_ptr<ROOT::RNTupleWriter> writer;
  std::unique_ptr<ROOT::REntry> entry;

  // ROOT throws in some cases and prints in others; both become a DataError.
  template <class Work>
  void guarded(Work&& work) {
    const RootMessages messages;
    std::string failure;
    try {
      work();
      failure = messages.error();
    } catch (const std::exception& error) {
      failure = reason_of(error);
    }
    if (!failure.empty()) {
      throw core::DataError(path.string() +
                            ": writing the shard failed; check that the folder exists and the disk "
                            "has space (ROOT: " +
                            failure + ")");
    }
  }

  // The entry takes pointers to mutable values, and only reads them while it is filled.
  void bind(const core::Event& next) {
    if (event == &next) return;
    for_each_field(next, lists, [this](const std::string& name, const auto& value) {
      using Value = std::remove_cvref_t<decltype(value)>;
      entry->BindRawPtr(name, const_cast<Value*>(&value));
    });
    event = &next;
  }
};

ShardWriter::ShardWriter(std::filesystem::path path) : impl_(std::make_unique<Impl>()) {
  start_root();
  impl_->path = std::move(path);
  // RNTuple stores the name in the file, and equal events are to give equal files.
  impl_->output.emplace(impl_->path, core::PartialName::fixed);
  impl_->guarded([&] {
    ROOT::RNTupleWriteOptions options;
    options.SetCompression(lz4_level_1);
    options.SetApproxZippedClusterSize(cluster_bytes);
    options.SetPageBufferBudget(page_budget);
    options.SetWriteBufferSize(write_buffer);
    impl_->writer = ROOT::RNTupleWriter::Recreate(
        make_model(), shard_ntuple, plain_name(impl_->output->partial_path()), options);
    impl_->entry = impl_->writer->GetModel().CreateBareEntry();
  });
}

ShardWriter::~ShardWriter() {
  if (impl_->writer == nullptr) return;
  const RootMessages messages;
  impl_->entry.reset();
  try {
    impl_->writer.reset();
  } catch (const std::exception&) {  // the file goes anyway
  }
}

void ShardWriter::write(const core::Event& event) {
  core::check_consistency(
      event, impl_->path.string() + ", event " + std::to_string(impl_->writer->GetNEntries()));
  offsets_to_lengths(event.buckets, impl_->lists);
  impl_->guarded([&] {
    impl_->bind(event);
    impl_->writer->Fill(*impl_->entry);
  });
}

void ShardWriter::complete() {
  if (impl_->writer == nullptr) return;
  // Explicit, because the destructor of the writer would commit too, but could not report a
  // failure.
  impl_->guarded([&] { impl_->writer->CommitDataset(); });
  impl_->entry.reset();
  impl_->guarded([&] { impl_->writer.reset(); });
}

void ShardWriter::close() {
  complete();
  if (impl_->output) impl_->output->publish();
  impl_->output.reset();
}

}  // namespace stationhit::root_io
