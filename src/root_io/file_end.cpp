// Bytes behind the end that the header names are of two kinds. After objects were deleted from the
// end of a file, they are a rest of no meaning: a gap, which begins with a negative length, or the
// middle of an old record. After a writer has died they are records, and a record says where it is.
#include "file_end.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include <TKey.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/input_files.hpp>

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

// Where the bytes begin that the tree does not know of. A recovered file has no end of its own, but
// all baskets of a tree were written before the tree.
Long64_t end_of_known(TFile& file, const TTree& tree) {
  if (!file.TestBit(TFile::kRecovered) || tree.GetDirectory() == nullptr) return file.GetEND();
  const TKey* key = tree.GetDirectory()->GetKey(tree.GetName());
  return key == nullptr ? file.GetEND() : key->GetSeekKey() + key->GetNbytes();
}

}  // namespace

bool is_unfinished(TFile& file) {
  const Long64_t end = file.GetEND();
  if (end >= file.GetSize()) return false;
  const KeyHead record = read_record(file, end);
  return record.bytes > 0 && record.position == end;
}

bool lacks_events(TFile& file) { return file.TestBit(TFile::kRecovered) || is_unfinished(file); }

std::optional<core::UnfinishedFile> find_loss(TFile& file, TTree& tree) {
  if (!lacks_events(file)) return std::nullopt;
  const Long64_t behind = std::max<Long64_t>(file.GetSize() - end_of_known(file, tree), 0);
  return core::UnfinishedFile{core::file_name(file.GetName()),
                              static_cast<std::uint64_t>(tree.GetEntries()),
                              static_cast<std::uint64_t>(behind)};
}

std::string describe_rest(TFile& file, const std::filesystem::path& path) try {
  for (TObject* object : *file.GetListOfKeys()) {
    const auto& key = static_cast<const TKey&>(*object);
    if (std::string(key.GetClassName()) != "TTree") continue;
    return std::string("its tree ") + key.GetName() + " shows " +
           std::to_string(get_tree(file, key.GetName()).GetEntries()) +
           " events, later ones are lost (--allow-unfinished reads these; `hadd NEW.root " +
           path.string() + "` makes a file of them)";
  }
  return "";
} catch (const core::DataError&) {  // the tree is damaged
  return "";
}

}  // namespace stationhit::root_io
