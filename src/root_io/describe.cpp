#include <cstring>
#include <set>

#include <ROOT/RNTupleReader.hxx>
#include <TKey.h>

#include <stationhit/root_io/describe.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/score_file.hpp>

#include "branch_columns.hpp"
#include "root_session.hpp"

namespace stationhit::root_io {
namespace {

constexpr const char* shard_ntuple = "events";

ObjectDescription describe_tree(TFile& file, const std::string& name) {
  TTree& tree = get_tree(file, name);
  ObjectDescription description{name, "TTree", static_cast<std::uint64_t>(tree.GetEntries()), {}};
  for (TObject* object : *tree.GetListOfBranches()) {
    auto& branch = static_cast<TBranch&>(*object);
    description.columns.push_back({branch.GetName(), branch_type_name(branch)});
  }
  return description;
}

ObjectDescription describe_ntuple(const std::filesystem::path& path, const std::string& name) {
  const auto reader = ROOT::RNTupleReader::Open(name, path.string());
  ObjectDescription description{name, "RNTuple", reader->GetNEntries(), {}};
  const auto& descriptor = reader->GetDescriptor();
  for (const auto& field : descriptor.GetTopLevelFields()) description.columns.push_back({field.GetFieldName(), field.GetTypeName()});
  return description;
}

std::string kind_of(const std::vector<ObjectDescription>& objects) {
  for (const ObjectDescription& object : objects) {
    if (object.kind == "TTree" && object.name == default_tree) return "hit ntuple";
    if (object.kind == "RNTuple" && object.name == shard_ntuple) return "prepared shard";
    if (object.kind == "TTree" && object.name == scores_tree) return "scores";
  }
  return "ROOT file";
}

}  // namespace

RootFileDescription describe(const std::filesystem::path& path) {
  const std::unique_ptr<TFile> file = open_file(path);
  RootFileDescription description;
  description.bytes = static_cast<std::uint64_t>(file->GetSize());
  std::set<std::string> seen;  // a tree can have several cycles of its key
  for (TObject* object : *file->GetListOfKeys()) {
    const auto& key = static_cast<const TKey&>(*object);
    const std::string name = key.GetName();
    if (!seen.insert(name).second) continue;
    if (std::strcmp(key.GetClassName(), "TTree") == 0) {
      description.objects.push_back(describe_tree(*file, name));
    } else if (std::strstr(key.GetClassName(), "RNTuple") != nullptr) {
      description.objects.push_back(describe_ntuple(path, name));
    } else {
      description.objects.push_back({name, key.GetClassName(), 0, {}});
    }
  }
  description.kind = kind_of(description.objects);
  return description;
}

}  // namespace stationhit::root_io
