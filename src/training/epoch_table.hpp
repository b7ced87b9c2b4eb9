// A CSV file of a run directory that grows by the rows of an epoch and fits its checkpoints also
// where a training was killed. Free of Torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace stationhit::training {

class EpochTable {
 public:
  // header: names of the columns, without the first, which is "epoch".
  EpochTable(std::filesystem::path file, const std::string& header);

  // Takes the rows of the epochs up to `epoch` from the file. They are left out if it is missing or
  // has other columns.
  void continue_after(std::int32_t epoch);
  // values: those of the columns behind the epoch, separated by commas.
  void add(std::int32_t epoch, const std::string& values);
  void save() const;

 private:
  std::filesystem::path file_;
  std::string header_, rows_;
};

// A value of such a file: nine digits, which identify a float32.
[[nodiscard]] std::string csv_number(double value);

}  // namespace stationhit::training
