// The whole file is written after every epoch and before checkpoints/last: it may be ahead of the
// checkpoint by one epoch, whose rows a continued training leaves out, but never behind it.
#include "epoch_table.hpp"

#include <array>
#include <cstdio>
#include <optional>
#include <sstream>
#include <utility>

#include <stationhit/core/files.hpp>
#include <stationhit/core/numbers.hpp>

namespace stationhit::training {
namespace {

std::optional<std::int32_t> epoch_of(const std::string& row) {
  return core::parse_number<std::int32_t>(row.substr(0, row.find(',')));
}

}  // namespace

EpochTable::EpochTable(std::filesystem::path file, const std::string& header)
    : file_(std::move(file)), header_("epoch," + header) {}

void EpochTable::continue_after(std::int32_t epoch) {
  if (!std::filesystem::exists(file_)) return;
  std::istringstream text(core::read_text_file(file_));
  std::string row;
  if (!std::getline(text, row) || row != header_) return;
  while (std::getline(text, row)) {
    const auto number = epoch_of(row);
    if (number && *number <= epoch) (rows_ += row) += '\n';
  }
}

void EpochTable::add(std::int32_t epoch, const std::string& values) {
  ((rows_ += std::to_string(epoch)) += ',') += values;
  rows_ += '\n';
}

void EpochTable::save() const { core::write_text_file(file_, header_ + "\n" + rows_); }

std::string csv_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.9g", value);
  return text.data();
}

}  // namespace stationhit::training
