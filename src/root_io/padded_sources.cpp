#include "padded_sources.hpp"

#include <algorithm>
#include <optional>

namespace stationhit::root_io {
namespace {

using hdf5_io::PaddedFile;
using hdf5_io::PaddedTable;

struct ColumnPlace {
  PaddedTable table;
  std::size_t column;
};

std::optional<ColumnPlace> find_place(const PaddedFile& file, const std::string& name) {
  for (const PaddedTable table : {PaddedTable::hits, PaddedTable::tracks}) {
    const std::vector<std::string>& columns = file.columns(table);
    const auto found = std::ranges::find(columns, name);
    if (found != columns.end())
      return ColumnPlace{table, static_cast<std::size_t>(found - columns.begin())};
  }
  return std::nullopt;
}

class PaddedVector final : public ColumnSource<std::vector<float>> {
 public:
  PaddedVector(PaddedFile& file, ColumnPlace place, std::string name)
      : file_(&file), place_(place), name_(std::move(name)) {}
  std::vector<float>& load(long long entry, const RootMessages&, const std::string&) override {
    return file_->read(place_.table, place_.column, static_cast<std::uint64_t>(entry));
  }
  [[nodiscard]] std::string name() const override { return "column " + name_; }

 private:
  PaddedFile* file_;
  ColumnPlace place_;
  std::string name_;
};

class PaddedEventNumber final : public ColumnSource<Number> {
 public:
  explicit PaddedEventNumber(PaddedFile& file) : file_(&file) {}
  Number& load(long long entry, const RootMessages&, const std::string&) override {
    number_ = file_->event_number(static_cast<std::uint64_t>(entry));
    return number_;
  }
  [[nodiscard]] std::string name() const override { return "dataset event_numbers"; }

 private:
  PaddedFile* file_;
  Number number_;
};

}  // namespace

bool has_padded_column(const PaddedFile& file, const std::string& name) {
  return name == event_number_column ? file.has_event_numbers()
                                     : find_place(file, name).has_value();
}

SourcePtr<std::vector<float>> make_padded_vector(PaddedFile& file, const std::string& name) {
  const auto place = find_place(file, name);
  return place ? std::make_unique<PaddedVector>(file, *place, name) : nullptr;
}

SourcePtr<Number> make_padded_number(PaddedFile& file, const std::string& name) {
  if (name != event_number_column || !file.has_event_numbers()) return nullptr;
  return std::make_unique<PaddedEventNumber>(file);
}

}  // namespace stationhit::root_io
