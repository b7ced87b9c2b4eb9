// Every column of a shard has its own checksum over the values of all events in order, each event
// preceded by its length. The visit below is the single list of columns: writer and reader go
// through it, so a new column is covered at once.
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/hashing.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/data/checksums.hpp>
#include <stationhit/data/prepared_split.hpp>

namespace stationhit::data {

struct ColumnHasher::State {
  // Name and running checksum of one column; all columns are hashed side by side in one pass over
  // the events.
  struct Column {
    std::string name;
    core::Hasher hasher;
  };
  std::vector<Column> columns;  // in the order of visit()

  // Calls add(column name, values of one event) for every column, always in the same order.
  template <class Add>
  static void visit(const core::Event& event, Add&& add) {
    const core::EventHeader& header = event.header;
    add("runNumber", std::span(&header.run_number, 1));
    add("eventNumber", std::span(&header.event_number, 1));
    add("lbNumber", std::span(&header.lb_number, 1));
    add("bcid", std::span(&header.bcid, 1));
    add("mcChannelNumber", std::span(&header.mc_channel_number, 1));
    add("mcEventWeight", std::span(&header.mc_event_weight, 1));
    // Names are those of the branches of the ntuple, so that a message about a damaged column is
    // understood by those who know the files.
    const auto table = [&](const std::string& prefix, const auto& rows) {
      return [&add, prefix, &rows](const char* column, auto member) {
        add(prefix + column, std::span(rows.*member));
      };
    };
    core::for_each_hit_column(table("spacePoint_", event.hits));
    core::for_each_muon_column(table("truthMuon_", event.muons));
    core::for_each_bucket_column(table("bucket_", event.buckets));
    // Offsets may be absent where there is no bucket; the ends of the lists say the same and exist
    // in both cases.
    const std::span offsets(event.buckets.offsets);
    add("bucket_ends", offsets.empty() ? offsets : offsets.subspan(1));
    add("bucket_spacePoints", std::span(event.buckets.hits));
  }
};

ColumnHasher::ColumnHasher() : state_(std::make_unique<State>()) {
  // An empty event is enough to learn the names of the columns.
  State::visit(core::Event{}, [&](const std::string& column, auto) {
    state_->columns.push_back({column, core::Hasher{}});
  });
}
ColumnHasher::~ColumnHasher() = default;
ColumnHasher::ColumnHasher(ColumnHasher&&) noexcept = default;
ColumnHasher& ColumnHasher::operator=(ColumnHasher&&) noexcept = default;

void ColumnHasher::add(const core::Event& event) {
  auto column = state_->columns.begin();
  State::visit(event, [&](const std::string&, auto values) {
    // Without the length, a value could move from one event to the next unnoticed.
    column->hasher.add(std::uint64_t{values.size()});
    column->hasher.add(std::as_bytes(values));
    ++column;
  });
}

Checksums ColumnHasher::digest() const {
  Checksums result;
  for (const State::Column& column : state_->columns) result[column.name] = column.hasher.hex();
  return result;
}

void compare_checksums(const Checksums& expected, const Checksums& actual,
                       const std::string& file) {
  std::vector<std::string> different;
  for (const auto& [column, checksum] : expected) {
    const auto found = actual.find(column);
    if (found == actual.end() || found->second != checksum) different.push_back(column);
  }
  if (different.empty() && expected.size() == actual.size()) return;
  throw core::DataError(file +
                        ": the content differs from the checksums of the manifest (columns " +
                        core::join(different) + "); the shard is damaged" + make_shards_again);
}

}  // namespace stationhit::data
