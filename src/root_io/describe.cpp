// Only the directory and the headers of the file are read, never the events, so a description is
// quick for files of any size. The kind of a file follows from the names that this project writes.
#include <algorithm>
#include <exception>
#include <string_view>

#include <TKey.h>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/file_kind.hpp>
#include <stationhit/hdf5_io/padded_file.hpp>
#include <stationhit/root_io/describe.hpp>
#include <stationhit/root_io/score_file.hpp>

#include "branch_sources.hpp"
#include "file_end.hpp"
#include "open_ntuple.hpp"
#include "related_trees.hpp"
#include "root_session.hpp"
#include "shard_columns.hpp"

namespace stationhit::root_io {
namespace {

constexpr const char* ntuple_class = "ROOT::RNTuple";

core::ObjectDescription describe_tree(TTree& tree) {
  core::ObjectDescription result{
      tree.GetName(), "TTree", static_cast<std::uint64_t>(tree.GetEntries()), {}};
  for (TObject* object : *tree.GetListOfBranches()) {
    auto& branch = static_cast<TBranch&>(*object);
    result.columns.push_back({branch.GetName(), branch_type_name(branch),
                              static_cast<std::uint64_t>(branch.GetZipBytes("*"))});
  }
  return result;
}

core::ObjectDescription describe_ntuple(TFile& file, const std::string& name) {
  core::ObjectDescription result{name, "RNTuple", 0, {}};
  const std::string failure = failure_of([&] {
    const auto inspector = inspect_ntuple(file, name);
    const auto& descriptor = inspector->GetDescriptor();
    result.entries = descriptor.GetNEntries();
    for (const auto& field : descriptor.GetTopLevelFields()) {
      result.columns.push_back(
          {field.GetFieldName(), field.GetTypeName(),
           inspector->GetFieldTreeInspector(field.GetFieldName()).GetCompressedSize()});
    }
  });
  if (failure.empty()) return result;
  throw core::DataError(std::string(file.GetName()) + ": RNTuple " + name +
                        " is damaged; make the file again (ROOT: " + failure + ")");
}

core::ObjectDescription describe_key(TFile& file, const TKey& key, const std::string& name) {
  const std::string_view type = key.GetClassName();
  if (type == ntuple_class) return describe_ntuple(file, name);
  core::ObjectDescription result{name, std::string(type), 0, {}};
  if (type == "TTree" || type == "TNtuple") result = describe_tree(get_tree(file, name));
  result.name = name;  // with its folders
  return result;
}

// Adds the objects of a folder and of those in it, whose names begin with `prefix`.
void add_objects(TFile& file, TDirectory& folder, const std::string& prefix,
                 std::vector<core::ObjectDescription>& objects) {
  constexpr std::ptrdiff_t deepest = 8;  // a damaged folder may contain itself
  for (TObject* object : *folder.GetListOfKeys()) {
    const auto& key = static_cast<const TKey&>(*object);
    const std::string name = prefix + key.GetName();
    // ROOT keeps earlier versions of an object under the same name; the newest comes first.
    if (std::ranges::find(objects, name, &core::ObjectDescription::name) != objects.end()) continue;
    objects.push_back(describe_key(file, key, name));
    if (std::string_view(key.GetClassName()) != "TDirectoryFile") continue;
    TDirectory* inner =
        std::ranges::count(name, '/') < deepest ? folder.GetDirectory(key.GetName()) : nullptr;
    if (inner != nullptr && inner != &folder) add_objects(file, *inner, name + "/", objects);
  }
}

bool has_column(const core::ObjectDescription& object, std::string_view name) {
  return std::any_of(object.columns.begin(), object.columns.end(),
                     [&](const core::ColumnDescription& column) { return column.name == name; });
}

// The names of the columns are known where the arrays have the layout that is read.
core::RootFileDescription describe_hdf5(const std::filesystem::path& path) {
  const core::CrashNote note(path.string());
  core::RootFileDescription result;
  result.kind = "HDF5 file";
  result.bytes = std::filesystem::file_size(path);
  std::unique_ptr<hdf5_io::PaddedFile> padded;
  try {
    padded = std::make_unique<hdf5_io::PaddedFile>(path);
    result.kind = "hits as padded arrays (HDF5)";
  } catch (const core::DataError& error) {
    result.kind += std::string(" that is not read (") + error.what() + ")";
  }
  for (const hdf5_io::DatasetDescription& dataset : hdf5_io::list_datasets(path)) {
    core::ObjectDescription object{dataset.name, "dataset", 0, {}};
    std::string shape;
    for (const std::uint64_t n : dataset.shape)
      shape.append(shape.empty() ? "" : ", ").append(std::to_string(n));
    if (!dataset.shape.empty()) object.entries = dataset.shape.front();
    object.columns.push_back({"values", dataset.type + " [" + shape + "]", dataset.bytes});
    const bool is_hits = dataset.name == "hits";
    if (padded != nullptr && (is_hits || dataset.name == "tracks"))
      for (const std::string& column :
           padded->columns(is_hits ? hdf5_io::PaddedTable::hits : hdf5_io::PaddedTable::tracks))
        object.columns.push_back({column, dataset.type, 0});
    result.objects.push_back(std::move(object));
  }
  return result;
}

std::string recognize_kind(const std::vector<core::ObjectDescription>& objects) {
  for (const core::ObjectDescription& object : objects) {
    const bool has_hits = has_column(object, "spacePoint_PositionX");
    if (object.kind == "RNTuple" && object.name == shard_ntuple && has_hits)
      return "prepared shard";
    if (has_hits) return "hit ntuple";
    if (object.kind == "TTree" && object.name == scores_tree && has_column(object, "truth_link"))
      return "scores";
    const RelatedTree* related =
        find_related_tree([&](const char* column) { return has_column(object, column); });
    if (related != nullptr)
      return std::string(related->content) + " (" + related->name + "), which can be scored";
  }
  return "ROOT file";
}

}  // namespace

core::RootFileDescription describe(const std::filesystem::path& path,
                                   core::UnfinishedFiles unfinished) {
  if (core::is_of_kind(path, core::FileKind::hdf5)) return describe_hdf5(path);
  const core::CrashNote note(path.string());
  const std::unique_ptr<TFile> file = open_file(path, unfinished);
  const RootMessages messages;
  core::RootFileDescription result;
  result.bytes = static_cast<std::uint64_t>(file->GetSize());
  result.was_closed = !lacks_events(*file);
  add_objects(*file, *file, "", result.objects);
  result.kind = recognize_kind(result.objects);
  return result;
}

}  // namespace stationhit::root_io
