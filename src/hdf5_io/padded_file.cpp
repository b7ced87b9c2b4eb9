// Chunks of compressed files hold a part of many events, so events are read in blocks of as many,
// and each chunk is decompressed once. An event is then taken out of its block column by column.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/hdf5_io/padded_file.hpp>

#include "hdf5_dataset.hpp"

namespace stationhit::hdf5_io {
namespace {

constexpr std::uint64_t usual_block_bytes = std::uint64_t{64} << 20U;
// An event of 3 million hits. A damaged shape must not make the program take all memory.
constexpr std::uint64_t largest_event_bytes = std::uint64_t{256} << 20U;
constexpr std::uint64_t rows_of_block_without_chunks = 16;
constexpr std::uint64_t numbers_per_block = 65536;
constexpr std::uint64_t nothing = std::numeric_limits<std::uint64_t>::max();

std::string place_of(const std::string& path, std::uint64_t event) {
  return path + ", entry " + std::to_string(event);
}

// One integer per event.
class NumberPerEvent {
 public:
  NumberPerEvent(Dataset dataset, std::string path)
      : dataset_(std::move(dataset)), path_(std::move(path)) {}

  [[nodiscard]] std::int64_t at(std::uint64_t event) {
    if (event < first_ || event - first_ >= values_.size()) load(event);
    return values_[event - first_];
  }

 private:
  void load(std::uint64_t event) {
    first_ = event / numbers_per_block * numbers_per_block;
    const LibraryLock lock;
    values_.resize(std::min(numbers_per_block, dataset_.shape().front() - first_));
    dataset_.read(first_, values_.size(), values_, path_);
  }

  Dataset dataset_;
  std::string path_;
  std::uint64_t first_ = 0;
  std::vector<std::int64_t> values_;
};

struct Table {
  Dataset values;
  std::vector<std::string> columns = {};
  std::optional<NumberPerEvent> counts = {};
  std::string counts_name = {};

  std::uint64_t block_events = 1;
  std::uint64_t block_first = 0;
  std::vector<float> block = {};
  std::uint64_t event = nothing;  // of `current`
  std::vector<std::vector<float>> current = {};

  [[nodiscard]] std::uint64_t rows() const { return values.shape()[1]; }
  [[nodiscard]] std::uint64_t width() const { return values.shape()[2]; }
  [[nodiscard]] std::uint64_t event_values() const { return rows() * width(); }
  void set_block_size();
  void take(std::uint64_t wanted, const std::string& path);
  [[nodiscard]] const float* find(std::uint64_t wanted, const std::string& path);
  [[nodiscard]] std::uint64_t count_rows(const float* begin, std::uint64_t wanted,
                                         const std::string& path);
};

void Table::set_block_size() {
  const std::uint64_t event_bytes = std::max<std::uint64_t>(1, event_values() * sizeof(float));
  const std::uint64_t chunk = values.rows_per_chunk();
  block_events = std::clamp<std::uint64_t>(usual_block_bytes / event_bytes, 1,
                                           chunk > 0 ? chunk : rows_of_block_without_chunks);
}

// The first of its values.
const float* Table::find(std::uint64_t wanted, const std::string& path) {
  const std::uint64_t first = wanted / block_events * block_events;
  if (block.empty() || first != block_first) {
    const LibraryLock lock;
    const std::uint64_t n = std::min(block_events, values.shape().front() - first);
    block.resize(n * event_values());
    block_first = first;
    // A failure must not leave the values of another block.
    event = nothing;
    if (!block.empty()) values.read(first, n, block, path);
  }
  return block.data() + (wanted - first) * event_values();
}

std::uint64_t Table::count_rows(const float* begin, std::uint64_t wanted, const std::string& path) {
  const auto is_padding = [](float value) { return std::isnan(value); };
  std::uint64_t n = 0;
  if (counts) {
    const std::int64_t count = counts->at(wanted);
    if (count < 0 || static_cast<std::uint64_t>(count) > rows())
      throw core::DataError(place_of(path, wanted) + ": " + counts_name + " is " +
                            std::to_string(count) + ", but " + values.name() +
                            " has room for 0 to " + std::to_string(rows()) +
                            "; the number has overflowed where it was written, or the file is "
                            "damaged: recreate it");
    n = static_cast<std::uint64_t>(count);
  } else {
    while (n < rows() && !std::all_of(begin + n * width(), begin + (n + 1) * width(), is_padding))
      ++n;
  }
  const float* padding = begin + n * width();
  const float* end = begin + event_values();
  const float* value = std::find_if_not(padding, end, is_padding);
  if (value != end) {
    const auto at = static_cast<std::uint64_t>(value - begin);
    throw core::DataError(place_of(path, wanted) + ": " + values.name() + " has " +
                          std::to_string(n) + " rows" + (counts ? " (" + counts_name + ")" : "") +
                          ", but row " + std::to_string(at / width()) + " holds " +
                          columns[at % width()] + " = " + core::to_text(*value) +
                          " where NaN is expected; recreate the file");
  }
  return n;
}

void Table::take(std::uint64_t wanted, const std::string& path) {
  if (event == wanted) return;
  event = nothing;
  const float* begin = find(wanted, path);
  const std::uint64_t n = count_rows(begin, wanted, path);
  current.resize(width());
  for (std::uint64_t column = 0; column < width(); ++column) {
    std::vector<float>& taken = current[column];
    taken.resize(n);
    for (std::uint64_t row = 0; row < n; ++row) taken[row] = begin[row * width() + column];
  }
  event = wanted;
}

class Opening {
 public:
  explicit Opening(const std::filesystem::path& path)
      : path_(path.string()), file_(open_file(path)), size_(std::filesystem::file_size(path)) {}

  // Nothing if the file has no such table.
  [[nodiscard]] std::optional<Table> open_table(const std::string& name, const std::string& counts,
                                                const std::string& attribute,
                                                std::span<const std::string> standard) {
    auto values = Dataset::find(file_, name, path_);
    if (!values) return std::nullopt;
    require_table(*values);
    Table table{.values = std::move(*values)};
    table.columns = name_columns(table, attribute, standard);
    table.counts_name = counts;
    table.counts = open_numbers(counts);
    table.set_block_size();
    return table;
  }

  [[nodiscard]] std::optional<NumberPerEvent> open_numbers(const std::string& name) {
    auto numbers = Dataset::find(file_, name, path_);
    if (!numbers) return std::nullopt;
    if (!numbers->is_integer() || numbers->shape() != std::vector{*events_})
      refuse(*numbers, "integers [" + std::to_string(*events_) + "]");
    return NumberPerEvent(std::move(*numbers), path_);
  }

  [[noreturn]] void refuse_without_hits() const {
    throw core::DataError(path_ +
                          ": HDF5 file without a dataset hits [events, most hits, columns]; only "
                          "hits as padded arrays are read (inspect shows what the file has)");
  }

 private:
  void require_table(const Dataset& table) {
    if (!table.is_floating() || table.shape().size() != 3)
      refuse(table, "floating point numbers [events, rows, columns]");
    const std::uint64_t events = table.shape()[0], rows = table.shape()[1],
                        width = table.shape()[2];
    if (width == 0 || rows > largest_event_bytes / sizeof(float) / width)
      refuse(table, "at most " + std::to_string(largest_event_bytes >> 20U) +
                        " MiB for an event and at least one column");
    // No file holds more events than its bytes can say, also if they are compressed.
    constexpr std::uint64_t best_compression = 1100;
    if (events / best_compression > size_)
      refuse(table, "fewer events in a file of " + std::to_string(size_) + " bytes");
    if (events_ && events != *events_)
      refuse(table, std::to_string(*events_) + " events as in hits");
    events_ = events;
  }

  [[nodiscard]] std::vector<std::string> name_columns(const Table& table,
                                                      const std::string& attribute,
                                                      std::span<const std::string> standard) const {
    auto names = read_texts(file_, attribute, path_);
    const bool is_standard = !names;
    if (is_standard) names.emplace(standard.begin(), standard.end());
    if (names->size() != table.width())
      refuse(table.values, std::to_string(names->size()) + " columns (" +
                               (is_standard ? "those of the layout; other ones are named by the "
                                              "attribute " +
                                                  attribute
                                            : "as many names are in the attribute " + attribute) +
                               ")");
    for (auto name = names->begin(); name != names->end(); ++name)
      if (std::find(names->begin(), name, *name) != name)
        throw core::DataError(path_ + ": the attribute " + attribute + " names " + *name +
                              " twice; write it with each name once");
    return std::move(*names);
  }

  [[noreturn]] void refuse(const Dataset& dataset, const std::string& expected) const {
    throw core::DataError(path_ + ": " + dataset.name() + " is " + dataset.type_text() + " " +
                          dataset.shape_text() + ", expected " + expected +
                          "; check that the file is complete and has hits as padded arrays");
  }

  std::string path_;
  Handle file_;
  std::uint64_t size_;
  std::optional<std::uint64_t> events_;
};

}  // namespace

// Closed under the lock, like everything of the library.
struct PaddedFile::Impl {
  std::string path;
  std::optional<Table> hits, tracks;
  std::optional<NumberPerEvent> event_numbers;
  std::vector<std::string> no_columns = {};

  [[nodiscard]] std::optional<Table>& table(PaddedTable which) {
    return which == PaddedTable::hits ? hits : tracks;
  }
};

PaddedFile::PaddedFile(const std::filesystem::path& path) {
  const LibraryLock lock;
  Opening opening(path);
  auto hits = opening.open_table("hits", "num_hits", "hit_features", standard_hit_columns());
  if (!hits) opening.refuse_without_hits();
  auto tracks =
      opening.open_table("tracks", "num_tracks", "track_features", standard_muon_columns());
  impl_ = std::make_unique<Impl>(Impl{.path = path.string(),
                                      .hits = std::move(hits),
                                      .tracks = std::move(tracks),
                                      .event_numbers = opening.open_numbers("event_numbers")});
}

PaddedFile::~PaddedFile() {
  const LibraryLock lock;
  impl_.reset();
}

std::uint64_t PaddedFile::events() const { return impl_->hits->values.shape().front(); }

const std::vector<std::string>& PaddedFile::columns(PaddedTable table) const {
  const std::optional<Table>& found = impl_->table(table);
  return found ? found->columns : impl_->no_columns;
}

bool PaddedFile::has_event_numbers() const { return impl_->event_numbers.has_value(); }

std::uint64_t PaddedFile::buffer_bytes() const {
  std::uint64_t values = 0;
  for (const auto* table : {&impl_->hits, &impl_->tracks})
    if (*table) values += ((*table)->block_events + 1) * (*table)->event_values();
  return values * sizeof(float);
}

std::vector<float>& PaddedFile::read(PaddedTable table, std::size_t column, std::uint64_t event) {
  Table& found = *impl_->table(table);
  found.take(event, impl_->path);
  return found.current[column];
}

std::uint64_t PaddedFile::event_number(std::uint64_t event) {
  const std::int64_t number = impl_->event_numbers->at(event);
  if (number < 0)
    throw core::DataError(place_of(impl_->path, event) + ": event_numbers is " +
                          std::to_string(number) +
                          "; it has overflowed where it was written: recreate the file with wider "
                          "numbers");
  return static_cast<std::uint64_t>(number);
}

}  // namespace stationhit::hdf5_io
