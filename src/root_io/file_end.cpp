// Bytes behind the end that the header names are of two kinds. After objects were deleted from the
// end of a file, they are a rest of no meaning: a gap, which begins with a negative length, or the
// middle of an old record. After a writer has died they are records, and a record says where it is.
#include "file_end.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

#include <TKey.h>
#include <TTree.h>

#include <stationhit/core/errors.hpp>

#include "record_bytes.hpp"
#include "root_session.hpp"

namespace stationhit::root_io {
namespace {

KeyHead read_record(TFile& file, Long64_t at) {
  std::array<char, longest_key_head> bytes{};
  const Long64_t length = std::min<Long64_t>(file.GetSize() - at, std::ssize(bytes));
  file.Seek(at);
  if (file.ReadBuffer(bytes.data(), static_cast<Int_t>(length))) return {};
  RecordBytes reader({bytes.data(), static_cast<std::size_t>(length)});
  const KeyHead head = read_key_head(reader);
  return reader.failed() ? KeyHead{} : head;
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
  const KeyHead record = read_record(file, end);
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
