// prepare.damaged: input files that turned out to be damaged while their events were read. Whoever
// makes the set, or a piece of it, reads it before everything else, so that all of them leave out
// the same files.
#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include <stationhit/data/inputs.hpp>

namespace stationhit::data {

struct DamagedFile {
  std::string name, checksum;  // InputFile
  std::string reason;          // names path, entry and branch
};

// nullptr if the file is not among them.
[[nodiscard]] const DamagedFile* find_damaged(const std::vector<DamagedFile>& damaged,
                                              const std::string& name, const std::string& checksum);

// Thread-safe.
class DamageRecord {
 public:
  // Reads what is known in the folder: by the record, or by the manifest of a finished set. Throws
  // DataError for a damaged record.
  explicit DamageRecord(const std::filesystem::path& folder);

  [[nodiscard]] std::vector<DamagedFile> known() const;
  // Adds files and writes the record. Throws DataError (disk full).
  void add(const std::vector<DamagedFile>& found);
  // Whether other programs have added files since; these are known then.
  [[nodiscard]] bool read_again();
  void remove();

 private:
  void merge(const std::vector<DamagedFile>& found);

  std::filesystem::path path_;
  mutable std::mutex mutex_;
  std::vector<DamagedFile> known_;
};

}  // namespace stationhit::data
