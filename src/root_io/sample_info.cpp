// The user information of a tree is a list of named texts. It is copied together with the tree, so
// scored and filtered files keep the origin of their sample. An RNTuple has no such list; texts of
// the same names may stand beside it in the file.
#include "sample_info.hpp"

#include <optional>

#include <TKey.h>
#include <TList.h>
#include <TNamed.h>
#include <TObjString.h>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/file_kind.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

#include "root_session.hpp"

namespace stationhit::root_io {
namespace {

constexpr const char* origin_name = "sample_origin";
constexpr const char* mu_name = "sample_mu";  // one entry per value
constexpr const char* events_name = "sample_events";

void add(TTree& tree, const char* name, const std::string& value) {
  tree.GetUserInfo()->Add(new TNamed(name, value.c_str()));
}

double parse_number(const TObject& entry, const std::string& where) {
  const std::string text = entry.GetTitle();
  if (const auto value = core::parse_number<double>(text)) return *value;
  throw core::DataError(where + ": its user information " + entry.GetName() + " is \"" + text +
                        "\", not a number; the file is damaged, make it again");
}

// Empty without such a text: a TNamed, or the TObjString that uproot makes of a text.
std::string text_beside(TFile& file, const char* name) {
  const TKey* key = file.GetKey(name);
  if (key == nullptr) return "";
  const std::string type = key->GetClassName();
  if (type != "TNamed" && type != "TObjString") return "";
  const std::unique_ptr<TObject> object(file.Get(name));
  if (object == nullptr) return "";
  return type == "TNamed" ? object->GetTitle() : object->GetName();
}

core::SampleInfo read_texts_beside(TFile& file, const std::string& where) {
  core::SampleInfo sample{text_beside(file, origin_name), {}};
  const std::string mu = text_beside(file, mu_name);
  if (!mu.empty()) sample.mu.push_back(parse_number(TNamed(mu_name, mu.c_str()), where));
  return sample;
}

}  // namespace

void add_sample_info(TTree& tree, const core::SampleInfo& sample) {
  if (!sample.origin.empty()) add(tree, origin_name, sample.origin);
  // A list with several entries of one name is allowed and keeps the numbers as they are.
  for (const double mu : sample.mu) add(tree, mu_name, core::to_text(mu));
}

void add_sample_size(TTree& tree, std::uint64_t events) {
  add(tree, events_name, std::to_string(events));
}

core::SampleInfo read_sample_info(const std::filesystem::path& file, const std::string& tree_name,
                                  core::UnfinishedFiles unfinished) {
  if (core::is_of_kind(file, core::FileKind::hdf5)) return {};
  const core::CrashNote note(file.string());
  const std::unique_ptr<TFile> opened = open_file(file, unfinished);
  if (is_ntuple(*opened, tree_name)) return read_texts_beside(*opened, file.string());
  TTree& tree = get_tree(*opened, tree_name);
  core::SampleInfo sample;
  std::optional<double> described;  // events of which the information speaks
  for (const TObject* object : *tree.GetUserInfo()) {
    const std::string name = object->GetName();
    if (name == origin_name) sample.origin = object->GetTitle();
    if (name == mu_name) sample.mu.push_back(parse_number(*object, file.string()));
    if (name == events_name) described = parse_number(*object, file.string());
  }
  // hadd keeps the information of its first file only: what the further events are is unknown.
  if (described && static_cast<double>(tree.GetEntries()) > *described) sample.mu.clear();
  return sample;
}

}  // namespace stationhit::root_io
