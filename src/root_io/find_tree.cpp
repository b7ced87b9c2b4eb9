// The class of an object is read from its key before the object itself: ROOT crashes when an object
// that is no TObject, such as an RNTuple, is asked for as one.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <TClass.h>
#include <TDirectory.h>
#include <TKey.h>
#include <TList.h>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/core/text.hpp>

#include "baskets.hpp"
#include "root_session.hpp"

namespace stationhit::root_io {
namespace {

constexpr int deepest_folder = 8;  // a damaged folder may contain itself
constexpr std::size_t most_listed = 20;

bool is_a(const TKey& key, const char* base) {
  const TClass* type = TClass::GetClass(key.GetClassName(), true, true);
  return type != nullptr && type->InheritsFrom(base);
}

bool is_tree(const TKey& key) { return is_a(key, "TTree") && !is_a(key, "TChain"); }
bool is_ntuple(const TKey& key) { return std::string_view(key.GetClassName()) == "ROOT::RNTuple"; }

std::string class_in_words(const TKey& key) {
  return is_ntuple(key) ? "an RNTuple" : std::string("a ") + key.GetClassName();
}

struct Listing {
  std::vector<std::string> trees;   // and RNTuples, with their folders
  std::vector<std::string> others;  // with their classes
};

void add_names(TDirectory& folder, const std::string& prefix, int depth, Listing& listing) {
  for (TObject* object : *folder.GetListOfKeys()) {
    const auto& key = static_cast<const TKey&>(*object);
    const std::string name = prefix + key.GetName();
    if (is_a(key, "TDirectory")) {
      TDirectory* inner = depth < deepest_folder ? folder.GetDirectory(key.GetName()) : nullptr;
      if (inner != nullptr && inner != &folder) add_names(*inner, name + "/", depth + 1, listing);
      continue;
    }
    const bool may_hold_hits = is_tree(key) || is_ntuple(key);
    auto& names = may_hold_hits ? listing.trees : listing.others;
    const std::string entry = may_hold_hits ? name : name + " (" + key.GetClassName() + ")";
    // ROOT keeps earlier versions of an object under the same name.
    if (names.size() < most_listed && std::find(names.begin(), names.end(), entry) == names.end())
      names.push_back(entry);
  }
}

// "folder/name;cycle"; nullptr if there is no such key.
TKey* find_key(TFile& file, const std::string& path) {
  const std::size_t slash = path.rfind('/');
  TDirectory* folder =
      slash == std::string::npos ? &file : file.GetDirectory(path.substr(0, slash).c_str());
  if (folder == nullptr) return nullptr;
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::size_t end = name.rfind(';');
  const auto cycle = end == std::string::npos
                         ? std::nullopt
                         : core::parse_number<std::uint16_t>(name.substr(end + 1));
  if (!cycle) return folder->GetKey(name.c_str());
  return folder->GetKey(name.substr(0, end).c_str(), static_cast<Short_t>(*cycle));
}

[[noreturn]] void throw_missing(TFile& file, const std::string& name) {
  Listing listing;
  add_names(file, "", 0, listing);
  const std::string start = std::string(file.GetName()) + ": no tree " + name;
  if (!listing.trees.empty())
    throw core::DataError(start + "; the file has: " + core::join(listing.trees) +
                          " (--tree names the one with the hits)");
  if (!listing.others.empty())
    throw core::DataError(
        start + ", and no other tree either; the file has: " + core::join(listing.others));
  throw core::DataError(start + ", and no other tree either");
}

void require_tree(const TFile& file, const TKey& key, const std::string& name) {
  if (is_tree(key)) return;
  const std::string start = std::string(file.GetName()) + ": " + name + " is " +
                            class_in_words(key) + ", but a TTree is needed: ";
  if (is_a(key, "TChain"))
    throw core::DataError(start + "a TChain only lists other files, so give those");
  throw core::DataError(start + "name one with --tree or write the hits as a TTree");
}

}  // namespace

bool is_ntuple(TFile& file, const std::string& name) {
  const RootMessages messages;
  const TKey* key = find_key(file, name);
  return key != nullptr && is_ntuple(*key);
}

TTree& get_tree(TFile& file, const std::string& name) {
  const core::CrashNote note(std::string(file.GetName()) + ", tree " + name,
                             longest_reading_of_header);
  const RootMessages messages;
  TKey* key = find_key(file, name);
  if (key == nullptr) throw_missing(file, name);
  require_tree(file, *key, name);
  auto* tree = dynamic_cast<TTree*>(static_cast<TObject*>(file.Get(name.c_str())));
  if (tree == nullptr || !messages.error().empty())
    throw core::DataError(std::string(file.GetName()) + ": tree " + name +
                          " is damaged; copy the file again (ROOT: " + messages.error() + ")");
  // Friends are trees in other files, by names relative to wherever the program runs. Every event
  // must be complete in its own tree, so they are left alone.
  if (tree->GetListOfFriends() != nullptr) tree->GetListOfFriends()->Delete();
  check_basket_lists(*tree, file.GetName());
  return *tree;
}

}  // namespace stationhit::root_io
