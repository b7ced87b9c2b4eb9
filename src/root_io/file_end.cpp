// Bytes behind the end that the header names are of two kinds. After objects were deleted from the
// end of a file, they are a rest of no meaning: a gap, which begins with a negative length, or the
// middle of an old record. After a writer has died they are records, and a record says where it is.
#include "file_end.hpp"

#include <array>
#include <cstdint>
#include <string>

#include <Bytes.h>
#include <TKey.h>
#include <TTree.h>

#include <stationhit/core/errors.hpp>

#include "root_session.hpp"

namespace stationhit::root_io {
namespace {

// Length, version, object length, date, key length, cycle, position (8 bytes if version > 1000).
struct Record {
  Int_t bytes = 0;
  Short_t version = 0;
  Long64_t position = 0;
};

Record read_record(TFile& file, Long64_t at) {
  std::array<char, 26> bytes{};
  if (file.GetSize() - at < static_cast<Long64_t>(bytes.size())) return {};
  file.Seek(at);
  if (file.ReadBuffer(bytes.data(), static_cast<Int_t>(bytes.size()))) return {};
  Record record;
  char* next = bytes.data();
  frombuf(next, &record.bytes);
  frombuf(next, &record.version);
  next += 12;
  if (record.version > 1000) {
    frombuf(next, &record.position);
  } else {
    Int_t position = 0;
    frombuf(next, &position);
    record.position = position;
  }
  return record;
}

std::string count_events(TFile& file) {
  for (TObject* object : *file.GetListOfKeys()) {
    const auto& key = static_cast<const TKey&>(*object);
    if (std::string(key.GetClassName()) != "TTree") continue;
    return std::string("its tree ") + key.GetName() + " shows " +
           std::to_string(get_tree(file, key.GetName()).GetEntries()) + " events, ";
  }
  return "";
}

}  // namespace

bool is_unfinished(TFile& file) {
  const Long64_t end = file.GetEND();
  if (end >= file.GetSize()) return false;
  const Record record = read_record(file, end);
  return record.bytes > 0 && record.position == end;
}

void throw_unfinished(TFile& file, const std::filesystem::path& path) {
  throw core::DataError(path.string() +
                        ": the ROOT file is truncated or was not closed; copy it again or recreate "
                        "it: " +
                        count_events(file) + "later ones are lost (`hadd NEW.root " +
                        path.string() + "` makes a file of what it shows)");
}

}  // namespace stationhit::root_io
